import { acquireHeavyPool } from '../src/adapters/heavy-pool.js';
import { loadReplicaKeys } from '../src/adapters/key-files.js';
import { createLogger } from '../src/adapters/logger.js';
import { MAIN_THREAD } from '../src/adapters/thread-module.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { limits } from '../src/config/limits.js';
import { ConfigurationError } from '../src/errors.js';
import type { Logger } from '../src/logger.js';
import type { CommittedLog } from '../src/protocol/committed-log.js';
import { asReplicaId } from '../src/protocol/numbers.js';
import type { InspectionEvent } from '../src/runtime/index.js';
import { type Application, checkApplication, loadApplication, nameOf, speculationOf } from './application.js';
import { composeShare, type ShareData, type ShareObjects } from './compose-share.js';
import type { PacemakerMode } from './pacemaker/options.js';
import { type Placed, type Placement, placeActors, threadOf } from './placement.js';
import { isMachineModule } from './proposal-generator/machine-module.js';
import type { BatchOptions } from './proposal-generator/options.js';
import type { SpeculationOptions } from './proposal-generator/speculation-options.js';
import type { ActorReplacements } from './replacement.js';
import { Replica } from './replica-handle.js';
import { checkActors, resolveActors } from './resolve-actors.js';
import type { ReplicaRole } from './roles.js';
import { shareFor, startShares } from './start-shares.js';

/** What `createReplica` takes. */
export interface ReplicaOptions {
  /** See `loadCluster`. */
  readonly cluster: ClusterConfig;
  /** Which replica of the cluster this is, 0 .. n−1. */
  readonly id: number;
  /** The replica's own directory, made by `hotstuff init`: its keys and its store. */
  readonly dataDir: string;
  /** `commands(machine)` or `speculative(machine)`. */
  readonly machine: Application;
  /** See {@link SpeculationOptions}; 3 by default, and 0 to 1024. For speculative machines only. */
  readonly proposalBufferTarget?: SpeculationOptions['proposalBufferTarget'];
  /** See {@link SpeculationOptions}; `immediately` by default. For speculative machines only. */
  readonly refillProposalBuffer?: SpeculationOptions['refillProposalBuffer'];
  /**
   * `durable` (the default): what must survive a crash is on the disk before anything signed leaves. `volatile`: nothing is
   * waited for; for tests and benchmarks, and a directory written so is not opened again.
   */
  readonly durability?: 'durable' | 'volatile';
  /**
   * `automatic` (the default): a leader proposes whenever there is work. `manual`: it proposes when the application calls
   * `propose()` or `proposeEmpty()`, and only then. The view timer runs either way: a leader that proposes nothing for so
   * long (`baseTimeoutMs` of the cluster, at first) loses its tenure, dead or not. All replicas of a cluster should be alike.
   */
  readonly pacemaker?: PacemakerMode;
  /** Actors of one's own in place of ours, by role; see {@link ActorReplacements}. */
  readonly actors?: ActorReplacements;
  /**
   * Reads the committed chain at a restart, from which the machine is rebuilt. To be given with a storage that keeps
   * blocks elsewhere than in `dataDir`.
   */
  readonly committedLog?: () => CommittedLog | Promise<CommittedLog>;
  /** When a block is full; defaults below. */
  readonly batch?: Partial<BatchOptions>;
  /**
   * Threads of the pool that hashes large bodies and verifies certificates of many signatures: 1 by default, 0 for none, 1024
   * at most. All replicas of a process share one, with the number of the first. No thread starts before there is such work.
   */
  readonly poolSize?: number;
  /** Where the log goes; by default to standard error, warnings only. */
  readonly log?: Logger;
  /** Where its actors run, see {@link Placement}; the log of all its threads is written here. */
  readonly placement?: Placement;
  /**
   * Told of every message, effect and turn; for pictures and debugging. Those of other threads come as copies, later, in
   * their own order; where they come faster than they are seen, `missed` says how many are left out.
   */
  readonly inspect?: (event: InspectionEvent) => void;
  /** Every message between actors is cloned, as at a thread's border: for tests of actors of one's own. Default false. */
  readonly cloneMessages?: boolean;
  /** Ends the start: the replica stops in order, replay between two blocks. Once the replica has started, call `stop()`. */
  readonly signal?: AbortSignal;
}

/** A block of four hundred usual commands is full; a command on its own never waits for others. */
const DEFAULT_BATCH: BatchOptions = { commands: 400, bytes: 4 * 1024 * 1024, ms: 0 };

/**
 * Starts one replica of a cluster and resolves when it listens for peers and clients. When it throws, whatever it had
 * opened is closed again, so that it can be called anew.
 * @throws ConfigurationError for options that cannot work; OperationalError when keys, store or ports cannot be used;
 * the reason of `signal` when that was aborted first.
 */
