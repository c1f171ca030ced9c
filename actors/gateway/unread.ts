/** What waits to be sent to clients, all of them together: replies that are not read stay in memory. */
import type { ClientConnection } from './client-connection.js';
import type { GatewayContext } from './context.js';

/** Brings the sum up to date with what waits for one connection; 0 bytes once that is forgotten. */
export function countUnread(context: GatewayContext, client: ClientConnection): void {
  const waiting = context.connections.has(client.connection) ? client.outbox.waitingBytes : 0;
  context.unreadBytes += waiting - client.unreadBytes;
  client.unreadBytes = waiting;
}

/** Whom to give up where too much waits: of the address for which most waits, the connection for which most waits. */
export function mostUnread(connections: Iterable<ClientConnection>): ClientConnection | null {
  const addresses = new Map<string, { bytes: number; largest: ClientConnection }>();
  for (const client of connections) {
    const { address, unreadBytes } = client;
    const known = addresses.get(address);
    if (known === undefined) addresses.set(address, { bytes: unreadBytes, largest: client });
    else {
      known.bytes += unreadBytes;
      if (unreadBytes > known.largest.unreadBytes) known.largest = client;
    }
  }
  let most: { readonly bytes: number; readonly largest: ClientConnection } | null = null;
  for (const each of addresses.values()) if (most === null || each.bytes > most.bytes) most = each;
  return most?.largest ?? null;
}
