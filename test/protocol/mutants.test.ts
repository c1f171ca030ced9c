/** Each safety rule broken on purpose: the agreement property must find a fork, or it would not notice the bug. */
import test from 'ava';
import fc from 'fast-check';
import { genesisCertificate, qcProblem, tcProblem } from '../../src/protocol/certificates.js';
import { asView } from '../../src/protocol/numbers.js';
import { faultBound } from '../../src/protocol/quorum.js';
import { commitRule } from '../../src/protocol/rules/index.js';
import type { CommitRule } from '../../src/protocol/rules/rule.js';
import { raiseHighQc, recoverSafety, timeoutRefusal, voteRefusal } from '../../src/protocol/safety.js';
import { correctParts, type Parts, runSchedule } from './model.js';
import { actions } from './schedules.js';

const three = commitRule('three-chain');
const two = commitRule('two-chain');

interface Mutant {
  readonly bug: string;
  readonly parts: Parts;
  /** n; 4 unless the bug shows only where n > 3f + 1. */
  readonly replicas?: number;
  /** Of the search, where the usual one takes long. */
  readonly seed?: number;
}

const SEED = 3;
/** Far more than any mutant needs with its seed (fewer than 4,000); the limit is there to fail in bounded time. */
const SCHEDULES_MAX = 60_000;

function withRule(rule: CommitRule, change: Partial<CommitRule>): Parts {
  return correctParts({ ...rule, ...change });
}

function withParts(rule: CommitRule, change: Partial<Parts>): Parts {
  return { ...correctParts(rule), ...change };
}

/** The state after a vote that only these refusals stop. */
function voteUnless(stops: (reason: ReturnType<typeof voteRefusal>) => boolean): Pick<Parts, 'vote'> {
  return {
    vote: (safety, rule, facts, length) =>
      stops(voteRefusal(safety, rule, facts, length)) ? null : { ...safety, votedView: facts.view },
  };
}

const signersDistinctOrNot: typeof qcProblem = (qc, shape) => {
  const problem = qcProblem(qc, shape);
  return problem === 'signersNotAscending' && qc.signatures.length >= shape.replicas - faultBound(shape.replicas)
    ? null
    : problem;
};

const quorumOf =
  (size: (f: number) => number): typeof qcProblem =>
  (qc, shape) => {
    const problem = qcProblem(qc, shape);
    return problem === 'noQuorum' && qc.signatures.length >= size(faultBound(shape.replicas)) ? null : problem;
  };

const mutants: readonly Mutant[] = [
  { bug: 'three-chain: no lock check', parts: withRule(three, { voteRefusal: () => null }) },
  {
    bug: 'three-chain: commits without consecutive views',
    seed: 5,
    parts: withRule(three, {
      committedBy: (qc, headerOf) => {
        const third = headerOf(qc.block);
        const second = third && headerOf(third.justify.block);
        return second === undefined || third?.height === 1 ? null : second.justify.block;
      },
    }),
  },
  { bug: 'three-chain: commits on two', parts: withRule(three, { committedBy: two.committedBy }) },
  {
    bug: 'two-chain: commits without consecutive views',
    parts: withRule(two, {
      committedBy: (qc, headerOf) => headerOf(qc.block)?.justify.block ?? null,
    }),
  },
  { bug: 'two-chain: votes below the QC that the TC names', parts: withRule(two, { voteRefusal: () => null }) },
  {
    bug: 'two-chain: accepts a TC that enters another view',
    parts: withParts(
      two,
      voteUnless((reason) => reason !== null && reason !== 'viewNotEntered'),
    ),
  },
  ...[three, two].flatMap((rule): readonly Mutant[] => [
    { bug: `${rule.name}: a quorum of 2f`, parts: withParts(rule, { qcProblem: quorumOf((f) => 2 * f) }) },
    {
      bug: `${rule.name}: a quorum of 2f + 1 at any n`,
      replicas: 6,
      parts: withParts(rule, { qcProblem: quorumOf((f) => 2 * f + 1) }),
    },
    { bug: `${rule.name}: a signer counts twice`, parts: withParts(rule, { qcProblem: signersDistinctOrNot }) },
    {
      bug: `${rule.name}: votes twice in a view`,
      parts: withParts(
        rule,
        voteUnless((reason) => reason !== null && reason !== 'staleView'),
      ),
    },
    {
      bug: `${rule.name}: the bound is forgotten at a restart`,
      parts: withParts(rule, {
        recover: (record, genesis) => recoverSafety({ ...record, bound: asView(0) }, genesis),
      }),
    },
    {
      bug: `${rule.name}: the high QC and with it the lock is forgotten at a restart`,
      parts: withParts(rule, {
        recover: (record, genesis) => recoverSafety({ ...record, highQc: genesisCertificate(genesis) }, genesis),
      }),
    },
    {
      bug: `${rule.name}: a vote does not wait for the durable high QC`,
      parts: withRule(rule, { durableHighQcView: () => asView(0) }),
    },
  ]),
  {
    bug: 'two-chain: a Timeout leaves its tenure votable',
    parts: withParts(
      two,
      voteUnless((reason) => reason !== null && reason !== 'tenureGivenUp'),
    ),
  },
  {
    bug: 'two-chain: a Timeout bars one view and not the tenure',
    parts: withParts(two, {
      giveUp: (safety, tenure, length) =>
        timeoutRefusal(safety, tenure, length) === null
          ? { ...safety, votedView: asView(Math.max(safety.votedView, tenure * length)) }
          : null,
    }),
  },
  {
    bug: 'two-chain: a Timeout is not in the bound',
    parts: withParts(two, { timeoutBound: () => asView(0) }),
  },
  {
    bug: 'two-chain: a TC may hide the highest QC that it names',
    parts: withParts(two, {
      tcProblem: (tc, shape) => {
        const problem = tcProblem(tc, shape);
        return problem === 'highQcMismatch' ? null : problem;
      },
    }),
  },
  {
    bug: 'two-chain: a TC counts Timeouts of earlier tenures',
    parts: withParts(two, {
      tcProblem: (tc, shape) => {
        const problem = tcProblem(tc, shape);
        return problem === 'tenureTooLow' ? null : problem;
      },
    }),
  },
  {
    bug: 'two-chain: a TC counts a signer twice',
    parts: withParts(two, {
      tcProblem: (tc, shape) => {
        const problem = tcProblem(tc, shape);
        return problem === 'signersNotAscending' ? null : problem;
      },
    }),
  },
  {
    bug: 'two-chain: votes without raising the high QC to the justify',
    parts: withParts(two, { ...voteUnless((reason) => reason !== null), learn: (safety) => safety }),
  },
  {
    bug: 'three-chain: the high QC is raised but never locks',
    parts: withParts(three, { learn: (safety, qc) => raiseHighQc(safety, qc) }),
  },
];

for (const { bug, parts, replicas = 4, seed = SEED } of mutants) {
  test(`agreement finds: ${bug}`, (t) => {
    const setup = fc.constantFrom({ replicas, tenureLength: 1 }, { replicas, tenureLength: 2 });
    const agreement = fc.property(
      setup,
      actions,
      (shape, schedule) => runSchedule(parts, shape, schedule).fork === null,
    );
    const { failed, numRuns } = fc.check(agreement, { seed, numRuns: SCHEDULES_MAX, endOnFailure: true });
    t.log(`${numRuns} schedules`);
    t.true(failed);
  });
}
