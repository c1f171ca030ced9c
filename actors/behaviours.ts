/** The actors one by one (`hotstuff/actors`): for those who compose a replica in their own way. */
export { createClientActor } from './client/client.js';
export { composeReplica, type ReplicaPorts, type ReplicaSettings } from './compose-replica.js';
export { createConsensus } from './consensus/consensus.js';
export { createGateway } from './gateway/gateway.js';
export { createNetwork } from './network/network.js';
export { createPacemaker } from './pacemaker/pacemaker.js';
export { createMachineHost } from './proposal-generator/machine-host.js';
export { createProposalGenerator } from './proposal-generator/proposal-generator.js';
export { createReplicaActor } from './replica/replica.js';
export type * from './roles.js';
export type { ConnectionId, SocketEffect, SocketMessage } from './sockets.js';
export { createStorage } from './storage/storage.js';
export { createSync } from './sync/sync.js';
