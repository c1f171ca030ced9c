/** What votes wait for while bodies stream: a cluster of processes that commits a few of one size. */
import { rm } from 'node:fs/promises';
import type { Placement } from '../actors/index.js';
import { checkTenureForSpeculation } from '../actors/proposal-generator/speculation-options.js';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { initCluster } from '../src/adapters/init-cluster.js';
import { makeTemporaryDirectory } from '../src/adapters/temporary-directory.js';
import { clusterDefaults } from '../src/config/create-cluster.js';
import type { BodiesJob, BodiesResult } from './bodies-process.js';
import { Child } from './child.js';
import { delaysBetween, type VoteDelays, type VoteMoments } from './vote-moments.js';

/** Which bodies are committed, and by what cluster. */
export interface BodiesSettings {
  readonly replicas: number;
  /** Bytes of each body, and how many are committed. */
  readonly bytes: number;
  readonly bodies: number;
  /** Milliseconds that the leader rests before it builds each. */
  readonly pauseMs: number;
  readonly durability: 'durable' | 'volatile';
  readonly transport: 'tls' | 'plain';
  /** Views that a leader holds: in short tenures votes go where bodies stream, to whoever led before or leads next. */
  readonly tenure: number;
  readonly baseTimeoutMs: number;
  readonly placement: Placement;
  readonly poolSize: number;
}

/** What a cluster came to while bodies streamed, and what its votes waited for. */
export interface BodiesFigures {
  /** Until the slowest replica held all of them committed. */
  readonly seconds: number;
  readonly mebibytesPerSecond: number;
  readonly votes: {
    /** From when consensus let it go until its bytes went to the socket. */
    readonly sending: VoteDelays;
    /** From there until the other side had read it: the sockets, the wire, and all that its thread did before. */
    readonly travelling: VoteDelays;
    /** From there until consensus had handled it. */
    readonly receiving: VoteDelays;
    /** From the one consensus to the other. */
    readonly whole: VoteDelays;
  };
  /** Bodies that the pools of all replicas hashed. */
  readonly hashedInPool: number;
}

type BodiesChild = Child<BodiesJob, BodiesResult>;

/**
 * Runs a fresh cluster until `bodies` bodies are committed everywhere. Everything is stopped and removed in any case.
 * @throws ConfigurationError for a tenure that is too short for a machine that speculates.
 */
export async function measureBodies(settings: BodiesSettings): Promise<BodiesFigures> {
  const {
    replicas: n,
    bytes,
    bodies,
    pauseMs,
    durability,
    transport,
    tenure,
    baseTimeoutMs,
    placement,
    poolSize,
  } = settings;
  checkTenureForSpeculation({ rule: clusterDefaults.rule, tenure });
  const dir = await makeTemporaryDirectory('bodies');
  const children: BodiesChild[] = [];
  try {
    const basePort = await freeBasePort(2 * n, clusterDefaults.host);
    await initCluster(dir, { ...clusterDefaults, replicas: n, basePort, transport, tenure, baseTimeoutMs });
    for (let id = 0; id < n; id += 1) {
      const job = { dir, id, bytes, bodies, pauseMs, durability, placement, poolSize };
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
  const all = (what: keyof VoteMoments) => results.flatMap(({ moments }) => moments[what]);
  const [ready, written, arrived, handled] = [all('ready'), all('written'), all('arrived'), all('handled')];
  return {
    seconds,
    mebibytesPerSecond: (bytes * bodies) / 2 ** 20 / seconds,
    votes: {
      sending: delaysBetween(ready, written),
      travelling: delaysBetween(written, arrived),
      receiving: delaysBetween(arrived, handled),
      whole: delaysBetween(ready, handled),
    },
    hashedInPool: results.reduce((sum, result) => sum + result.hashedInPool, 0),
  };
}
