import test from 'ava';
import fc from 'fast-check';
import { asReplicaId } from '../../src/protocol/numbers.js';
import {
  decodeHello,
  decodeHelloAnswer,
  encodeHello,
  encodeHelloAnswer,
  type Hello,
  helloRefusal,
  ownHello,
} from '../../src/wire/hello.js';
import { assertCanonical, assertRobust } from '../support/codecs.js';
import { CLUSTER_ID } from '../support/wire-arbitraries.js';

const cluster = { clusterId: CLUSTER_ID, epoch: 0 };
const expected = { ...cluster, role: 'replica', replicas: 4 } as const;
const hello = ownHello(cluster, asReplicaId(3));
const hellos = { encode: encodeHello, decode: decodeHello };
const answers = { encode: encodeHelloAnswer, decode: decodeHelloAnswer };

test('hellos and their answers come back whole, and no change of their bytes makes a second encoding', (t) => {
  assertRobust(t, hellos, hello);
  assertRobust(t, hellos, ownHello(cluster, null));
  assertRobust(t, answers, { accepted: true, hello });
  assertRobust(t, answers, { accepted: false, reason: 'wrongCluster' });
  const bytes = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(bytes, (value) => {
      assertCanonical(t, hellos, value);
      assertCanonical(t, answers, value);
    }),
    { numRuns: 2000 },
  );
});

test('a hello for this cluster, epoch and role is taken, from every replica that there is', (t) => {
  t.is(helloRefusal(hello, expected), null);
  t.is(helloRefusal(ownHello(cluster, asReplicaId(0)), expected), null);
  t.is(helloRefusal(ownHello(cluster, null), { ...expected, role: 'client' }), null);
});

test('a hello that is not for us is refused by its own reason', (t) => {
  const changed = (change: Partial<Hello>) => helloRefusal({ ...hello, ...change }, expected);
  t.is(changed({ wireVersion: 2 }), 'wrongVersion');
  t.is(changed({ wireVersion: 0 }), 'wrongVersion');
  t.is(changed({ clusterId: 'c2'.repeat(32) }), 'wrongCluster');
  t.is(changed({ epoch: 1 }), 'wrongEpoch');
  t.is(changed({ role: 'client', replica: null }), 'wrongRole');
  t.is(changed({ role: 'client' }), 'wrongRole');
  t.is(changed({ replica: null }), 'wrongRole');
  t.is(changed({ replica: asReplicaId(4) }), 'unknownReplica');
  t.is(changed({ replica: asReplicaId(2 ** 32 - 1) }), 'unknownReplica');
  t.is(helloRefusal(hello, { ...expected, role: 'client' }), 'wrongRole');
});
