import test from 'ava';
import fc from 'fast-check';
import { InvariantViolation } from '../../src/errors.js';
import { asBlockHash, asTenure, asView } from '../../src/protocol/numbers.js';
import { commitRule } from '../../src/protocol/rules/index.js';
import type { ProposalFacts } from '../../src/protocol/rules/rule.js';
import {
  castVote,
  NO_TENURE,
  proposalFacts,
  proposalRefusal,
  raiseHighQc,
  raiseLock,
  recordProposal,
  recordTimeout,
  recoverSafety,
  type SafetyState,
  tenureToGiveUp,
  timeoutRefusal,
  voteRefusal,
} from '../../src/protocol/safety.js';
import { firstViewOf, lastViewOf } from '../../src/protocol/tenure.js';
import { chainOf, childOf, GENESIS, genesisBlock, genesisQc, qcIn, statementOf } from './builders.js';

const three = commitRule('three-chain');
const two = commitRule('two-chain');
const T = 10;

/** In view 25 of tenure 2: voted in 24, locked in 23, holding the certificate of 24. */
const safety: SafetyState = {
  votedView: asView(24),
  proposedView: asView(21),
  timedOutTenure: asTenure(1),
  recoveredBound: asView(12),
  lock: { view: asView(23), block: asBlockHash('block 23') },
  highQc: qcIn(24),
};

function facts(change: Partial<ProposalFacts> = {}): ProposalFacts {
  return { view: asView(25), justifyView: asView(24), tc: null, tcEntersView: false, extendsLock: true, ...change };
}

const afterTc = { tc: { tenure: asTenure(2), highQcView: asView(24) }, tcEntersView: true };

test('a replica votes once a view and never below the highest that it voted in', (t) => {
  const next = facts({ view: asView(30), ...afterTc });
  for (const [votedView, refusal] of [
    [29, null],
    [30, 'staleView'],
    [31, 'staleView'],
  ] as const) {
    t.is(voteRefusal({ ...safety, votedView: asView(votedView) }, three, next, T), refusal);
  }
  const voted = castVote(safety, three, facts(), T);
  t.is(voted.votedView, asView(25));
  t.is(voteRefusal(voted, three, facts(), T), 'staleView');
  t.deepEqual({ ...voted, votedView: safety.votedView }, safety, 'nothing else changes');
});

test('a view is voted in only when the justify or the TC of the proposal enters it', (t) => {
  for (const rule of [three, two]) {
    t.is(voteRefusal(safety, rule, facts(), T), null);
    t.is(voteRefusal(safety, rule, facts({ view: asView(26) }), T), 'viewNotEntered');
    t.is(voteRefusal(safety, rule, facts({ view: asView(30), ...afterTc }), T), null);
    t.is(voteRefusal(safety, rule, facts({ view: asView(30), ...afterTc, tcEntersView: false }), T), 'viewNotEntered');
  }
});

test('the rule has the last word', (t) => {
  const conflicting = facts({ extendsLock: false, justifyView: asView(22), view: asView(30), ...afterTc });
  t.is(voteRefusal(safety, three, conflicting, T), 'conflictsWithLock');
  t.is(voteRefusal(safety, two, conflicting, T), 'justifyBelowTc');
});

test('after a Timeout nothing of its tenure or an earlier one is voted for or proposed', (t) => {
  const gone = recordTimeout(safety, asTenure(2), T);
  t.is(gone.timedOutTenure, asTenure(2));
  t.is(voteRefusal(gone, three, facts({ view: asView(29), justifyView: asView(28) }), T), 'tenureGivenUp');
  t.is(voteRefusal(gone, three, facts({ view: asView(30), ...afterTc }), T), null);
  t.is(proposalRefusal(gone, asView(29), T), 'tenureGivenUp');
  t.is(proposalRefusal(gone, asView(30), T), null);
});

test('whatever tenure was given up, its last view is barred and the next one is not', (t) => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 1_000 }), (k, length) => {
      const fresh = recoverSafety(null, GENESIS);
      const gone = recordTimeout(fresh, asTenure(k), length);
      const last = lastViewOf(asTenure(k), length);
      const next = firstViewOf(asTenure(k + 1), length);
      if (last > 0) t.is(proposalRefusal(gone, last, length), 'tenureGivenUp');
      t.is(proposalRefusal(gone, next, length), null);
      const direct = (view: number) => facts({ view: asView(view), justifyView: asView(view - 1) });
      if (last > 0) t.is(voteRefusal(gone, two, direct(last), length), 'tenureGivenUp');
      t.is(voteRefusal(gone, two, direct(next), length), null);
    }),
  );
});

test('a replica proposes once a view', (t) => {
  t.is(proposalRefusal(safety, asView(21), T), 'staleView');
  t.is(proposalRefusal(safety, asView(22), T), null);
  const proposed = recordProposal(safety, asView(22), T);
  t.is(proposalRefusal(proposed, asView(22), T), 'staleView');
  t.is(proposed.votedView, safety.votedView, 'proposing is not voting');
});

test('a Timeout may be signed again for its tenure or a later one, not for an earlier one', (t) => {
  const gone = recordTimeout(safety, asTenure(3), T);
  t.is(timeoutRefusal(gone, asTenure(2), T), 'laterTenureGivenUp');
  t.is(timeoutRefusal(gone, asTenure(3), T), null);
  t.is(timeoutRefusal(gone, asTenure(4), T), null);
});

