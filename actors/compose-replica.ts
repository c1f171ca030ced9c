import type { ClusterConfig } from '../src/config/cluster.js';
import { limits } from '../src/config/limits.js';
import type { Signer, Verifier } from '../src/crypto/signing.js';
import type { Logger } from '../src/logger.js';
import { roundRobin } from '../src/protocol/leader-schedule.js';
import type { ReplicaId } from '../src/protocol/numbers.js';
import { commitRule } from '../src/protocol/rules/index.js';
import type { PortFactory } from '../src/runtime/behaviour.js';
import {
  type ActorFailure,
  ActorSystem,
  type InspectionEvent,
  type RandomSource,
  type TimerHost,
} from '../src/runtime/index.js';
import { genesisBlock } from '../src/wire/block.js';
import { createSigningBytes } from '../src/wire/signing-bytes.js';
import type { StoreEffect, StoreMessage } from '../src/wire/store.js';
import { createCertificateVerifier } from './consensus/certificate-verifier.js';
import { createConsensus, reservedViews } from './consensus/consensus.js';
import { createGateway } from './gateway/gateway.js';
import { mailboxFor } from './mailboxes.js';
import { createNetwork } from './network/network.js';
import { createPacemaker } from './pacemaker/pacemaker.js';
import type { MachineEffect, ProposalGeneratorMessage } from './proposal-generator/messages.js';
import type { BatchOptions } from './proposal-generator/options.js';
import { createProposalGenerator } from './proposal-generator/proposal-generator.js';
import type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
import { createReplicaActor } from './replica/replica.js';
import { STOP_ORDER } from './replica/stop-order.js';
import type { ReplicaRoles } from './roles.js';
import type { SocketEffect, SocketMessage } from './sockets.js';
import { createStorage } from './storage/storage.js';
import { createSync } from './sync/sync.js';

/** Everything of a replica that takes time, makes noise or holds a secret. The simulator hands in others. */
export interface ReplicaPorts {
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly timers: TimerHost;
  readonly schedule: (run: () => void) => void;
  readonly random: RandomSource;
  readonly log: Logger;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly peerSockets: PortFactory<SocketEffect, SocketMessage>;
  readonly clientSockets: PortFactory<SocketEffect, SocketMessage>;
  readonly store: PortFactory<StoreEffect, StoreMessage>;
  readonly machine: PortFactory<MachineEffect, ProposalGeneratorMessage>;
  /** Where the replica tells of its life. */
  readonly reports: PortFactory<ReplicaEffect, ReplicaMessage>;
  readonly onFailure: (failure: ActorFailure) => void;
  readonly inspect?: (event: InspectionEvent) => void;
  /** Every message is cloned on its way, as a thread's border would do it. For tests. */
  readonly cloneMessages?: boolean;
}

export interface ReplicaSettings {
  readonly cluster: ClusterConfig;
  readonly id: ReplicaId;
  readonly batch: BatchOptions;
  /** The machine's own check of a command before it is pooled. */
  readonly validate?: (command: Uint8Array) => boolean;
}

/** Puts a replica's actors together on the given hosts. It runs once it is started and told `startRequested`. */
export function composeReplica(settings: ReplicaSettings, ports: ReplicaPorts): ActorSystem<ReplicaRoles> {
  const { cluster, id, batch, validate } = settings;
  const { log, random, signer } = ports;
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
  });
  const consensus = createConsensus({
    id,
    replicas,
    clusterId,
    genesis,
    tenureLength,
    rule: commitRule(cluster.rule),
    schedule: roundRobin(replicas),
    signer,
    verifier,
    signingBytes,
    reserveViews: reservedViews(tenureLength),
    answerIntervalMs: baseTimeoutMs / 10,
    limits,
    log,
  });
  const generator = createProposalGenerator({
    id,
    replicas,
    limits,
    batch,
    log,
    ...(validate === undefined ? {} : { validate }),
  });
  const system = new ActorSystem<ReplicaRoles>({
    roles: [...STOP_ORDER, 'replica'],
    clock: ports.clock,
    timers: ports.timers,
    schedule: ports.schedule,
    onFailure: ports.onFailure,
    cloneMessages: ports.cloneMessages ?? false,
    ...(ports.inspect === undefined ? {} : { inspect: ports.inspect }),
  });
  const mailbox = <Role extends keyof ReplicaRoles>(role: Role) => mailboxFor(role, replicas);
  return system
    .add('consensus', { behaviour: consensus, mailbox: mailbox('consensus') })
    .add('pacemaker', { behaviour: createPacemaker({ baseTimeoutMs }), mailbox: mailbox('pacemaker') })
    .add('network', {
      behaviour: createNetwork({ id, cluster, limits, random, log }),
      mailbox: mailbox('network'),
      port: ports.peerSockets,
    })
    .add('storage', {
      behaviour: createStorage({ clusterId, id }),
      mailbox: mailbox('storage'),
      port: ports.store,
    })
    .add('proposalGenerator', { behaviour: generator, mailbox: mailbox('proposalGenerator'), port: ports.machine })
    .add('sync', {
      behaviour: createSync({ replicas, verifyCertificate: verifier.qc, logger: log }),
      mailbox: mailbox('sync'),
    })
    .add('gateway', {
      behaviour: createGateway({ id, cluster, limits, log }),
      mailbox: mailbox('gateway'),
      port: ports.clientSockets,
    })
    .add('replica', { behaviour: createReplicaActor(), mailbox: mailbox('replica'), port: ports.reports });
}
