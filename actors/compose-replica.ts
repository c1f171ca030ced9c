import type { ClusterConfig } from '../src/config/cluster.js';
import { type Limits, limits as usualLimits } from '../src/config/limits.js';
import { hexToBytes } from '../src/crypto/hash.js';
import type { HeavyTasks } from '../src/crypto/heavy-tasks.js';
import type { Signer, Verifier } from '../src/crypto/signing.js';
import type { Logger } from '../src/logger.js';
import { type LeaderSchedule, leaderSchedule } from '../src/protocol/leader-schedule.js';
import type { ReplicaId } from '../src/protocol/numbers.js';
import { commitRule } from '../src/protocol/rules/index.js';
import type { PortFactory } from '../src/runtime/behaviour.js';
import {
  type ActorDefinition,
  type ActorFailure,
  ActorSystem,
  type InspectionEvent,
  type RandomSource,
  type TaskPool,
  type TimerHost,
} from '../src/runtime/index.js';
import type { Link } from '../src/runtime/link.js';
import { genesisBlock } from '../src/wire/block.js';
import { createSigningBytes } from '../src/wire/signing-bytes.js';
import type { StoreEffect, StoreMessage } from '../src/wire/store.js';
import { createCertificateVerifier } from './consensus/certificate-verifier.js';
import { reservedViews } from './consensus/consensus.js';
import type { ConsensusSettings } from './consensus/settings.js';
import { type ActorOptions, defaultActors } from './default-actors.js';
import { mailboxFor } from './mailboxes.js';
import { makeReplacement } from './make-replacement.js';
import type { PacemakerMode } from './pacemaker/options.js';
import type { MachineEffect, ProposalGeneratorMessage } from './proposal-generator/messages.js';
import type { BatchOptions } from './proposal-generator/options.js';
import { checkTenureForSpeculation, type SpeculationOptions } from './proposal-generator/speculation-options.js';
import type { ActorFactories, ActorFactory } from './replacement.js';
import type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
import { type PortOf, REPLICA_ROLES, type ReplicaRole, type ReplicaRoles } from './roles.js';
import type { SocketEffect, SocketMessage } from './sockets.js';
import { syncSettings } from './sync/settings.js';

/** Everything of a replica that takes time, makes noise or holds a secret. The simulator hands in others. */
export interface ReplicaPorts {
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly timers: TimerHost;
  /** As in the options of an `ActorSystem`. */
  readonly schedule: (run: () => void) => void;
  readonly random: RandomSource;
  /** Does what is long of hashing and verifying; without it the actors do it themselves. */
  readonly pool?: TaskPool<HeavyTasks>;
  readonly log: Logger;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly peerSockets: PortFactory<SocketEffect, SocketMessage>;
  readonly clientSockets: PortFactory<SocketEffect, SocketMessage>;
  readonly store: PortFactory<StoreEffect, StoreMessage>;
  readonly machine: PortFactory<MachineEffect, ProposalGeneratorMessage>;
  /** Where the replica tells of its life. */
  readonly reports: PortFactory<ReplicaEffect, ReplicaMessage>;
  /** As in the options of an `ActorSystem`. */
  readonly onFailure: (failure: ActorFailure) => void;
  /** As in the options of an `ActorSystem`. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** Every message is cloned on its way, as a thread's border would do it. For tests. */
  readonly cloneMessages?: boolean;
}

/** What a replica is made of, beside its ports. */
export interface ReplicaSettings {
  readonly cluster: ClusterConfig;
  readonly id: ReplicaId;
  readonly batch: BatchOptions;
  /** By default `automatic`. */
  readonly pacemaker?: PacemakerMode;
  /** The name of the state machine; null for one without a name. */
  readonly machine: string | null;
  /** Given for a speculative machine; left out for one that takes commands. */
  readonly speculation?: SpeculationOptions;
  /** The machine's own check of a command before it is pooled. */
  readonly validate?: (command: Uint8Array) => boolean;
  /** Actors in place of ours, by role. */
  readonly actors?: ActorFactories;
  /** Who leads, in place of the cluster's own schedule: for simulated runs that say it view by view. */
  readonly schedule?: LeaderSchedule;
  /** In place of rows of the table of limits: for simulated runs in which they are tight. */
  readonly limits?: Partial<Limits>;
}

/** Which of a replica's actors are on one thread, and how it reaches the others. */
export interface ReplicaShare {
  readonly roles: readonly ReplicaRole[];
  readonly others: readonly { readonly link: Link; readonly roles: readonly ReplicaRole[] }[];
}

