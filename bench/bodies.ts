/** What votes wait for while bodies stream: a cluster of processes that commits a few of one size. */
import { rm } from 'node:fs/promises';
import type { Placement } from '../actors/index.js';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { initCluster } from '../src/adapters/init-cluster.js';
import { makeTemporaryDirectory } from '../src/adapters/temporary-directory.js';
import { clusterDefaults } from '../src/config/create-cluster.js';
import type { BodiesJob, BodiesResult } from './bodies-process.js';
import { Child } from './child.js';
import { type LatencyMs, median } from './figures.js';
import type { VoteMoment, VoteMoments } from './vote-moments.js';

export interface BodiesSettings {
  readonly replicas: number;
  /** Bytes of each body, and how many are committed. */
  readonly bytes: number;
  readonly bodies: number;
  readonly durability: 'durable' | 'volatile';
  readonly transport: 'tls' | 'plain';
  readonly baseTimeoutMs: number;
  readonly placement: Placement;
  readonly poolSize: number;
}

export interface BodiesFigures {
  /** Until the slowest replica held all of them committed. */
  readonly seconds: number;
  readonly mebibytesPerSecond: number;
  /** How many votes were followed all the way. */
  readonly votes: number;
  readonly voteMs: {
    /** From when consensus let it go until the news came that its bytes were written. */
    readonly sending: LatencyMs;
    /** From when the network actor had it decoded until consensus had handled it. */
    readonly receiving: LatencyMs;
    /** From the one consensus to the other: all queues and threads between them, and the wire. */
    readonly whole: LatencyMs;
  };
  /** Bodies that the pools of all replicas hashed. */
  readonly hashedInPool: number;
}

type BodiesChild = Child<BodiesJob, BodiesResult>;

/** Runs a fresh cluster until `bodies` bodies are committed everywhere. Everything is stopped and removed in any case. */
export async function measureBodies(settings: BodiesSettings): Promise<BodiesFigures> {
  const { replicas: n, bytes, bodies, durability, transport, baseTimeoutMs, placement, poolSize } = settings;
  const dir = await makeTemporaryDirectory('bodies');
  const children: BodiesChild[] = [];
  try {
    const basePort = await freeBasePort(2 * n, clusterDefaults.host);
    await initCluster(dir, { ...clusterDefaults, replicas: n, basePort, transport, baseTimeoutMs });
    for (let id = 0; id < n; id += 1) {
      const job = { dir, id, bytes, bodies, durability, placement, poolSize };
      children.push(new Child(`replica ${id}`, './bodies-process.js', job));
    }
    await Promise.all(children.map((child) => child.receive('ready')));
    return figuresOf(
      settings,
      await Promise.all(children.map(async (child) => (await child.receive('result')).result)),
    );
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(dir, { recursive: true, force: true });
  }
}

function figuresOf({ bytes, bodies }: BodiesSettings, results: readonly BodiesResult[]): BodiesFigures {
  const started = Math.max(...results.map(({ startedAt }) => startedAt));
  const seconds = (Math.max(...results.map(({ committedAt }) => committedAt)) - started) / 1000;
  const all = (what: keyof VoteMoments) => firstOfEach(results.flatMap(({ moments }) => moments[what]));
  const [ready, written, arrived, handled] = [all('ready'), all('written'), all('arrived'), all('handled')];
  const whole = between(ready, handled);
  return {
    seconds,
    mebibytesPerSecond: (bytes * bodies) / 2 ** 20 / seconds,
    votes: whole.length,
    voteMs: {
      sending: latencyOf(between(ready, written)),
      receiving: latencyOf(between(arrived, handled)),
      whole: latencyOf(whole),
    },
    hashedInPool: results.reduce((sum, result) => sum + result.hashedInPool, 0),
  };
}

/** A vote may be sent again: its first time counts. */
function firstOfEach(moments: readonly VoteMoment[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { vote, at } of moments) if (!first.has(vote)) first.set(vote, at);
  return first;
}

function between(from: ReadonlyMap<string, number>, to: ReadonlyMap<string, number>): readonly number[] {
  return [...from].flatMap(([vote, at]) => {
    const end = to.get(vote);
    return end === undefined ? [] : [Math.max(0, end - at)];
  });
}

function latencyOf(delays: readonly number[]): LatencyMs {
  const sorted = [...delays].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { p50: median(sorted), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}
