import { acquireHeavyPool } from '../src/adapters/heavy-pool.js';
import { loadReplicaKeys } from '../src/adapters/key-files.js';
import { createLogger } from '../src/adapters/logger.js';
import { MAIN_THREAD } from '../src/adapters/thread-module.js';
import { asReplicaId } from '../src/protocol/numbers.js';
import { loadApplication, nameOf, speculationOf } from './application.js';
import { composeShare, type ShareData, type ShareObjects } from './compose-share.js';
import { type Placed, placeActors, threadOf } from './placement.js';
import { isMachineModule } from './proposal-generator/machine-module.js';
import type { BatchOptions } from './proposal-generator/options.js';
import type { SpeculationOptions } from './proposal-generator/speculation-options.js';
import type { ActorReplacements } from './replacement.js';
import { Replica } from './replica-handle.js';
import { checkReplicaOptions, type ReplicaOptions } from './replica-options.js';
import { resolveActors } from './resolve-actors.js';
import type { ReplicaRole } from './roles.js';
import { shareFor, startShares } from './start-shares.js';

/** A block of four hundred usual commands is full; a command on its own never waits for others. */
const DEFAULT_BATCH: BatchOptions = { commands: 400, bytes: 4 * 1024 * 1024, ms: 0 };

/**
 * Starts one replica of a cluster and resolves when it listens for peers and clients. When it throws, whatever it had
 * opened is closed again, so that it can be called anew.
 * @throws ConfigurationError for options that cannot work; OperationalError when keys, store or ports cannot be used;
 * the reason of `signal` when that was aborted first.
 */
export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  checkReplicaOptions(options);
  const { actors = {}, poolSize = 1 } = options;
  const signal = options.signal ?? undefined;
  signal?.throwIfAborted();
  const settings = settingsFrom(options);
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
function settingsFrom(options: ReplicaOptions): Omit<ShareData['settings'], 'machine'> {
  const { cluster, id, pacemaker = 'automatic', batch = {} } = options;
  const speculation = speculationOf(options.machine, speculationOptions(options));
  return {
    cluster,
    id: asReplicaId(id),
    pacemaker,
    batch: {
      commands: batch.commands ?? DEFAULT_BATCH.commands,
      bytes: batch.bytes ?? DEFAULT_BATCH.bytes,
      ms: batch.ms ?? DEFAULT_BATCH.ms,
    },
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
