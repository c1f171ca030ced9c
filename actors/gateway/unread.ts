/** What waits to be sent to clients, all of them together: replies that are not read stay in memory. */
import type { ClientConnection } from './client-connection.js';
import type { GatewayContext } from './context.js';

/** Brings the sum up to date with what waits for one connection; 0 bytes once that is forgotten. */
export function countUnread(context: GatewayContext, client: ClientConnection): void {
  const waiting = context.connections.has(client.connection) ? client.outbox.waitingBytes : 0;
  context.unreadBytes += waiting - client.unreadBytes;
  client.unreadBytes = waiting;
}
