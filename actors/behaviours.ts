/**
 * The actors one by one (`hotstuff/actors`): for those who replace some of a replica's actors by their own, or compose a
 * replica in their own way. Here are our behaviours, their messages and effects, and the ports that perform these.
 */
export { type LevelStore, type LevelStoreOptions, levelStore } from '../src/adapters/level-store.js';
export { createLogger, type LoggerOptions } from '../src/adapters/logger.js';
export type {
  RefusalCause,
  SocketLimits,
  SocketRefusal,
  SocketsOptions,
  TransportCredentials,
} from '../src/adapters/socket-options.js';
export { createSockets } from '../src/adapters/sockets.js';
export { createSigner, createVerifier } from '../src/crypto/ed25519.js';
export type { Signer, Verifier } from '../src/crypto/signing.js';
export { genesisBlock } from '../src/wire/block.js';
export type { PeerMessage } from '../src/wire/peer-messages.js';
export type { StoreContents, StoreEffect, StoreEntry, StoreMessage } from '../src/wire/store.js';
export { type ClientActorOptions, createClientActor } from './client/client.js';
export type { ClientEffect, ClientMessage } from './client/messages.js';
export { composeReplica, type ReplicaPorts, type ReplicaSettings } from './compose-replica.js';
export type { ConsensusMessage } from './consensus/messages.js';
export * from './default-actors.js';
export type { GatewayMessage } from './gateway/messages.js';
export type { NetworkMessage } from './network/messages.js';
export type { PacemakerMessage } from './pacemaker/messages.js';
export type { PacemakerMode } from './pacemaker/options.js';
export type * from './pacemaker/requests.js';
export { createMachineHost, type OpenLog } from './proposal-generator/machine-host.js';
export type { MachineEffect, ProposalGeneratorMessage } from './proposal-generator/messages.js';
export { createSpeculativeHost } from './proposal-generator/speculative-host.js';
export * from './replacement.js';
export type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
export type * from './roles.js';
export type { ConnectionId, SocketEffect, SocketMessage } from './sockets.js';
export type { BlockReader, BlocksRead, PersistRequest, StorageMessage } from './storage/messages.js';
export type { SyncMessage } from './sync/messages.js';