export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  const { signal, actors = {} } = options;
  signal?.throwIfAborted();
  const settings = checkedSettings(options);
  const poolSize = checkedPoolSize(options);
  const placed = placedActors(options);
  const here = placed.roles.get(MAIN_THREAD) ?? [];
  const application = placed.machineThread === MAIN_THREAD ? await loadApplication(options.machine) : null;
  const machine = application === null ? null : nameOf(application);
  const ownActors = await resolveActors(onlyOf(here, actors));
  const share = await shareOf(options, { ...settings, machine }, placed);
  signal?.throwIfAborted();
  const { cluster, id, speculation } = settings;
  const log = options.log ?? createLogger({ context: { replica: id } });
  const pool = poolSize === 0 ? null : acquireHeavyPool({ threads: poolSize, log });
  const plan = { share, application: options.machine, actors, log, signal, pool };
  const others = await unlessItThrows([pool], () => startShares(plan));
  const proposalBufferTarget = speculation?.proposalBufferTarget ?? null;
  const handle = new Replica({
    cluster,
    id,
    log,
    proposalBufferTarget,
    pool,
    ownActors: Object.keys(actors) as ReplicaRole[],
  });
  const own: ShareObjects = {
    thread: MAIN_THREAD,
    links: others.links,
    log,
    application,
    actors: ownActors,
    logPort: others.logPort,
    machinePort: others.machinePort,
    pool,
    committedLog: options.committedLog,
    reports: handle.port,
    inspect: options.inspect,
    onFailure: (failure) => handle.actorFailed(failure),
  };
  const named = { ...shareFor(MAIN_THREAD, share), settings: { ...settings, machine: others.machine ?? machine } };
  const system = await unlessItThrows([...others.links, pool], () => composeShare(named, own));
  await handle.run(system, signal);
  return handle;
}

/** The settings of all threads, but for the machine's name. */
function checkedSettings(options: ReplicaOptions): Omit<ShareData['settings'], 'machine'> {
  const id = checkedId(options);
  checkApplication(options.machine);
  const speculation = speculationOf(options.machine, speculationOptions(options));
  const pacemaker = checkedPacemaker(options);
  checkActors(options.actors ?? {});
  return {
    cluster: options.cluster,
    id,
    pacemaker,
    batch: { ...DEFAULT_BATCH, ...options.batch },
    ...(speculation === undefined ? {} : { speculation }),
  };
}

/** The data from which each thread gets its part, keys included. */
async function shareOf(
  { dataDir, durability = 'durable', cloneMessages = false, committedLog }: ReplicaOptions,
  settings: ShareData['settings'],
  { roles, machineThread }: Placed,
): Promise<ShareData> {
  const { cluster, id } = settings;
  const keys = await loadReplicaKeys(dataDir, cluster, id);
  return {
    settings,
    placed: roles,
    machineThread,
    dataDir,
    durability,
    cloneMessages,
    logThread: committedLog === undefined ? threadOf(roles, 'storage') : MAIN_THREAD,
    signingSecret: keys.signingSecret,
    credentials:
      cluster.transport === 'plain' ? null : { certificate: keys.transportCertificate, privateKey: keys.transportKey },
  };
}

/** What `make` makes; when it throws, what was opened for it is closed first. */
async function unlessItThrows<Made>(
  opened: readonly ({ close(): Promise<void> } | null)[],
  make: () => Made | Promise<Made>,
): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    await Promise.all(opened.map((each) => each?.close()));
    throw error;
  }
}

function placedActors({ placement, machine: { kind, machine }, actors = {} }: ReplicaOptions): Placed {
  return placeActors(placement, { kind, machineIsModule: isMachineModule(machine), actors });
}

function onlyOf(roles: readonly ReplicaRole[], actors: ActorReplacements): ActorReplacements {
  return Object.fromEntries(Object.entries(actors).filter(([role]) => roles.some((each) => each === role)));
}

function speculationOptions({
  proposalBufferTarget,
  refillProposalBuffer,
}: ReplicaOptions): Partial<SpeculationOptions> {
  return {
    ...(proposalBufferTarget === undefined ? {} : { proposalBufferTarget }),
    ...(refillProposalBuffer === undefined ? {} : { refillProposalBuffer }),
  };
}

function checkedId({ cluster, id }: ReplicaOptions) {
  const last = cluster.replicas.length - 1;
  if (Number.isInteger(id) && id >= 0 && id <= last) return asReplicaId(id);
  throw new ConfigurationError('REPLICA_ID', `id is ${id}; this cluster has replicas 0 to ${last}`, { id, last });
}

function checkedPoolSize({ poolSize = 1 }: ReplicaOptions): number {
  const most = limits.poolThreads;
  if (Number.isSafeInteger(poolSize) && poolSize >= 0 && poolSize <= most) return poolSize;
  const message = `poolSize is ${poolSize}; it must be a whole number from 0 to ${most}, 0 for no pool`;
  throw new ConfigurationError('POOL_SIZE', message, { poolSize, most });
}

function checkedPacemaker({ pacemaker = 'automatic' }: ReplicaOptions): PacemakerMode {
  if (pacemaker === 'automatic' || pacemaker === 'manual') return pacemaker;
  const message = `pacemaker is ${JSON.stringify(pacemaker)}; it must be 'automatic' or 'manual'`;
  throw new ConfigurationError('PACEMAKER_MODE', message);
}
