import test from 'ava';
import { overflows, type ReplicaCounters } from '../../actors/simulation/bounds.js';
import { tightened } from '../../actors/simulation/tight-limits.js';
import { limits } from '../../src/config/limits.js';

const ROLES = ['consensus', 'network', 'sync', 'gateway', 'proposalGenerator'] as const;
type Role = (typeof ROLES)[number];

/** Of a replica in which nothing is held but this by one actor. */
function countersWith(role: Role, own: object): ReplicaCounters {
  const lane = { highWater: 0 };
  const idle = { own: null, lanes: { control: lane, protocol: lane, bulk: lane } };
  const counters = Object.fromEntries(ROLES.map((each) => [each, idle]));
  return { ...counters, [role]: { ...idle, own } } as unknown as ReplicaCounters;
}

function consensusWith(held: object): ReplicaCounters {
  return countersWith('consensus', { held, refusals: {} });
}

test('what is held is judged by the limits that the run has, tight ones included', (t) => {
  const tight = { ...limits, ...tightened(['fewPending']).limits };
  t.deepEqual(overflows(consensusWith({ pendingProposals: 2 }), tight, 4), []);
  t.deepEqual(overflows(consensusWith({ pendingProposals: 3 }), tight, 4), ['3 waiting proposals, 2 at most']);
  t.deepEqual(overflows(consensusWith({ pendingProposals: 3 }), limits, 4), []);
});

test('the tips of a tree are bounded, and of the blocks below them nothing but the machine behind them', (t) => {
  const tight = { ...limits, ...tightened(['smallTree']).limits };
  t.deepEqual(overflows(consensusWith({ treeTips: 4, treeBlocks: 100_000 }), tight, 4), []);
  t.deepEqual(overflows(consensusWith({ treeTips: 5 }), tight, 4), ['5 tips of the tree, 4 at most']);
  const backlog = (treeBlocksMost: number, backlogBlocks: number) => ({
    ...consensusWith({ treeBlocksMost }),
    proposalGenerator: countersWith('proposalGenerator', { waiting: 0, backlogBlocks }).proposalGenerator,
  });
  // 1024, a block each of 128 proposals that have arrived and 64 that wait of each of four, three batches of 64, and the tree's.
  t.deepEqual(overflows(backlog(5000, 6984), limits, 4), []);
  t.deepEqual(overflows(backlog(5000, 6985), limits, 4), ['6985 blocks that wait for the machine, 6984 at most']);
});

/** What one actor may hold at most, as its counters say it, and in words. */
const BOUNDS: readonly (readonly [role: Role, most: number, what: string, own: (count: number) => object])[] = [
  ['consensus', 16, 'proofs against one replica', (proofs) => ({ held: { proofs }, refusals: {} })],
  [
    'consensus',
    4096,
    'verified certificates that are remembered',
    (verifiedCertificates) => ({ held: { verifiedCertificates }, refusals: {} }),
  ],
  [
    'consensus',
    64,
    'blocks whose verified votes are remembered',
    (verifiedVoteBlocks) => ({ held: { verifiedVoteBlocks }, refusals: {} }),
  ],
  ['consensus', 100, 'kinds of refusals that consensus counts', (count) => ({ held: {}, refusals: kinds(count) })],
  ['network', 100, 'kinds of refusals that network counts', (count) => ({ peers: [], refusals: kinds(count) })],
  ['gateway', 100, 'kinds of refusals that gateway counts', (count) => ({ refusals: kinds(count) })],
  ['gateway', 256 * 1024 * 1024, 'bytes that clients have not read', (unreadBytes) => ({ unreadBytes, refusals: {} })],
  ['sync', 256, 'fetched blocks that waited', (waitingBlocksMost) => ({ waitingBlocksMost })],
];

for (const [role, most, what, own] of BOUNDS) {
  test(`${what}: ${most} at most`, (t) => {
    t.deepEqual(overflows(countersWith(role, own(most)), limits, 4), []);
    t.deepEqual(overflows(countersWith(role, own(most + 1)), limits, 4), [`${most + 1} ${what}, ${most} at most`]);
  });
}

function kinds(count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`reason ${index}`, 1]));
}
