/** Which connections want the replies of which session. A session is a client id; nothing proves whose it is. */
import type { ClientId } from '../../src/protocol/numbers.js';
import type { ClientConnection } from './client-connection.js';

/** Remembers who is attached to what. A session is kept for as long as any connection is attached to it. */
export interface Sessions {
  /** False: the connection has as many sessions as it may. */
  attach(client: ClientId, connection: ClientConnection): boolean;
  /** Forgets a connection in all its sessions. */
  detachAll(connection: ClientConnection): void;
  /** In order of attaching. */
  connectionsOf(client: ClientId): ReadonlySet<ClientConnection>;
  readonly size: number;
}

interface SessionBounds {
  /** Sessions of one connection. */
  readonly attachedClients: number;
  /** Connections of one session. */
  readonly sessionConnections: number;
}

const NONE: ReadonlySet<ClientConnection> = new Set();

/** Makes the sessions of one gateway, with nobody attached. In a full session the oldest connection gives way. */
export function createSessions(bounds: SessionBounds): Sessions {
  const sessions = new Map<ClientId, Set<ClientConnection>>();

  function detach(client: ClientId, connection: ClientConnection): void {
    const connections = sessions.get(client);
    connections?.delete(connection);
    connection.attached.delete(client);
    if (connections?.size === 0) sessions.delete(client);
  }

  return {
    attach(client, connection) {
      if (connection.attached.has(client)) return true;
      if (connection.attached.size >= bounds.attachedClients) return false;
      const connections = sessions.get(client) ?? new Set();
      // A client that comes back before its old connection is known to be dead must not be kept out by it.
      const [oldest] = connections;
      if (oldest !== undefined && connections.size >= bounds.sessionConnections) detach(client, oldest);
      connections.add(connection);
      connection.attached.add(client);
      sessions.set(client, connections);
      return true;
    },
    detachAll(connection) {
      for (const client of [...connection.attached]) detach(client, connection);
    },
    connectionsOf: (client) => sessions.get(client) ?? NONE,
    get size() {
      return sessions.size;
    },
  };
}
