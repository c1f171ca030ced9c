/** Our own actors by role, and what each is made with. Their types name no library, so that users can write their own. */
import type { Behaviour } from '../src/runtime/behaviour.js';
import { createConsensus as consensus } from './consensus/consensus.js';
import type { ConsensusSettings } from './consensus/settings.js';
import type { GatewayOptions } from './gateway/context.js';
import { createGateway as gateway } from './gateway/gateway.js';
import { createNetwork as network } from './network/network.js';
import type { NetworkOptions } from './network/options.js';
import { createManualPacemaker as manualPacemaker } from './pacemaker/manual-pacemaker.js';
import type { PacemakerOptions } from './pacemaker/options.js';
import { createPacemaker as pacemaker } from './pacemaker/pacemaker.js';
import type { ProposalGeneratorOptions } from './proposal-generator/options.js';
import { createProposalGenerator as proposalGenerator } from './proposal-generator/proposal-generator.js';
import { type ReplicaActorOptions, createReplicaActor as replica } from './replica/replica.js';
import type { ReplicaEffects, ReplicaRole, ReplicaRoles } from './roles.js';
import { type StorageOptions, createStorage as storage } from './storage/storage.js';
import { type SyncOptions, createSync as sync } from './sync/sync.js';

/** What our own actor of each role is made with. */
export type ActorOptions = {
  readonly replica: ReplicaActorOptions;
  readonly consensus: ConsensusSettings;
  readonly pacemaker: PacemakerOptions;
  readonly proposalGenerator: ProposalGeneratorOptions;
  readonly network: NetworkOptions;
  readonly storage: StorageOptions;
  readonly sync: SyncOptions;
  readonly gateway: GatewayOptions;
};

/** A behaviour that takes the messages of `Role` and asks for no other effects than our own actor of that role. */
export type ActorBehaviour<Role extends ReplicaRole> = Behaviour<ReplicaRoles[Role], ReplicaEffects[Role]>;

/** Makes our own actor of one role. */
export type CreateActor<Role extends ReplicaRole> = (options: ActorOptions[Role]) => ActorBehaviour<Role>;

/** Makes the actor that owns the replica's life. */
export const createReplicaActor: CreateActor<'replica'> = replica;
/** Makes the actor that owns the current view, the block tree and the signing key. */
export const createConsensus: CreateActor<'consensus'> = consensus;
/** Makes the actor that decides when, or that asks the application: `options.mode`. */
export const createPacemaker: CreateActor<'pacemaker'> = (options) =>
  options.mode === 'manual' ? manualPacemaker(options) : pacemaker(options);
/** Makes the actor that owns the state machine and the pending commands. */
export const createProposalGenerator: CreateActor<'proposalGenerator'> = proposalGenerator;
/** Makes the actor that owns the connections to the peers. */
export const createNetwork: CreateActor<'network'> = network;
/** Makes the actor that makes blocks, commits and the safety record durable. */
export const createStorage: CreateActor<'storage'> = storage;
/** Makes the actor that fetches missing blocks and gives blocks to others. */
export const createSync: CreateActor<'sync'> = sync;
/** Makes the actor that owns the clients' connections. */
export const createGateway: CreateActor<'gateway'> = gateway;

/** Makes our own actor, by role. */
export const defaultActors: { readonly [Role in ReplicaRole]: CreateActor<Role> } = {
  replica: createReplicaActor,
  consensus: createConsensus,
  pacemaker: createPacemaker,
  proposalGenerator: createProposalGenerator,
  network: createNetwork,
  storage: createStorage,
  sync: createSync,
  gateway: createGateway,
};
