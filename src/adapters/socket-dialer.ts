/** Opens ws connections to configured replicas and makes sure that it is they who answer. */
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { ReplicaId } from '../protocol/numbers.js';
import { presentedIdentity } from './presented-key.js';
import type { SocketsOptions } from './socket-options.js';
import { conversationOf, endpointOf, tlsSettings } from './socket-protocol.js';

/** A connection that was dialed and upgraded to ws. Who is told of it owns it. */
export interface Dialed {
  readonly ws: WebSocket;
  readonly stream: Duplex;
  /** Whom we dialed; on TLS it has proved its key. */
  readonly peer: ReplicaId;
  readonly address: string;
}

/** A dial under way. */
export interface Dialing {
  /** Gives up; exactly one of the two callbacks still comes. */
  abort(): void;
}

interface DialEvents {
  onOpened(dialed: Dialed): void;
  onFailed(reason: string): void;
}

/** Dials `peer`: TCP, TLS, its key compared with the configured one, the upgrade to ws. */
export function dialReplica(options: SocketsOptions, peer: ReplicaId, events: DialEvents): Dialing {
  const { cluster, limits, side } = options;
  const tls = cluster.transport === 'tls';
  const names = conversationOf(side);
  let stream: Socket | null = null;
  let failure: string | null = null;

  const { host, port } = endpointOf(options, peer);
  const urlHost = host.includes(':') ? `[${host}]` : host;
  const ws = new WebSocket(`${tls ? 'wss' : 'ws'}://${urlHost}:${port}${names.path}`, names.subprotocol, {
    perMessageDeflate: false,
    maxPayload: limits.frameBytesMax,
    handshakeTimeout: limits.handshakeTimeoutMs,
    skipUTF8Validation: true,
    autoPong: false,
    followRedirects: false,
    generateMask: leaveUnmasked,
    createConnection: openStream,
  });

  function openStream(): Socket {
    if (!tls) {
      stream = connectTcp({ host, port, noDelay: true });
      return stream;
    }
    const socket = connectTls({
      host,
      port,
      ...tlsSettings(options.credentials),
      // Self-signed: the key is compared below, before any answer of the other side is read.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    socket.once('secureConnect', () => {
      const identity = presentedIdentity(socket, cluster);
      if (identity.ok && identity.replica === peer) return;
      failure = identity.ok ? 'anotherReplicasKey' : identity.cause;
      socket.destroy();
    });
    stream = socket;
    return socket;
  }

  ws.once('error', (error: NodeJS.ErrnoException) => {
    ws.removeAllListeners();
    // A request that was given up may still report an error of its socket.
    ws.on('error', () => undefined);
    ws.terminate();
    events.onFailed(failure ?? dialFailure(error));
  });
  ws.once('open', () => {
    ws.removeAllListeners();
    if (stream === null) return;
    events.onOpened({ ws, stream, peer, address: `${host}:${port}` });
  });
  return {
    abort() {
      failure = 'aborted';
      ws.terminate();
    },
  };
}

/**
 * Masks with zeros, which ws and its counterpart skip. Masks protect caching HTTP proxies from hostile scripts in
 * browsers (RFC 6455, section 10.3); between our own processes they cost a copy and a pass over every byte.
 */
function leaveUnmasked(mask: Buffer): void {
  mask.fill(0);
}

const DIAL_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'connectionReset',
  EPIPE: 'connectionReset',
  ENOTFOUND: 'hostUnknown',
  EAI_AGAIN: 'hostUnknown',
  ETIMEDOUT: 'timedOut',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};

function dialFailure(error: NodeJS.ErrnoException): string {
  if (error.message.includes('Opening handshake has timed out')) return 'handshakeTimeout';
  const status = /^Unexpected server response: (\d{3})$/.exec(error.message)?.[1];
  if (status !== undefined) return `answered ${status}`;
  return DIAL_FAILURES[error.code ?? ''] ?? `dialError ${error.code ?? error.message.slice(0, 80)}`;
}
