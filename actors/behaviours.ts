/**
 * The actors one by one (`hotstuff/actors`): for those who replace some of a replica's actors by their own, or compose a
 * replica in their own way. Here are our behaviours, their messages and effects, and the ports that perform these.
 * @module hotstuff/actors
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
export type { Durability } from '../src/adapters/volatile-mark.js';
export { createSigner, createVerifier } from '../src/crypto/ed25519.js';
export type { Ed25519Backend } from '../src/crypto/ed25519-backends.js';
export type {
  Bodies,
  HashedBodies,
  HeavyTasks,
  PackedChecks,
  SignatureCheck,
  VerifiedSignatures,
} from '../src/crypto/heavy-tasks.js';
export type { Signer, Verifier } from '../src/crypto/signing.js';
export { genesisBlock } from '../src/wire/block.js';
export type { CommandReply, RefusalReason } from '../src/wire/client-messages.js';
export type { Command, CommandBatch, FetchAnswer, FetchRequest, PeerMessage } from '../src/wire/peer-messages.js';
export type { SigningBytes } from '../src/wire/signing-bytes.js';
export type { StoreContents, StoreEffect, StoreEntry, StoreMessage } from '../src/wire/store.js';
export { type ClientActorOptions, createClientActor } from './client/client.js';
export type { ClientEffect, ClientMessage, ClientReport, ClientRoles, Submission } from './client/messages.js';
export type { ClusterIdentity } from './client/speech.js';
export { composeReplica, type ReplicaPorts, type ReplicaSettings, type ReplicaShare } from './compose-replica.js';
export type { CertificatesToCheck, CertificateVerifier, OpenCheck } from './consensus/certificate-verifier.js';
export type { ConsensusMessage, RecoveredStore } from './consensus/messages.js';
export type { ConsensusLimits, ConsensusSettings } from './consensus/settings.js';
export * from './default-actors.js';
export type { PaceBounds } from './gateway/client-pace.js';
export type { GatewayOptions } from './gateway/context.js';
export type { ClientWork, GatewayLimits } from './gateway/limits.js';
export type { GatewayMessage, SubmissionAnswer } from './gateway/messages.js';
export type { NetworkLimits } from './network/limits.js';
export type { NetworkMessage } from './network/messages.js';
export type { NetworkOptions } from './network/options.js';
export type { CommandBound } from './network/receive-credit.js';
export type { LaneBound } from './network/send-lanes.js';
export type { TrafficClass } from './network/traffic.js';
export type { PacemakerMessage } from './pacemaker/messages.js';
export type { PacemakerMode, PacemakerOptions } from './pacemaker/options.js';
export type * from './pacemaker/requests.js';
export type { ForwardWindow } from './proposal-generator/forward-pace.js';
export { createMachineHost, type OpenLog } from './proposal-generator/machine-host.js';
export type {
  ClientCommands,
  ClientRefusal,
  ClientReplies,
  ExecutedBlock,
  MachineEffect,
  ProposalGeneratorMessage,
  RepeatedReplies,
} from './proposal-generator/messages.js';
export type { ProposalGeneratorLimits, ProposalGeneratorOptions } from './proposal-generator/options.js';
export type { SessionCopy } from './proposal-generator/session.js';
export type { SessionBounds } from './proposal-generator/session-table.js';
export type { MachineProposal } from './proposal-generator/speculation.js';
export { createSpeculativeHost } from './proposal-generator/speculative-host.js';
export * from './replacement.js';
export type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
export type { ReplicaActorOptions } from './replica/replica.js';
export type { ReplicaPart } from './replica/stop-order.js';
export type * from './roles.js';
export type { ConnectionId, SocketEffect, SocketMessage } from './sockets.js';
export type { ReadPortion } from './storage/block-reads.js';
export type { BlockReader, BlocksRead, EvidenceRead, PersistRequest, StorageMessage } from './storage/messages.js';
export type { StorageLimits, StorageOptions } from './storage/storage.js';
export type { SyncMessage } from './sync/messages.js';
export type { SyncSettings } from './sync/settings.js';
export type { SyncOptions } from './sync/sync.js';
