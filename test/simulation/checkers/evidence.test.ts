import test from 'ava';
import type { Equivocation } from '../../../src/protocol/evidence.js';
import { asBlockHash, asReplicaId, asView } from '../../../src/protocol/numbers.js';
import { EvidenceChecker } from '../../../src/simulation/checkers/evidence.js';
import { KeptProofsChecker } from '../../../src/simulation/checkers/kept-proofs.js';
import { SimulatedDisk } from '../../../src/simulation/disk.js';
import { stream } from '../../../src/simulation/random.js';
import { decodeEquivocation, encodeEquivocation } from '../../../src/wire/evidence.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { evidenceKey } from '../../../src/wire/store-layout.js';
import { CLUSTER_ID } from '../../support/chain.js';

const LIAR = 2;
const COLLECTOR = { id: 1, view: 5 };
const TOLD = { by: COLLECTOR.id, culprit: LIAR, kind: 'votes', at: 0 } as const;

function checker() {
  const accusations: string[] = [];
  const accuse = (invariant: string, detail: string) => accusations.push(`${invariant} ${detail}`);
  const proofIn = (bytes: Uint8Array) => decodeEquivocation(CLUSTER_ID, bytes);
  const kept = new KeptProofsChecker({ proofIn, patienceMs: 1000, quietFrom: 500, proofsMax: 2, accuse });
  const conditions = { latencyMs: [1, 1], failing: false } as const;
  const identity = { clusterId: CLUSTER_ID, replica: asReplicaId(COLLECTOR.id) };
  const disk = new SimulatedDisk(identity, stream(1, 'disk'), conditions);
  const made = new EvidenceChecker({
    culprits: new Set([LIAR]),
    collectorsOf: () => [COLLECTOR.id],
    patienceMs: 100,
    kept,
    accuse,
  });
  return { made, accusations, disk };
}

function vote(view: number, block: string, signer = LIAR): PeerMessage {
  const statement = { view: asView(view), block: asBlockHash(block.repeat(64)) };
  return { type: 'vote', vote: { signer: asReplicaId(signer), signature: new Uint8Array(64), ...statement } };
}

test('who was sent two votes of a view and proves nothing is accused, after a while', (t) => {
  const { made, accusations } = checker();
  made.arrived(LIAR, COLLECTOR, vote(5, 'a'), 0);
  made.arrived(LIAR, COLLECTOR, vote(5, 'b'), 10);
  made.end(109);
  t.deepEqual(accusations, []);
  made.end(110);
  t.is(accusations.length, 1);
  t.regex(accusations[0] ?? '', /^S12 .*contradicting votes/);
});

test('a proof that is kept satisfies', (t) => {
  const { made, accusations, disk } = checker();
  made.arrived(LIAR, COLLECTOR, vote(5, 'a'), 0);
  made.arrived(LIAR, COLLECTOR, vote(5, 'b'), 0);
  made.proved({ ...TOLD, disk });
  made.end(1000);
  t.deepEqual(accusations, []);
  t.is(made.count, 1);
});

test('nothing is demanded of what proves nothing, or comes to who need not look', (t) => {
  const { made, accusations } = checker();
  made.arrived(LIAR, COLLECTOR, vote(5, 'a'), 0);
  made.arrived(LIAR, COLLECTOR, vote(6, 'b'), 0);
  made.arrived(LIAR, COLLECTOR, vote(4, 'a'), 0);
  made.arrived(LIAR, COLLECTOR, vote(4, 'b'), 0);
  made.arrived(3, COLLECTOR, vote(5, 'b'), 0);
  made.arrived(LIAR, { id: 0, view: 5 }, vote(5, 'b'), 0);
  made.arrived(LIAR, { id: 0, view: 5 }, vote(5, 'a'), 0);
  made.end(1000);
  t.deepEqual(accusations, []);
});

test('what a replica was told in an earlier life is not demanded of it', (t) => {
  const { made, accusations } = checker();
  made.arrived(LIAR, COLLECTOR, vote(5, 'a'), 0);
  made.ended(COLLECTOR.id);
  made.arrived(LIAR, COLLECTOR, vote(5, 'b'), 0);
  made.end(1000);
  t.deepEqual(accusations, []);
});

function proof(view: number, [one, other]: readonly [string, string] = ['a', 'b'], replica = LIAR): Equivocation {
  const cast = (block: string) => {
    const message = vote(view, block, replica);
    return message.type === 'vote' ? message.vote : null;
  };
  const messages = [cast(one), cast(other)] as unknown as Extract<Equivocation, { kind: 'votes' }>['messages'];
  return { kind: 'votes', replica: asReplicaId(replica), view: asView(view), messages };
}

function write(disk: SimulatedDisk, proofs: readonly Equivocation[], culprit = LIAR): void {
  for (const each of proofs) {
    const key = evidenceKey({ ...each, replica: asReplicaId(culprit) });
    disk.entries.set(key, encodeEquivocation(each));
  }
}

test('what is said to be proved must be on the disk when it is quiet, a while later', (t) => {
  for (const written of [false, true]) {
    const { made, accusations, disk } = checker();
    made.proved({ ...TOLD, disk });
    if (written) write(disk, [proof(5)]);
    made.end(1500);
    t.deepEqual(accusations, []);
    made.end(1501);
    const says = 'S12 replica 1 has told that it holds a proof of two votes against 2, and on its disk is none';
    t.deepEqual(accusations, written ? [] : [says]);
  }
});

test('a life that ends takes what was not written, and as many proofs as are kept are enough', (t) => {
  const { made, accusations, disk } = checker();
  made.proved({ ...TOLD, disk });
  made.ended(COLLECTOR.id);
  made.end(9999);
  t.deepEqual(accusations, []);
  made.proved({ ...TOLD, kind: 'proposals', disk });
  write(disk, [proof(5), proof(6)]);
  made.end(9999);
  t.deepEqual(accusations, []);
});

test('a proof on the disk that proves nothing is found', (t) => {
  for (const nothing of [proof(6, ['a', 'a']), proof(6, ['a', 'b'], 3)]) {
    const { made, accusations, disk } = checker();
    made.proved({ ...TOLD, disk });
    write(disk, [proof(5), nothing]);
    made.end(9999);
    t.regex(accusations.join(), /^S12 .* against 2, and one on its disk proves nothing$/);
  }
});
