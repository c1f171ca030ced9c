import test from 'ava';
import fc from 'fast-check';
import { CommittedActivity } from '../../src/protocol/committed-activity.js';
import { type CommittedHistory, leaderSchedule, reputation, roundRobin } from '../../src/protocol/leader-schedule.js';
import { asHeight, asReplicaId, asTenure, asView, type ReplicaId } from '../../src/protocol/numbers.js';
import type { BlockHeader } from '../../src/protocol/types.js';
import { genesisBlock, genesisQc } from '../../src/wire/block.js';

const CLUSTER_ID = 'c5'.repeat(32);
const GENESIS = genesisBlock(CLUSTER_ID);
const NOTHING: CommittedHistory = { activeBefore: () => null };
const active = (...ids: number[]): CommittedHistory => ({ activeBefore: () => ids.map(asReplicaId) });

interface Committed {
  readonly view: number;
  readonly proposer: number;
  readonly signers: readonly number[];
}

function headerOf({ view, proposer, signers }: Committed): BlockHeader {
  const signatures = signers.map((signer) => ({ signer: asReplicaId(signer), signature: new Uint8Array(64) }));
  return {
    height: asHeight(0),
    view: asView(view),
    parent: GENESIS.hash,
    justify: { ...genesisQc(CLUSTER_ID), signatures },
    proposer: asReplicaId(proposer),
    bodyHash: '00'.repeat(32),
  };
}

/** The rule of DESIGN section 4 word for word, over all committed blocks. Null: not decided. */
function ruleOf(k: number, chain: readonly Committed[], { n, T }: { n: number; T: number }): number | null {
  const horizon = (k - 1 - Math.ceil(40 / T)) * T;
  if ((chain.at(-1)?.view ?? 0) < horizon) return null;
  const window = chain.filter(({ view }) => view < horizon).slice(-10 * n);
  const took = [...new Set(window.flatMap(({ proposer, signers }) => [proposer, ...signers]))].sort((a, b) => a - b);
  return took.length === 0 ? k % n : (took[k % took.length] as number);
}

function historyOf(chain: readonly Committed[], { n, T }: { n: number; T: number }) {
  const schedule = reputation({ replicas: n, tenureLength: T });
  const history = new CommittedActivity({ ...schedule.memory, replicas: n, tenureLength: T });
  for (const block of chain) history.committed(headerOf(block));
  return { schedule, history, leaderOf: (k: number): number => schedule.leaderOf(asTenure(k), history) };
}

test('round-robin goes through all replicas in order and starts again', (t) => {
  const schedule = roundRobin(4);
  const leaders = [0, 1, 2, 3, 4, 5, 4_001].map((k) => schedule.leaderOf(asTenure(k), NOTHING));
  t.deepEqual(leaders, [0, 1, 2, 3, 0, 1, 1].map(asReplicaId));
});

test('round-robin does not look at what was committed, and nobody else may lead', (t) => {
  const schedule = roundRobin(7);
  for (let k = 0; k < 20; k += 1) {
    t.is(schedule.leaderOf(asTenure(k), active(3)), schedule.leaderOf(asTenure(k), NOTHING));
    const may = [0, 1, 2, 3, 4, 5, 6].filter((id) => schedule.mayLead(asReplicaId(id), asTenure(k), active(3)));
    t.deepEqual(may, [k % 7]);
  }
});

test('a schedule is made by its name', (t) => {
  const options = { replicas: 4, tenureLength: 1 };
  t.is(leaderSchedule('round-robin', options).leaderOf(asTenure(2), active(3)), asReplicaId(2));
  t.is(leaderSchedule('reputation', options).leaderOf(asTenure(2), active(3)), asReplicaId(3));
});

// T, and how many tenures before k the horizon's is: 1 + ⌈40/T⌉.
for (const [T, back] of [
  [1, 41],
  [2, 21],
  [3, 15],
  [4, 11],
  [39, 3],
  [40, 2],
  [41, 2],
  [1000, 2],
] as const) {
  test(`T = ${T}: a block at the horizon decides, one below it does not, and counts`, (t) => {
    const k = 101;
    const horizon = (k - back) * T;
    const below = { view: horizon - 1, proposer: 2, signers: [0, 2, 3] };
    const undecided = historyOf([below], { n: 4, T });
    t.is(undecided.leaderOf(k), k % 4);
    t.is(undecided.history.activeBefore(asTenure(k - back)), null);
    const decided = historyOf([below, { view: horizon, proposer: 1, signers: [1] }], { n: 4, T });
    t.deepEqual(decided.history.activeBefore(asTenure(k - back)), [0, 2, 3].map(asReplicaId), 'the block at it is not');
    t.is(decided.leaderOf(k), [0, 2, 3][k % 3] as number);
    t.is(decided.leaderOf(k + 1), (k + 1) % 4, 'the next tenure has a later horizon');
  });
}