test('after a restart Timeouts are signed for tenures that end at the bound or above it', (t) => {
  const record = { number: 4, bound: asView(29), highQc: qcIn(24), entry: null };
  const restarted = recoverSafety(record, GENESIS);
  t.is(timeoutRefusal(restarted, asTenure(1), T), 'belowBound');
  t.is(timeoutRefusal(restarted, asTenure(2), T), null, 'the bound is the last view of tenure 2');
  const beyond = recoverSafety({ ...record, bound: asView(30) }, GENESIS);
  t.is(timeoutRefusal(beyond, asTenure(2), T), 'belowBound');
  t.is(timeoutRefusal(beyond, asTenure(3), T), null);
});

test('there is always a tenure to give up, the current one or a later one', (t) => {
  t.is(tenureToGiveUp(safety, asTenure(2), T), asTenure(2));
  t.is(tenureToGiveUp({ ...safety, recoveredBound: asView(64) }, asTenure(2), T), asTenure(6));
  t.is(tenureToGiveUp({ ...safety, timedOutTenure: asTenure(5) }, asTenure(2), T), asTenure(5));
  fc.assert(
    fc.property(
      fc.nat(1_000),
      fc.nat(1_000),
      fc.nat(100),
      fc.integer({ min: 1, max: 50 }),
      (bound, out, now, length) => {
        const state = { ...safety, recoveredBound: asView(bound), timedOutTenure: asTenure(out - 1) };
        const tenure = tenureToGiveUp(state, asTenure(now), length);
        return tenure >= now && timeoutRefusal(state, tenure, length) === null;
      },
    ),
  );
});

test('a replica starts with nothing signed and genesis locked', (t) => {
  const fresh = recoverSafety(null, GENESIS);
  t.deepEqual(fresh, {
    votedView: asView(0),
    proposedView: asView(0),
    timedOutTenure: NO_TENURE,
    recoveredBound: asView(0),
    lock: { view: asView(0), block: GENESIS },
    highQc: genesisQc,
  });
  t.is(voteRefusal(fresh, three, facts({ view: asView(1), justifyView: asView(0) }), T), null);
  t.is(timeoutRefusal(fresh, asTenure(0), T), null);
});

test('after a restart all up to the bound counts as signed and the lock is the durable high QC', (t) => {
  const restarted = recoverSafety({ number: 4, bound: asView(40), highQc: qcIn(24), entry: null }, GENESIS);
  t.deepEqual(restarted.lock, { view: asView(24), block: asBlockHash('block 24') });
  t.is(restarted.highQc.view, asView(24));
  const direct = (view: number) => facts({ view: asView(view), justifyView: asView(view - 1) });
  t.is(voteRefusal(restarted, three, direct(40), T), 'staleView');
  t.is(voteRefusal(restarted, three, direct(41), T), null);
  t.is(proposalRefusal(restarted, asView(40), T), 'staleView');
  t.is(proposalRefusal(restarted, asView(41), T), null);
});

test('the high QC and the lock go up only, and nothing changes for an equal one', (t) => {
  t.is(raiseHighQc(safety, qcIn(24, [1, 2, 3])), safety);
  t.is(raiseHighQc(safety, qcIn(23)), safety);
  t.is(raiseHighQc(safety, qcIn(25)).highQc.view, asView(25));
  const lockIn = (view: number) => ({ view: asView(view), block: asBlockHash(`other ${view}`) });
  t.is(raiseLock(safety, lockIn(23)), safety);
  t.is(raiseLock(safety, lockIn(22)), safety);
  t.deepEqual(raiseLock(safety, lockIn(24)).lock, lockIn(24));
});

test('steps out of order are bugs of this code, not of a peer', (t) => {
  const bug = { instanceOf: InvariantViolation };
  const behind = facts({ justifyView: asView(25), view: asView(26) });
  t.throws(() => castVote(safety, three, behind, T), { ...bug, message: /justify is processed/ });
  t.throws(() => castVote(safety, three, facts({ view: asView(24) }), T), bug);
  t.throws(() => recordProposal(safety, asView(21), T), bug);
  t.throws(() => recordTimeout(safety, asTenure(0), T), bug);
  t.throws(() => raiseLock(safety, { view: asView(25), block: asBlockHash('x') }), bug);
  const below = { ...safety, highQc: qcIn(22) };
  t.throws(() => recordTimeout(below, asTenure(2), T), { ...bug, message: /below the lock/ });
});

test('the facts of a proposal are its views and what its TC names and enters', (t) => {
  const [parent] = chainOf([24]);
  const block = childOf(parent ?? genesisBlock(), 30);
  t.deepEqual(proposalFacts({ block, tc: null }, { tenureLength: T, extendsLock: false }), {
    view: asView(30),
    justifyView: asView(24),
    tc: null,
    tcEntersView: false,
    extendsLock: false,
  });
  for (const [tenure, enters] of [
    [1, false],
    [2, true],
    [3, false],
  ] as const) {
    const tc = { tenure: asTenure(tenure), timeouts: [statementOf(0, tenure, 24)], highQc: qcIn(24) };
    const known = proposalFacts({ block, tc }, { tenureLength: T, extendsLock: true });
    t.is(known.tcEntersView, enters, `TC of tenure ${tenure}`);
    t.deepEqual(known.tc, { tenure: asTenure(tenure), highQcView: asView(24) });
    t.true(known.extendsLock);
  }
});
