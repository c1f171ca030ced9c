/**
 * One random life of a cluster: faults of every kind for a while, then none but that up to f stay dead, and how long it
 * takes to be well again.
 */
import { faultBound } from '../../src/protocol/quorum.js';
import { ConsensusCluster, type ConsensusClusterOptions } from './consensus-cluster.js';

const BASE_TIMEOUT_MS = 200;
const STORM_STEPS = 12;
const CALM_STEP_MS = 100;
/** Blocks that each replica must commit beyond all that anybody had committed, to be well. */
const BLOCKS_WHEN_WELL = 5;

export interface StormOutcome {
  readonly setup: ConsensusClusterOptions;
  readonly faults: readonly string[];
  readonly violations: readonly string[];
  /** Base timeouts from the end of the faults until all that are up committed new blocks; null where they did not in time. */
  readonly wellAfter: number | null;
  readonly heights: readonly number[];
}

/** A 32-bit mixing generator (mulberry32): whatever the seed, the first draws differ. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything follows from `seed`; being well again may take `wellWithin` base timeouts. */
export function runStorm(seed: number, wellWithin: number): StormOutcome {
  const random = generator(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const setup: ConsensusClusterOptions = {
    replicas: pick([4, 4, 7]),
    tenureLength: pick([1, 4, 1000]),
    rule: pick(['three-chain', 'two-chain']),
    seed: 1 + Math.floor(random() * 2 ** 31),
    delayMs: [1, pick([1, 10, 40])],
    loss: pick([0, 0.02, 0.1]),
    syncMs: pick([1, 5]),
    baseTimeoutMs: BASE_TIMEOUT_MS,
    busy: pick([true, true, false]),
    schedule: seed % 2 === 0 ? 'reputation' : 'round-robin',
  };
  const cluster = new ConsensusCluster(setup).start();
  const all = cluster.up;
  const faults = Array.from({ length: STORM_STEPS }, () => {
    const fault = strike(cluster, all, random, pick);
    cluster.run(Math.floor(random() * 4 * BASE_TIMEOUT_MS));
    return fault;
  });

  cluster.cut = () => false;
  cluster.loss = 0;
  const dead = random() < 0.5 ? 0 : faultBound(all.length);
  const up = all.filter((id) => cluster.up.includes(id));
  const kept = [...up, ...all.filter((id) => !up.includes(id))].slice(0, all.length - dead);
  for (const id of all) if (!kept.includes(id)) cluster.crash(id);
  for (const id of kept) if (!up.includes(id)) cluster.start(id);
  const goal = Math.max(...all.map((id) => cluster.height(id))) + BLOCKS_WHEN_WELL;
  const well = () => kept.every((id) => cluster.height(id) >= goal);
  const calmFrom = cluster.time.now;
  const spent = () => (cluster.time.now - calmFrom) / BASE_TIMEOUT_MS;
  while (!well() && spent() < wellWithin) cluster.run(CALM_STEP_MS);
  const heights = all.map((id) => cluster.height(id));
  return { setup, faults, violations: cluster.violations, wellAfter: well() ? spent() : null, heights };
}

function strike(
  cluster: ConsensusCluster,
  all: readonly number[],
  random: () => number,
  pick: <T>(items: readonly T[]) => T,
): string {
  const down = all.filter((id) => !cluster.up.includes(id));
  switch (pick(['crash', 'crash', 'restart', 'restart', 'bounce', 'crash all', 'part', 'deafen', 'join'] as const)) {
    case 'crash': {
      if (down.length >= faultBound(all.length)) return 'nothing';
      const id = pick(cluster.up);
      cluster.crash(id);
      return `crash ${id}`;
    }
    case 'restart': {
      if (down.length === 0) return 'nothing';
      const id = pick(down);
      cluster.start(id);
      return `restart ${id}`;
    }
    case 'bounce': {
      const id = pick(cluster.up);
      cluster.crash(id);
      cluster.start(id);
      return `bounce ${id}`;
    }
    case 'crash all':
      for (const id of all) cluster.crash(id);
      cluster.run(random() * 50);
      cluster.start();
      return 'crash all';
    case 'part': {
      const side = new Set(all.filter(() => random() < 0.5));
      cluster.cut = (from, to) => side.has(from) !== side.has(to);
      return `part ${[...side]}`;
    }
    case 'deafen': {
      const id = pick(all);
      const mute = random() < 0.5;
      cluster.cut = (from, to) => (mute ? from : to) === id;
      return `${mute ? 'mute' : 'deafen'} ${id}`;
    }
    case 'join':
      cluster.cut = () => false;
      return 'join';
  }
}