test('who proposed counts like who signed, and each once', (t) => {
  const chain = [
    { view: 1, proposer: 3, signers: [] },
    { view: 2, proposer: 1, signers: [0, 1] },
    { view: 3, proposer: 2, signers: [] },
  ];
  const { history } = historyOf(chain, { n: 4, T: 1 });
  t.deepEqual(history.activeBefore(asTenure(3)), [0, 1, 3].map(asReplicaId));
});

test('the window is the last 10·n committed blocks below the horizon, not one more', (t) => {
  const chain = [
    { view: 1, proposer: 3, signers: [] },
    ...Array.from({ length: 40 }, (_, index) => ({ view: index + 2, proposer: 1, signers: [] })),
  ];
  const whole = historyOf([...chain.slice(0, 40), { view: 1000, proposer: 1, signers: [] }], { n: 4, T: 1 });
  t.deepEqual(whole.history.activeBefore(asTenure(1000)), [1, 3].map(asReplicaId), 'the fortieth from the end');
  const left = historyOf([...chain, { view: 1000, proposer: 1, signers: [] }], { n: 4, T: 1 });
  t.deepEqual(left.history.activeBefore(asTenure(1000)), [asReplicaId(1)], 'the forty-first');
});

test('with nothing committed below the horizon all lead by turns', (t) => {
  const { leaderOf, schedule, history } = historyOf([{ view: 500, proposer: 3, signers: [] }], { n: 4, T: 1 });
  t.is(leaderOf(541), 541 % 4);
  t.deepEqual(history.activeBefore(asTenure(500)), []);
  const may = [0, 1, 2, 3].filter((id) => schedule.mayLead(asReplicaId(id), asTenure(541), history));
  t.deepEqual(may, [541 % 4], 'and that is decided');
});

test('undecided anyone may lead elsewhere; decided only that leader, and the one by turns', (t) => {
  const schedule = reputation({ replicas: 4, tenureLength: 1 });
  const may = (k: number, history: CommittedHistory) =>
    [0, 1, 2, 3].filter((id) => schedule.mayLead(asReplicaId(id), asTenure(k), history));
  t.deepEqual(may(100, NOTHING), [0, 1, 2, 3]);
  t.deepEqual(may(101, active(0, 2, 3)), [1, 3]);
  t.deepEqual(may(100, active(0, 2, 3)), [0, 2]);
});

const shapes = fc.record({ n: fc.constantFrom(1, 4, 5), T: fc.constantFrom(1, 3, 4, 25, 60) });
const steps = fc.array(
  fc.record({ skip: fc.oneof(fc.constant(1), fc.nat(200)), who: fc.nat(1023), proposer: fc.nat(9) }),
  { minLength: 1, maxLength: 200 },
);

function chainOf(n: number, script: readonly { skip: number; who: number; proposer: number }[]): readonly Committed[] {
  let view = 0;
  return script.map(({ skip, who, proposer }) => {
    view += Math.max(1, skip);
    const signers = Array.from({ length: n }, (_, id) => id).filter((id) => ((who >> id) & 1) === 1);
    return { view, proposer: proposer % n, signers };
  });
}

test('what is kept answers as the rule over the whole chain does, for every tenure from the last committed one on', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(shapes, steps, (shape, script) => {
        const { n, T } = shape;
        const chain = chainOf(n, script);
        const { leaderOf } = historyOf(chain, shape);
        const tenure = Math.floor((chain.at(-1)?.view ?? 0) / T);
        for (let k = tenure; k <= tenure + 45; k += 1) {
          if (leaderOf(k) !== (ruleOf(k, chain, shape) ?? k % n)) return false;
        }
        return true;
      }),
    ),
  );
});

test('whoever has committed more agrees on whatever was decided: a leader never changes once it is', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(shapes, steps, (shape, script) => {
        const { n, T } = shape;
        const chain = chainOf(n, script);
        const { history, schedule } = historyOf([], shape);
        const decided = new Map<number, ReplicaId>();
        for (const block of chain) {
          history.committed(headerOf(block));
          const tenure = Math.floor(block.view / T);
          for (const [k, leader] of decided) {
            if (k >= tenure && schedule.leaderOf(asTenure(k), history) !== leader) return false;
          }
          for (let k = tenure; k <= tenure + schedule.memory.tenures; k += 1) {
            if (ruleOf(k, [block], shape) === null) return false;
            decided.set(k, schedule.leaderOf(asTenure(k), history));
          }
        }
        return true;
      }),
    ),
  );
});

test('memory does not grow: of older tenures nothing is kept', (t) => {
  const chain = Array.from({ length: 500 }, (_, index) => ({ view: index + 1, proposer: 1, signers: [] }));
  const { history } = historyOf(chain, { n: 4, T: 1 });
  t.deepEqual(history.activeBefore(asTenure(500 - 41)), [asReplicaId(1)]);
  t.is(history.activeBefore(asTenure(500 - 42)), null);
});

test('blocks out of order are a bug', (t) => {
  const { history } = historyOf([{ view: 5, proposer: 1, signers: [] }], { n: 4, T: 1 });
  t.throws(() => history.committed(headerOf({ view: 5, proposer: 1, signers: [] })), { message: /in order/ });
});
