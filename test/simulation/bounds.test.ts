import test from 'ava';
import { overflows, type ReplicaCounters } from '../../actors/simulation/bounds.js';
import { tightened } from '../../actors/simulation/tight-limits.js';
import { limits } from '../../src/config/limits.js';

const ROLES = ['consensus', 'network', 'sync', 'gateway', 'proposalGenerator'] as const;

/** Of a replica in which nothing is held but so many proposals. */
function countersWith(pendingProposals: number): ReplicaCounters {
  const lane = { highWater: 0 };
  const idle = { own: null, lanes: { control: lane, protocol: lane, bulk: lane } };
  const held = { pendingProposals, treeBlocks: 0, votes: 0 };
  const counters = Object.fromEntries(ROLES.map((role) => [role, idle]));
  return { ...counters, consensus: { ...idle, own: { held } } } as unknown as ReplicaCounters;
}

test('what is held is judged by the limits that the run has, tight ones included', (t) => {
  const tight = { ...limits, ...tightened(['fewPending']).limits };
  t.deepEqual(overflows(countersWith(2), tight, 4), []);
  t.deepEqual(overflows(countersWith(3), tight, 4), ['3 waiting proposals, 2 at most']);
  t.deepEqual(overflows(countersWith(3), limits, 4), []);
});
