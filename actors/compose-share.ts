import { portAt, servePort } from '../src/adapters/crossing-port.js';
import { levelStore } from '../src/adapters/level-store.js';
import { committedLogAt, serveCommittedLog } from '../src/adapters/log-port.js';
import { systemRandom } from '../src/adapters/random.js';
import type { TransportCredentials } from '../src/adapters/socket-options.js';
import { createSockets } from '../src/adapters/sockets.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { systemTimers } from '../src/adapters/system-timers.js';
import type { ThreadPort } from '../src/adapters/thread-port.js';
import { scheduleTurn } from '../src/adapters/turn-scheduler.js';
import { limits } from '../src/config/limits.js';
import { createSigner, createVerifier } from '../src/crypto/ed25519.js';
import { hexToBytes } from '../src/crypto/hash.js';
import type { HeavyTasks } from '../src/crypto/heavy-tasks.js';
import type { Signer } from '../src/crypto/signing.js';
import { InvariantViolation } from '../src/errors.js';
import type { Logger } from '../src/logger.js';
import type { ActorFailure, ActorSystem, InspectionEvent, TaskPool } from '../src/runtime/index.js';
import type { Link } from '../src/runtime/link.js';
import { type LoadedApplication, machineParts } from './application.js';
import { composeReplica, type ReplicaPorts, type ReplicaSettings } from './compose-replica.js';
import type { PlacedRoles } from './placement.js';
import type { OpenLog } from './proposal-generator/machine-host.js';
import type { ActorFactories } from './replacement.js';
import type { ReplicaRoles } from './roles.js';

/** What a thread is told of the replica of which it runs a share: plain data. */
export interface ShareData {
  readonly settings: Omit<ReplicaSettings, 'validate' | 'actors'>;
  readonly placed: PlacedRoles;
  /** The thread on which the machine is called. */
  readonly machineThread: string;
  readonly dataDir: string;
  readonly durability: 'durable' | 'volatile';
  readonly cloneMessages: boolean;
  /** The thread from which the committed log is read. */
  readonly logThread: string;
  /** 32 bytes, on the thread of consensus alone; null elsewhere. */
  readonly signingSecret: Uint8Array | null;
  /** On the threads of network and gateway; null elsewhere, and where the transport is plain. */
  readonly credentials: TransportCredentials | null;
}

/** What a share is made of besides: what is on its thread, and on no other. */
export interface ShareObjects {
  readonly thread: string;
  /** To all other threads of the replica. */
  readonly links: readonly Link[];
  readonly log: Logger;
  /** Where the machine is here. */
  readonly application: LoadedApplication | null;
  /** Of the actors that are here. */
  readonly actors: ActorFactories;
  /** The way to the other side, where the log is read on one thread and the machine is on another. */
  readonly logPort: ThreadPort | undefined;
  /** The way to the other side, where the proposal generator is on one thread and the machine is on another. */
  readonly machinePort: ThreadPort | undefined;
  /** Of the process; null where the replica uses none. */
  readonly pool: TaskPool<HeavyTasks> | null;
  /** The application's own, in place of the store's. */
  readonly committedLog?: OpenLog | undefined;
  readonly reports?: ReplicaPorts['reports'];
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  readonly onFailure: (failure: ActorFailure) => void;
}

/**
 * Puts together those actors of a replica that stand on one thread, with the ports of these: sockets, store, machine.
 * Nothing of them is open before the replica is started.
 * @throws ConfigurationError as {@link composeReplica} does.
 */
export function composeShare(data: ShareData, own: ShareObjects): ActorSystem<ReplicaRoles, HeavyTasks> {
  const { settings, placed } = data;
  const { cluster } = settings;
  const { thread, links, log, application, actors, machinePort, pool, reports, inspect, onFailure } = own;
  const store = storeOf(data);
  const openLog = logOf(data, own, () => store.committedLog());
  const machine = application === null ? null : machineParts(application);
  const host = machine?.createHost(openLog) ?? elsewhere;
  if (machinePort !== undefined && machine !== null) servePort(machinePort, host);
  const roles = placed.get(thread) ?? [];
  return composeReplica(
    { ...settings, actors, ...(machine?.validate === undefined ? {} : { validate: machine.validate }) },
    {
      clock: systemClock,
      timers: systemTimers,
      schedule: scheduleTurn,
      random: systemRandom,
      ...(pool === null ? {} : { pool }),
      log,
      signer: data.signingSecret === null ? noSigner : createSigner(data.signingSecret),
      verifier: createVerifier(cluster.replicas.map(({ signingKey }) => hexToBytes(signingKey))),
      peerSockets: socketsOf('peer', data, log),
      clientSockets: socketsOf('gateway', data, log),
      store: store.port,
      machine: machinePort !== undefined && machine === null ? portAt(machinePort) : host,
      reports: reports ?? elsewhere,
      onFailure,
      cloneMessages: data.cloneMessages,
      ...(inspect === undefined ? {} : { inspect }),
    },
    { roles, others: links.map((link) => ({ link, roles: placed.get(link.thread) ?? [] })) },
  );
}

function storeOf({ settings, dataDir, durability }: ShareData) {
  return levelStore({
    directory: dataDir,
    clusterId: settings.cluster.clusterId,
    uncommittedMax: limits.storageUncommittedBlocks,
    durability,
  });
}

/** How this thread opens the committed log. Where the machine is on another one, that is given it. */
function logOf({ logThread }: ShareData, { thread, logPort, committedLog }: ShareObjects, ofStore: OpenLog): OpenLog {
  const open = committedLog ?? ofStore;
  if (logPort === undefined) return open;
  if (logThread !== thread) return committedLogAt(logPort);
  serveCommittedLog(logPort, open);
  return open;
}

function socketsOf(side: 'peer' | 'gateway', { settings: { cluster, id }, credentials }: ShareData, log: Logger) {
  return createSockets({ side, cluster, self: id, credentials, limits: SOCKET_LIMITS[side], log });
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

/** Stands for the port of an actor of another thread: it is opened there. */
function elsewhere(): never {
  throw new InvariantViolation('a port is opened on the thread of its actor');
}

/** One signer: the thread of consensus has it. */
const noSigner: Signer = {
  sign: () => {
    throw new InvariantViolation('only the thread of consensus signs');
  },
};
