/** A replica process of `bench bodies`: commits bodies, and follows every vote meanwhile. */
import { once } from 'node:events';
import { createReplica, type Placement, speculative } from '../actors/index.js';
import { loadCluster, replicaDirectory } from '../src/adapters/cluster-files.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { asReplicaId } from '../src/protocol/numbers.js';
import { workAsChild } from './child.js';
import type { VoteMoments } from './vote-moments.js';

/** What a replica process is told. */
export interface BodiesJob {
  readonly dir: string;
  readonly id: number;
  readonly bytes: number;
  readonly bodies: number;
  readonly pauseMs: number;
  readonly durability: 'durable' | 'volatile';
  readonly placement: Placement;
  readonly poolSize: number;
}

/** What it tells in the end. */
export interface BodiesResult {
  readonly moments: VoteMoments;
  /** Milliseconds of the machine's clock at which the replica was ready, and held all bodies committed. */
  readonly startedAt: number;
  readonly committedAt: number;
  /** What the pool hashed. */
  readonly hashedInPool: number;
}

const beside = (name: string) => ({ module: new URL(name, import.meta.url) });

workAsChild<BodiesJob, BodiesResult>(async (job, tell, stopping) => {
  const { dir, bytes, bodies, pauseMs, durability, placement, poolSize } = job;
  const cluster = await loadCluster(dir);
  const id = asReplicaId(job.id);
  const replica = await createReplica({
    cluster,
    id,
    dataDir: replicaDirectory(dir, id),
    machine: speculative({ ...beside('./body-machine.js'), options: { bytes, bodies, pauseMs } }),
    actors: { consensus: beside('./watched-consensus.js'), network: beside('./watched-network.js') },
    placement,
    // Where it rests nothing is built ahead: it would rest while the body before streams.
    proposalBufferTarget: pauseMs > 0 ? 0 : 1,
    durability,
    poolSize,
  });
  const failed = new Promise<never>((_, reject) => {
    replica.on('failed', reject);
  });
  let committed = 0;
  const reached = new Promise<void>((resolve) => {
    replica.on('committed', ({ block }) => {
      if (block.body.length > 0) committed += 1;
      if (committed === bodies) resolve();
    });
  });
  const startedAt = systemClock();
  tell({ type: 'ready' });
  await Promise.race([failed, reached, once(stopping, 'abort')]);
  const committedAt = systemClock();
  const counters = await replica.allCounters();
  const votesOf = (own: unknown) => (own as { readonly votes: Partial<VoteMoments> }).votes;
  const moments = { ...votesOf(counters?.consensus.own), ...votesOf(counters?.network.own) } as VoteMoments;
  const hashedInPool = replica.poolCounters()?.completed ?? 0;
  tell({ type: 'result', result: { moments, startedAt, committedAt, hashedInPool } });
  if (!stopping.aborted) await Promise.race([failed, once(stopping, 'abort')]);
  await replica.stop();
});
