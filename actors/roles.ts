/** Every actor of a replica, by role, and what each may say to whom. A wrong address or message does not compile. */
import type { HeavyTasks } from '../src/crypto/heavy-tasks.js';
import type { PortFactory, RuntimeEffect } from '../src/runtime/behaviour.js';
import type { PortEffectOf } from '../src/runtime/index.js';
import type { ConsensusMessage } from './consensus/messages.js';
import type { GatewayMessage } from './gateway/messages.js';
import type { NetworkMessage } from './network/messages.js';
import type { PacemakerMessage } from './pacemaker/messages.js';
import type { MachineEffect, ProposalGeneratorMessage } from './proposal-generator/messages.js';
import type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
import { STOP_ORDER } from './replica/stop-order.js';
import type { SocketEffect } from './sockets.js';
import type { StorageEffect, StorageMessage } from './storage/messages.js';
import type { SyncMessage } from './sync/messages.js';

/** The messages that each actor of a replica takes, by role. */
export type ReplicaRoles = {
  readonly replica: ReplicaMessage;
  readonly consensus: ConsensusMessage;
  readonly pacemaker: PacemakerMessage;
  readonly proposalGenerator: ProposalGeneratorMessage;
  readonly network: NetworkMessage;
  readonly storage: StorageMessage;
  readonly sync: SyncMessage;
  readonly gateway: GatewayMessage;
};

type EffectOf<Role extends keyof ReplicaRoles> = RuntimeEffect<ReplicaRoles, ReplicaRoles[Role], HeavyTasks>;

/** What the actor `replica` may ask for. */
export type ReplicaActorEffect = EffectOf<'replica'> | ReplicaEffect;
/** What consensus may ask for. */
export type ConsensusEffect = EffectOf<'consensus'>;
/** What the pacemaker may ask for. */
export type PacemakerEffect = EffectOf<'pacemaker'>;
/** What the proposal generator may ask for; the machine stands behind its port. */
export type ProposalGeneratorEffect = EffectOf<'proposalGenerator'> | MachineEffect;
/** What network may ask for; sockets to other replicas stand behind its port. */
export type NetworkEffect = EffectOf<'network'> | SocketEffect;
/** What storage may ask for; the store stands behind its port. */
export type StorageActorEffect = EffectOf<'storage'> | StorageEffect;
/** What sync may ask for. */
export type SyncEffect = EffectOf<'sync'>;
/** What the gateway may ask for; sockets to clients stand behind its port. */
export type GatewayEffect = EffectOf<'gateway'> | SocketEffect;

/** What each of our actors asks for, by role. */
export type ReplicaEffects = {
  readonly replica: ReplicaActorEffect;
  readonly consensus: ConsensusEffect;
  readonly pacemaker: PacemakerEffect;
  readonly proposalGenerator: ProposalGeneratorEffect;
  readonly network: NetworkEffect;
  readonly storage: StorageActorEffect;
  readonly sync: SyncEffect;
  readonly gateway: GatewayEffect;
};

/** The name of one of a replica's actors. */
export type ReplicaRole = keyof ReplicaRoles;

/** All roles, in the order in which their ports are closed. */
export const REPLICA_ROLES: readonly ReplicaRole[] = [...STOP_ORDER, 'replica'];

/** What performs the effects of our own actor of that role; undefined for one that asks only for the runtime's. */
export type PortOf<Role extends ReplicaRole> = [PortEffectOf<ReplicaEffects[Role]>] extends [never]
  ? undefined
  : PortFactory<PortEffectOf<ReplicaEffects[Role]>, ReplicaRoles[Role]>;
