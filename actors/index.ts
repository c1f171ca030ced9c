/**
 * The library's entry point: replicas, clients, and what an application writes against.
 * @module hotstuff
 */
export { loadCluster } from '../src/adapters/cluster-files.js';
export type { ClusterConfig, ReplicaInfo } from '../src/config/cluster.js';
export { ConfigurationError, type ErrorFacts, InvariantViolation, OperationalError } from '../src/errors.js';
export type { LogFacts, Logger } from '../src/logger.js';
export type { PoolCounters } from '../src/pool-counters.js';
export type { CommittedLog } from '../src/protocol/committed-log.js';
export { asHeight, type BlockHash, type Height, type ReplicaId, type View } from '../src/protocol/numbers.js';
export type { Block, BlockHeader } from '../src/protocol/types.js';
export type { BlockSummary, ReplicaStatus } from '../src/wire/client-messages.js';
export {
  checkEquivocation,
  type EvidenceCluster,
  type EvidenceProblem,
  type EvidenceVerdict,
} from '../src/wire/evidence-check.js';
export {
  type EvidenceDocument,
  type EvidenceReading,
  evidenceDocument,
  readEvidence,
} from '../src/wire/evidence-document.js';
export type { Application } from './application.js';
export type { ClientOptions, EvidenceQuery, LogQuery, StatusQuery } from './client-options.js';
export { type Client, type CommandResult, createClient, type LogPage, type StatusAnswer } from './create-client.js';
export { createReplica } from './create-replica.js';
export type { PacemakerMode } from './pacemaker/options.js';
export type { ProposedBlock, QcOutcome } from './pacemaker/requests.js';
export type { Placement } from './placement.js';
export {
  type CommandApplication,
  type CommandMachine,
  type CommandPosition,
  commands,
} from './proposal-generator/command-machine.js';
export type { MachineModule, MachineModuleExports } from './proposal-generator/machine-module.js';
export type { ProposalBuffer } from './proposal-generator/messages.js';
export type { BatchOptions } from './proposal-generator/options.js';
export type { SpeculationOptions } from './proposal-generator/speculation-options.js';
export { type SpeculativeApplication, type StateMachine, speculative } from './proposal-generator/state-machine.js';
export { type ActorReplacements, customActor } from './replacement.js';
export type { Replica } from './replica-handle.js';
export type { ReplicaEvents, ReplicaListener } from './replica-listeners.js';
export type { ReplicaOptions } from './replica-options.js';
export type { RequestOptions } from './request-options.js';
export { type MetricsOptions, type MetricsServer, serveMetrics } from './serve-metrics.js';
