import { servePool } from '../src/adapters/pool-port.js';
import { startThreads, type ThreadPlan } from '../src/adapters/start-threads.js';
import { MAIN_THREAD } from '../src/adapters/thread-module.js';
import { type ThreadPort, threadPorts } from '../src/adapters/thread-port.js';
import type { HeavyTasks } from '../src/crypto/heavy-tasks.js';
import type { Logger } from '../src/logger.js';
import type { TaskPool } from '../src/runtime/index.js';
import type { Link } from '../src/runtime/link.js';
import type { Application } from './application.js';
import type { ShareData } from './compose-share.js';
import { threadOf } from './placement.js';
import { isMachineModule } from './proposal-generator/machine-module.js';
import type { ActorModule, ActorReplacements } from './replacement.js';
import type { ModuleData, ReplicaThreadData } from './replica-thread.js';
import { listenToThreads } from './starter-port.js';

/** What the calling thread needs to run its own share. */
export interface OtherShares {
  /** To the threads that were started; closed, they end. */
  readonly links: readonly Link[];
  /** The name of the machine where one of them has made it; undefined where none has. */
  readonly machine: string | null | undefined;
  readonly logPort: ThreadPort | undefined;
  readonly machinePort: ThreadPort | undefined;
}

/** What the other threads are made from. */
export interface SharesPlan {
  /** Of the whole replica; no thread gets more of it than its actors need. */
  readonly share: ShareData;
  readonly application: Application;
  readonly actors: ActorReplacements;
  /** Writes what is logged on any of them. */
  readonly log: Logger;
  readonly signal: AbortSignal | undefined;
  /** Of the process; null where the replica uses none. */
  readonly pool: TaskPool<HeavyTasks> | null;
}

/**
 * Starts a thread for each share of a replica but the calling thread's, and resolves once all of them run and wait for
 * that one. Where all actors are on the calling thread it starts nothing.
 * @throws what makes a share impossible, as `createReplica` does; the reason of `signal`. All threads have ended then.
 */
export async function startShares(plan: SharesPlan): Promise<OtherShares> {
  const { placed, machineThread, logThread } = plan.share;
  const threads = [...placed.keys()].filter((thread) => thread !== MAIN_THREAD);
  if (threads.length === 0) return { links: [], machine: undefined, logPort: undefined, machinePort: undefined };
  const logPorts = between(logThread, machineThread);
  const machinePorts = between(threadOf(placed, 'proposalGenerator'), machineThread);
  const starterPorts: ThreadPort[] = [];
  const plans = threads.map((thread): ThreadPlan => {
    const [ours, theirs] = threadPorts();
    starterPorts.push(ours);
    const pool = poolPortOf(thread, plan);
    const [log, machine] = [logPorts.get(thread), machinePorts.get(thread)];
    const ports = {
      starter: theirs,
      ...(log === undefined ? {} : { log }),
      ...(machine === undefined ? {} : { machine }),
      ...(pool === null ? {} : { pool }),
    };
    return { name: thread, module: THREAD_MODULE, data: dataFor(thread, plan), ports };
  });
  const named = listenToThreads(starterPorts, plan.log);
  const links = await startThreads(plans, plan.signal);
  const machine = machineThread === MAIN_THREAD ? undefined : await named;
  return { links, machine, logPort: logPorts.get(MAIN_THREAD), machinePort: machinePorts.get(MAIN_THREAD) };
}

/** The other end of a way by which the thread reaches the process's pool; null where it has no actor that does. */
function poolPortOf(thread: string, { pool, share }: SharesPlan): ThreadPort | null {
  const roles = share.placed.get(thread) ?? [];
  if (pool === null || !roles.some((role) => role === 'consensus' || role === 'network')) return null;
  const [ours, theirs] = threadPorts();
  servePool(ours, pool);
  return theirs;
}

const THREAD_MODULE = new URL('./replica-thread.js', import.meta.url);

/** Returns what of a replica's data its actors on one thread need: one signer, and keys only where a door is. */
export function shareFor(thread: string, share: ShareData): ShareData {
  const roles = share.placed.get(thread) ?? [];
  return {
    ...share,
    signingSecret: roles.includes('consensus') ? share.signingSecret : null,
    credentials: roles.includes('network') || roles.includes('gateway') ? share.credentials : null,
  };
}

function dataFor(thread: string, { share, application, actors }: SharesPlan): ReplicaThreadData {
  const roles = share.placed.get(thread) ?? [];
  const { kind, machine } = application;
  const isHere = share.machineThread === thread && isMachineModule(machine);
  const placedActors = roles.flatMap((role): [string, ModuleData][] => {
    const actor = actors[role] as ActorModule | undefined;
    return actor === undefined ? [] : [[role, asData(actor)]];
  });
  return {
    share: shareFor(thread, share),
    application: isHere ? { kind, machine: asData(machine) } : null,
    machineElsewhere: share.machineThread !== MAIN_THREAD,
    actors: Object.fromEntries(placedActors),
  };
}

function asData({ module, options }: ActorModule): ModuleData {
  return { module: module.href, options };
}

/** The two ends of a way between two threads, by thread; none where they are one. */
function between(one: string, other: string): Map<string, ThreadPort> {
  if (one === other) return new Map();
  const [first, second] = threadPorts();
  return new Map([
    [one, first],
    [other, second],
  ]);
}
