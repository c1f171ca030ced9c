import { checkOptions, inWords } from '../src/config/check-options.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { checkCluster } from '../src/config/cluster-file.js';
import { limits } from '../src/config/limits.js';
import {
  abortSignal,
  byName,
  callback,
  checkedElsewhere,
  cluster,
  coded,
  flag,
  logger,
  type OptionTable,
  oneOf,
  optionsOf,
  required,
  text,
  whole,
} from '../src/config/option-kinds.js';
import { ConfigurationError } from '../src/errors.js';
import type { Logger } from '../src/logger.js';
import type { CommittedLog } from '../src/protocol/committed-log.js';
import type { InspectionEvent } from '../src/runtime/index.js';
import { type Application, checkApplication } from './application.js';
import type { PacemakerMode } from './pacemaker/options.js';
import type { Placement } from './placement.js';
import { type BatchOptions, batchTable } from './proposal-generator/options.js';
import { SPECULATION_TABLE, type SpeculationOptions } from './proposal-generator/speculation-options.js';
import type { ActorReplacements } from './replacement.js';
import { checkActors } from './resolve-actors.js';

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
  /** Ends the start: the replica stops in order, replay between two blocks. Null is none. Once the replica has started, call `stop()`. */
  readonly signal?: AbortSignal | null;
}

const REPLICA_TABLE: OptionTable<ReplicaOptions> = {
  cluster: required(cluster),
  id: checkedElsewhere,
  dataDir: required(text('the path of a directory')),
  machine: checkedElsewhere,
  ...SPECULATION_TABLE,
  durability: oneOf('durable', 'volatile'),
  pacemaker: coded('PACEMAKER_MODE', oneOf('automatic', 'manual')),
  actors: byName,
  committedLog: callback,
  batch: optionsOf(batchTable(limits)),
  poolSize: coded('POOL_SIZE', whole(0, limits.poolThreads, ', 0 for no pool')),
  log: logger,
  placement: checkedElsewhere,
  inspect: callback,
  cloneMessages: flag,
  signal: abortSignal,
};

/**
 * Checks what can be seen of the options of a replica before anything is opened or loaded.
 * @throws ConfigurationError for the first that cannot work.
 */
export function checkReplicaOptions(options: ReplicaOptions): void {
  checkOptions(REPLICA_TABLE, options, { call: 'createReplica' });
  checkCluster(options.cluster, 'cluster');
  checkId(options);
  checkApplication(options.machine);
  checkActors(options.actors ?? {});
}

function checkId({ id, cluster: { replicas } }: ReplicaOptions): void {
  const last = replicas.length - 1;
  if (Number.isInteger(id) && id >= 0 && id <= last) return;
  throw new ConfigurationError('REPLICA_ID', `id is ${inWords(id)}; this cluster has replicas 0 to ${last}`, { last });
}
