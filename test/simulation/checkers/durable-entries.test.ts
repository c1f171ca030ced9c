import test from 'ava';
import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { QuorumCertificate, TenureEntry } from '../../../src/protocol/types.js';
import { DurableEntriesChecker } from '../../../src/simulation/checkers/durable-entries.js';
import { SimulatedDisk } from '../../../src/simulation/disk.js';
import { stream } from '../../../src/simulation/random.js';
import { encodeSafetyCopy } from '../../../src/wire/safety-copy.js';
import { RECORD_KEY } from '../../../src/wire/store-layout.js';
import { CLUSTER_ID, certify, childOf, GENESIS } from '../../support/chain.js';

const REPLICA = asReplicaId(0);
const TENURE = 1000;

function watched() {
  const accusations: string[] = [];
  const accuse = (invariant: string, detail: string) => accusations.push(`${invariant}: ${detail}`);
  const checker = new DurableEntriesChecker({ tenure: TENURE, accuse });
  const identity = { clusterId: CLUSTER_ID, replica: REPLICA };
  const disk = new SimulatedDisk(identity, stream(1, 'disk'), { latencyMs: [1, 1], failing: false });
  checker.booted(REPLICA);
  function write(entry: TenureEntry | null, highQc: QuorumCertificate = certify(GENESIS)): void {
    const record = { number: 1, bound: asView(5000), highQc, entry };
    const value = encodeSafetyCopy({ identity, batch: 1, record });
    const batch = { type: 'writeEntries', token: 0, entries: [{ key: RECORD_KEY, value }], deletes: [] } as const;
    disk.begin(batch);
    disk.complete(batch);
  }
  function sign(view: number): readonly string[] {
    checker.signed(REPLICA, disk, 'vote', view);
    return accusations;
  }
  return { checker, write, sign };
}

/** By which tenure `tenure` + 1 is entered. */
function givenUp(tenure: number): TenureEntry {
  return { kind: 'tc', tc: { tenure: asTenure(tenure), timeouts: [], highQc: certify(GENESIS) } };
}

test('a vote in a tenure that no certificate on the disk enters is found', (t) => {
  const { checker, write, sign } = watched();
  checker.entered(REPLICA, 1);
  write(null);
  t.deepEqual(sign(1), []);
  checker.entered(REPLICA, 10);
  checker.entered(REPLICA, 2000);
  write(givenUp(0));
  t.deepEqual(sign(2000), ['S8: replica 0 sent a vote that needs a proof of tenure 2; what is on its disk proves 1']);
});

test('a timeout certificate proves it, a certificate of the last view before, and a high QC of a view in it', (t) => {
  const before = certify(childOf(GENESIS, { view: 1999 }));
  const records: readonly (readonly [entry: TenureEntry | null, highQc?: QuorumCertificate])[] = [
    [givenUp(1)],
    [{ kind: 'qc', qc: before }],
    [null, before],
    [givenUp(4)],
  ];
  for (const [entry, highQc] of records) {
    const { checker, write, sign } = watched();
    checker.entered(REPLICA, 10);
    checker.entered(REPLICA, 2000);
    write(entry, highQc);
    t.deepEqual(sign(2001), []);
  }
});

test('a view that was reserved in the tenure before needs no other record, and one after it does', (t) => {
  const { checker, write, sign } = watched();
  checker.entered(REPLICA, 999);
  checker.entered(REPLICA, 1000);
  checker.entered(REPLICA, 1063);
  write(null);
  t.deepEqual(sign(1063), []);
  checker.entered(REPLICA, 1064);
  t.is(sign(1064).length, 1);
});

test('what leaves late in a tenure that is past is let off, and so is one of whose entry nothing was said', (t) => {
  const { checker, write, sign } = watched();
  write(null);
  t.deepEqual(sign(1500), []);
  checker.entered(REPLICA, 2000);
  t.deepEqual(sign(1500), []);
  checker.booted(REPLICA);
  t.deepEqual(sign(2000), []);
});
