import { loadReplicaKeys } from '../src/adapters/key-files.js';
import { levelStore } from '../src/adapters/level-store.js';
import { createLogger } from '../src/adapters/logger.js';
import { systemRandom } from '../src/adapters/random.js';
import { createSockets } from '../src/adapters/sockets.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { systemTimers } from '../src/adapters/system-timers.js';
import { scheduleTurn } from '../src/adapters/turn-scheduler.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { limits } from '../src/config/limits.js';
import { createSigner, createVerifier } from '../src/crypto/ed25519.js';
import { hexToBytes } from '../src/crypto/hash.js';
import { ConfigurationError } from '../src/errors.js';
import type { Logger } from '../src/logger.js';
import type { CommittedLog } from '../src/protocol/committed-log.js';
import { asReplicaId } from '../src/protocol/numbers.js';
import type { InspectionEvent } from '../src/runtime/index.js';
import { type Application, partsOf } from './application.js';
import { composeReplica } from './compose-replica.js';
import type { PacemakerMode } from './pacemaker/options.js';
import type { BatchOptions } from './proposal-generator/options.js';
import type { SpeculationOptions } from './proposal-generator/speculation-options.js';
import type { ActorReplacements } from './replacement.js';
import { Replica } from './replica-handle.js';
import { resolveActors } from './resolve-actors.js';

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
  /** Where the log goes; by default to standard error, warnings only. */
  readonly log?: Logger;
  /** Told of every message, effect and turn; for pictures and debugging. */
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
  const { cluster, dataDir, durability = 'durable', signal } = options;
  signal?.throwIfAborted();
  const id = checkedId(options);
  const application = partsOf(options.machine, speculationOf(options));
  const pacemaker = checkedPacemaker(options);
  const actors = await resolveActors(options.actors ?? {});
  const keys = await loadReplicaKeys(dataDir, cluster, id);
  signal?.throwIfAborted();
  const log = options.log ?? createLogger({ context: { replica: id } });
  const credentials =
    cluster.transport === 'plain' ? null : { certificate: keys.transportCertificate, privateKey: keys.transportKey };
  const sockets = (side: 'peer' | 'gateway') =>
    createSockets({ side, cluster, self: id, credentials, limits: SOCKET_LIMITS[side], log });
  const store = levelStore({
    directory: dataDir,
    clusterId: cluster.clusterId,
    uncommittedMax: limits.storageUncommittedBlocks,
    durability,
  });
  const { speculation } = application.settings;
  const handle = new Replica({ cluster, id, log, proposalBufferTarget: speculation?.proposalBufferTarget ?? null });
  const system = composeReplica(
    {
      cluster,
      id,
      ...application.settings,
      pacemaker,
      batch: { ...DEFAULT_BATCH, ...options.batch },
      actors,
    },
    {
      clock: systemClock,
      timers: systemTimers,
      schedule: scheduleTurn,
      random: systemRandom,
      log,
      signer: createSigner(keys.signingSecret),
      verifier: createVerifier(cluster.replicas.map(({ signingKey }) => hexToBytes(signingKey))),
      peerSockets: sockets('peer'),
      clientSockets: sockets('gateway'),
      store: store.port,
      machine: application.createHost(options.committedLog ?? (() => store.committedLog())),
      reports: handle.port,
      onFailure: (failure) => handle.actorFailed(failure),
      cloneMessages: options.cloneMessages ?? false,
      ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
    },
  );
  await handle.run(system, signal);
  return handle;
}

/** What the sockets of either port hold at most, but for the connections. */
const PORT_LIMITS = {
  frameBytesMax: limits.frameBytes,
  handshakesPerAddressMax: limits.strangersPerAddress,
  handshakeTimeoutMs: limits.handshakeMs,
  closeTimeoutMs: limits.closeMs,
  refusalsLoggedMax: limits.refusalsLogged,
  refusalLogWindowMs: limits.refusalLogWindowMs,
};

const SOCKET_LIMITS = {
  peer: { ...PORT_LIMITS, connectionsMax: limits.peerConnections },
  gateway: { ...PORT_LIMITS, connectionsMax: limits.clientConnections },
};

function speculationOf({ proposalBufferTarget, refillProposalBuffer }: ReplicaOptions): Partial<SpeculationOptions> {
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

function checkedPacemaker({ pacemaker = 'automatic' }: ReplicaOptions): PacemakerMode {
  if (pacemaker === 'automatic' || pacemaker === 'manual') return pacemaker;
  const message = `pacemaker is ${JSON.stringify(pacemaker)}; it must be 'automatic' or 'manual'`;
  throw new ConfigurationError('PACEMAKER_MODE', message);
}
