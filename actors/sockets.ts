/** The contract with a host of sockets. It stands in src/wire, where the adapter that performs it can see it. */
export type { ConnectionId, SocketEffect, SocketMessage } from '../src/wire/sockets.js';
