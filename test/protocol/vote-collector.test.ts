import test from 'ava';
import fc from 'fast-check';
import { InvariantViolation } from '../../src/errors.js';
import { qcProblem } from '../../src/protocol/certificates.js';
import { asBlockHash, asReplicaId, asView } from '../../src/protocol/numbers.js';
import { quorumSize } from '../../src/protocol/quorum.js';
import { VoteCollector } from '../../src/protocol/vote-collector.js';
import { GENESIS, ids, qcIn, signedBy, voteOf } from './builders.js';

const options = { replicas: 4, window: 3 };
const five = asView(5);
const block = asBlockHash('block 5');

function collectorOf(...signers: readonly number[]): VoteCollector {
  const collector = new VoteCollector(options);
  collector.advance(five);
  for (const signer of signers) collector.add(voteOf(signer, 5));
  return collector;
}

function signersOf(signatures: readonly { readonly signer: number }[]): readonly number[] {
  return signatures.map(({ signer }) => signer);
}

test('a quorum of votes makes a certificate with every vote that is here by then, in ascending order', (t) => {
  const collector = collectorOf(3, 0);
  t.is(collector.certificate(five, block), null);
  collector.add(voteOf(2, 5));
  t.deepEqual(signersOf(collector.certificate(five, block)?.signatures ?? []), ids([0, 2, 3]));
  collector.add(voteOf(1, 5));
  t.deepEqual(signersOf(collector.certificate(five, block)?.signatures ?? []), ids([0, 1, 2, 3]));
  t.deepEqual(signersOf(collector.votesFor(five, block)), ids([0, 1, 2, 3]));
});

test('a certificate is strengthened by every other vote for its block, and is itself where there is none', (t) => {
  const collector = collectorOf(3, 1, 2);
  const qc = qcIn(5, [1, 3]);
  const stronger = collector.strengthened(qc);
  t.deepEqual(stronger, qcIn(5, [1, 2, 3]));
  t.deepEqual(qc, qcIn(5, [1, 3]), 'the one that was given stays as it is');
  t.is(collector.strengthened(stronger), stronger);
  collector.setAside(voteOf(0, 5));
  t.is(collector.strengthened(stronger), stronger, 'a vote that nobody has verified');
  const [signed] = signedBy([2]);
  const later = { ...voteOf(2, 5), signature: Uint8Array.of(1) };
  const fresh = collectorOf();
  fresh.add(later);
  t.is(fresh.strengthened(stronger), stronger, 'nobody signs twice');
  t.deepEqual(stronger.signatures[1], signed);
  const rival = new VoteCollector(options);
  rival.add(voteOf(0, 2, 'rival'));
  t.is(rival.strengthened(qcIn(2, [1, 2, 3])).signatures.length, 3, 'a vote for another block');
});

test('votes for another block or view do not count', (t) => {
  const collector = collectorOf(0, 1);
  collector.add(voteOf(2, 5, 'rival'));
  collector.add(voteOf(3, 6));
  t.is(collector.certificate(five, block), null);
  t.is(collector.certificate(asView(6), asBlockHash('block 6')), null);
  t.deepEqual(signersOf(collector.votesFor(five, asBlockHash('rival'))), ids([2]));
  t.deepEqual(collector.votesFor(asView(7), block), []);
});

test('a vote is screened before anybody verifies it', (t) => {
  const collector = collectorOf(0);
  t.is(collector.screen(voteOf(1, 5)), 'new');
  t.is(collector.screen(voteOf(0, 5)), 'duplicate');
  t.is(collector.screen(voteOf(0, 5, 'rival')), 'conflicting');
  t.is(collector.screen(voteOf(0, 6)), 'new');
  for (const signer of [-1, 4, 0.5, Number.NaN]) t.is(collector.screen(voteOf(signer, 5)), 'notAMember', `${signer}`);
  t.is(collector.size, 1, 'screening keeps nothing');
});

test('a vote set aside counts for nothing until it is added, is one of its signer, and conflicts with another', (t) => {
  const collector = collectorOf(0, 1);
  for (const vote of [voteOf(2, 5), voteOf(2, 5), voteOf(3, 5)]) collector.setAside(vote);
  t.is(collector.size, 4);
  t.is(collector.certificate(five, block), null);
  t.is(collector.screen(voteOf(2, 5)), 'new');
  t.is(collector.screen(voteOf(2, 5, 'rival')), 'conflicting');
  t.deepEqual(collector.conflictOf(voteOf(2, 5, 'rival')), voteOf(2, 5));
  t.throws(() => collector.setAside(voteOf(2, 5, 'rival')), { instanceOf: InvariantViolation });
  collector.add(voteOf(2, 5));
  t.is(collector.size, 4, 'one vote of each signer is held');
  t.is(collector.screen(voteOf(2, 5)), 'duplicate');
  t.deepEqual(signersOf(collector.certificate(five, block)?.signatures ?? []), ids([0, 1, 2]));
  collector.advance(asView(6));
  t.is(collector.size, 0);
});