const WHOLE: ReplicaShare = { roles: REPLICA_ROLES, others: [] };

/**
 * Puts a replica's actors together on the given hosts: all of them, or the share of one thread. It runs once it is started,
 * the calling thread's share last, and told `startRequested`.
 * @throws ConfigurationError for a replacement that is no actor, and for tenures too short for a speculative machine.
 */
export function composeReplica(
  settings: ReplicaSettings,
  ports: ReplicaPorts,
  share: ReplicaShare = WHOLE,
): ActorSystem<ReplicaRoles, HeavyTasks> {
  const { cluster, id, batch, machine, validate, speculation } = settings;
  if (speculation !== undefined) checkTenureForSpeculation(cluster);
  const { log, random, signer } = ports;
  const limits = { ...usualLimits, ...settings.limits };
  const pooled = ports.pool !== undefined;
  const { clusterId, epoch, tenure: tenureLength, baseTimeoutMs } = cluster;
  const replicas = cluster.replicas.length;
  const genesis = genesisBlock(clusterId).hash;
  const signingBytes = createSigningBytes({ clusterId, epoch });
  const verifier = createCertificateVerifier({
    replicas,
    tenureLength,
    genesis,
    verifier: ports.verifier,
    signingBytes,
    remembered: limits.certificateCache,
    rememberedVotes: limits.verifiedVoteBlocks,
    publicKeys: cluster.replicas.map(({ signingKey }) => hexToBytes(signingKey)),
  });
  const system = new ActorSystem<ReplicaRoles, HeavyTasks>({
    roles: REPLICA_ROLES,
    clock: ports.clock,
    timers: ports.timers,
    schedule: ports.schedule,
    onFailure: ports.onFailure,
    cloneMessages: ports.cloneMessages ?? false,
    ...(ports.pool === undefined ? {} : { pool: ports.pool }),
    ...(ports.inspect === undefined ? {} : { inspect: ports.inspect }),
  });

  for (const { link, roles } of share.others) {
    system.connect(link, Object.fromEntries(roles.map((role) => [role, mailboxFor(role, replicas)])));
  }

  function add<Role extends ReplicaRole>(role: Role, options: ActorOptions[Role], port: PortOf<Role>): void {
    if (!share.roles.includes(role)) return;
    const create: ActorFactory<Role> = settings.actors?.[role] ?? ((parts) => defaultActors[role](parts.options));
    const actor = makeReplacement(create, { role, id, cluster, log, options, port });
    // That behaviour and port fit each other was checked where they were made: `port` here, or in customActor.
    const definition = { ...actor, mailbox: mailboxFor(role, replicas) };
    system.add(
      role,
      definition as unknown as ActorDefinition<ReplicaRoles, ReplicaRoles[Role], { type: string }, HeavyTasks>,
    );
  }

  const consensus: ConsensusSettings = {
    id,
    replicas,
    clusterId,
    genesis,
    tenureLength,
    rule: commitRule(cluster.rule),
    schedule: settings.schedule ?? leaderSchedule(cluster.leaderSchedule, { replicas, tenureLength }),
    signer,
    verifier,
    signingBytes,
    reserveViews: reservedViews(tenureLength),
    answerIntervalMs: baseTimeoutMs / 10,
    limits,
    log,
    ...(pooled ? { offloadSignatures: limits.offloadSignatures } : {}),
  };
  const generator = {
    id,
    replicas,
    limits,
    batch,
    log,
    ...(validate === undefined ? {} : { validate }),
    ...(speculation === undefined ? {} : { speculation: { ...speculation, tenureLength } }),
  };
  add('consensus', consensus, undefined);
  add('pacemaker', { baseTimeoutMs, mode: settings.pacemaker ?? 'automatic' }, undefined);
  const hashing = pooled ? { offloadBodyBytes: limits.offloadBodyBytes } : {};
  add('network', { id, cluster, limits, random, log, ...hashing }, ports.peerSockets);
  add('storage', { clusterId, id, machine, limits, log }, ports.store);
  add('proposalGenerator', generator, ports.machine);
  add('sync', { replicas, verifyCertificate: verifier.qc, settings: syncSettings(limits), logger: log }, undefined);
  add('gateway', { id, cluster, limits, random, log }, ports.clientSockets);
  add('replica', {}, ports.reports);
  return system;
}
