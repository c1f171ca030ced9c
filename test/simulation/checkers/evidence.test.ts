import test from 'ava';
import { asBlockHash, asReplicaId, asView } from '../../../src/protocol/numbers.js';
import { EvidenceChecker } from '../../../src/simulation/checkers/evidence.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';

const LIAR = 2;
const COLLECTOR = { id: 1, view: 5 };

function checker() {
  const accusations: string[] = [];
  const made = new EvidenceChecker({
    culprits: new Set([LIAR]),
    collectorsOf: () => [COLLECTOR.id],
    patienceMs: 100,
    accuse: (invariant, detail) => accusations.push(`${invariant} ${detail}`),
  });
  return { made, accusations };
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
  const { made, accusations } = checker();
  made.arrived(LIAR, COLLECTOR, vote(5, 'a'), 0);
  made.arrived(LIAR, COLLECTOR, vote(5, 'b'), 0);
  made.proved(COLLECTOR.id, LIAR, 'votes');
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
  made.restarted(COLLECTOR.id);
  made.arrived(LIAR, COLLECTOR, vote(5, 'b'), 0);
  made.end(1000);
  t.deepEqual(accusations, []);
});
