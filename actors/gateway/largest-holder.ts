import type { ClientConnection } from './client-connection.js';

/**
 * Whom to give up where all connections together hold too much: of the address that holds most, the connection that holds
 * most. Null without a connection.
 */
export function largestHolder(
  connections: Iterable<ClientConnection>,
  bytesOf: (client: ClientConnection) => number,
): ClientConnection | null {
  const addresses = new Map<string, { bytes: number; largest: ClientConnection }>();
  for (const client of connections) {
    const bytes = bytesOf(client);
    const known = addresses.get(client.address);
    if (known === undefined) addresses.set(client.address, { bytes, largest: client });
    else {
      known.bytes += bytes;
      if (bytes > bytesOf(known.largest)) known.largest = client;
    }
  }
  let most: { readonly bytes: number; readonly largest: ClientConnection } | null = null;
  for (const each of addresses.values()) if (most === null || each.bytes > most.bytes) most = each;
  return most?.largest ?? null;
}