test('votes outside the window of views are not taken', (t) => {
  const collector = collectorOf();
  for (const [view, screening] of [
    [4, 'outsideWindow'],
    [5, 'new'],
    [7, 'new'],
    [8, 'outsideWindow'],
    [2 ** 53, 'outsideWindow'],
  ] as const) {
    t.is(collector.screen(voteOf(0, view)), screening, `view ${view}`);
  }
  collector.advance(asView(6));
  t.is(collector.screen(voteOf(0, 5)), 'outsideWindow');
  t.is(collector.screen(voteOf(0, 8)), 'new');
  collector.advance(asView(2));
  t.is(collector.screen(voteOf(0, 5)), 'outsideWindow', 'it never goes back');
});

test('what is below the window is forgotten and an exclusion outside of it is not kept', (t) => {
  const collector = collectorOf(0, 1);
  collector.add(voteOf(0, 7));
  collector.exclude(asReplicaId(2), asView(8));
  collector.advance(asView(6));
  t.is(collector.size, 1);
  t.deepEqual(collector.votesFor(five, block), []);
  t.is(collector.screen(voteOf(2, 8)), 'new');
});

test('a signer of a bad signature is excluded for that view and no other', (t) => {
  const collector = collectorOf(1);
  collector.exclude(asReplicaId(0), five);
  t.is(collector.screen(voteOf(0, 5)), 'excluded');
  t.is(collector.screen(voteOf(0, 5, 'rival')), 'excluded');
  t.is(collector.screen(voteOf(0, 6)), 'new');
  t.is(collector.screen(voteOf(2, 5)), 'new');
  collector.exclude(asReplicaId(1), five);
  t.deepEqual(signersOf(collector.votesFor(five, block)), ids([1]), 'what verified before stays');
});

test('a conflicting vote is shown with the earlier one and does not replace it', (t) => {
  const collector = collectorOf(0);
  const rival = voteOf(0, 5, 'rival');
  t.deepEqual(collector.conflictOf(rival), voteOf(0, 5));
  t.is(collector.conflictOf(voteOf(0, 5)), null);
  t.is(collector.conflictOf(voteOf(1, 5, 'rival')), null);
  t.is(collector.conflictOf(voteOf(0, 6, 'rival')), null);
  t.throws(() => collector.add(rival), { instanceOf: InvariantViolation });
  t.throws(() => collector.add(voteOf(0, 5)), { instanceOf: InvariantViolation });
  t.is(collector.size, 1);
});

test('whatever arrives, certificates hold up, at most one a view is made, and memory is bounded', (t) => {
  const event = fc.record({
    kind: fc.constantFrom('vote', 'vote', 'vote', 'vote', 'exclude', 'advance'),
    signer: fc.integer({ min: -1, max: 7 }),
    view: fc.nat(12),
    block: fc.constantFrom('a', 'b'),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(event, { maxLength: 200, size: 'max' }),
      (replicas, events) => {
        const collector = new VoteCollector({ replicas, window: 4 });
        const held = new Map<string, string>();
        let lowest = 0;
        for (const { kind, signer, view, block: name } of events) {
          if (kind === 'exclude') collector.exclude(asReplicaId(signer), asView(view));
          if (kind === 'advance') collector.advance(asView(view));
          if (kind === 'advance') lowest = Math.max(lowest, view);
          const vote = voteOf(signer, view, name);
          if (kind === 'vote' && collector.screen(vote) === 'new') {
            collector.add(vote);
            t.false(held.has(`${view} ${signer}`));
            held.set(`${view} ${signer}`, name);
          }
          t.true(collector.size <= replicas * 4);
        }
        for (let view = 0; view <= 12; view += 1) {
          const certified = ['a', 'b'].filter((name) => {
            const signers = [...held].filter(([key, of]) => of === name && key.startsWith(`${view} `));
            const qc = collector.certificate(asView(view), asBlockHash(name));
            t.is(qc !== null, view >= lowest && signers.length >= quorumSize(replicas));
            if (qc === null) return false;
            if (view > 0) t.is(qcProblem(qc, { replicas, genesis: GENESIS }), null);
            t.is(qc.signatures.length, signers.length);
            return true;
          });
          t.true(certified.length <= 1);
        }
      },
    ),
    { numRuns: 200 },
  );
});
