/** Accepts ws connections, over TLS or plain, and turns away everything else quickly and without a throw. */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits as bounds } from '../config/limits.js';
import type { ReplicaId } from '../protocol/numbers.js';
import { listenFailure } from './listen-failure.js';
import { presentedIdentity } from './presented-key.js';
import { addressOf, trackHandshakes } from './socket-handshakes.js';
import type { RefusalCause, SocketsOptions } from './socket-options.js';
import { conversationOf, endpointOf, tlsSettings } from './socket-protocol.js';

/**
 * A connection that was accepted and upgraded to ws. Who is told of it owns it. `peer`: which replica proved its
 * transport key; null for a client, or on plain TCP, where nobody proves anything.
 */
export interface Accepted {
  readonly ws: WebSocket;
  readonly stream: Duplex;
  readonly peer: ReplicaId | null;
  readonly address: string;
}

interface ListenerEvents {
  onListening(port: number): void;
  onFailed(code: string, detail: string): void;
  onAccepted(accepted: Accepted): void;
  onRefused(cause: RefusalCause, address: string): void;
}

/** A listener that was opened; whether it listens is told by `onListening` or `onFailed`. */
export interface Listener {
  /** Accepts no more and ends handshakes in progress; open connections stay. */
  close(): void;
}

/** What errors of a connection that is not ws yet are, where the code says so. */
const CAUSES: Readonly<Record<string, RefusalCause>> = {
  ECONNRESET: 'hungUp',
  EPIPE: 'hungUp',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'handshakeTimeout',
  ERR_HTTP_REQUEST_TIMEOUT: 'handshakeTimeout',
};

/** Listens on the address that the configuration gives this replica. */
export function openListener(options: SocketsOptions & { readonly self: ReplicaId }, events: ListenerEvents): Listener {
  const { cluster, limits, self } = options;
  const server = createServer(options);
  const upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.frameBytesMax,
    skipUTF8Validation: true,
    autoPong: false,
    clientTracking: false,
  });
  const handshakes = trackHandshakes(limits, events.onRefused);
  server.maxConnections = limits.connectionsMax;
  server.on('drop', (data) => events.onRefused('tooManyConnections', data?.remoteAddress ?? 'unknown'));
  server.on('connection', handshakes.begin);
  // Of https this is also what its own `tlsClientError` leads to.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const failedTls = cluster.transport === 'tls' && !error.code?.startsWith('HPE_');
    handshakes.refuse(socket, CAUSES[error.code ?? ''] ?? (failedTls ? 'tlsFailed' : 'malformedRequest'));
    if (failedTls) socket.destroy();
    else answerAndEnd(socket, '400 Bad Request');
  });
  server.on('request', (request, response) => {
    handshakes.refuse(request.socket, 'notAnUpgrade');
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
  });
  server.on('upgrade', (request, stream, head) => {
    const address = addressOf(request.socket);
    // Between the events of http and those of ws nobody else listens; an error here ends in `close` alone.
    stream.on('error', () => stream.destroy());
    const verdict = judgeUpgrade(request, options);
    if (!verdict.ok) {
      handshakes.refuse(stream, verdict.cause);
      answerAndEnd(stream, verdict.status);
      return;
    }
    upgrader.handleUpgrade(request, stream, head, (ws) => {
      handshakes.finish(request.socket);
      request.socket.setKeepAlive(true, bounds.tcpKeepaliveMs);
      events.onAccepted({ ws, stream, peer: verdict.peer, address });
    });
  });
  upgrader.on('wsClientError', (_error, socket) => {
    handshakes.refuse(socket, 'malformedRequest');
    answerAndEnd(socket, '400 Bad Request');
  });

  const { host, port } = endpointOf(options, self);
  server.on('error', (error: NodeJS.ErrnoException) => {
    // Once it listens, an error is one of accepting: no file descriptor left, say. The server goes on.
    if (server.listening) events.onRefused('acceptFailed', 'unknown');
    else events.onFailed(...listenFailure(error, host, port));
  });
  server.listen({ host, port }, () => {
    const address = server.address();
    events.onListening(typeof address === 'object' && address !== null ? address.port : port);
  });
  return {
    close() {
      server.close();
      handshakes.endAll();
    },
  };
}

function createServer(options: SocketsOptions): Server {
  const settings = {
    maxHeaderSize: bounds.requestHeaderBytes,
    keepAliveTimeout: 1,
    requestTimeout: options.limits.handshakeTimeoutMs,
  };
  if (options.cluster.transport === 'plain') return createHttpServer(settings);
  return createHttpsServer({
    ...settings,
    ...tlsSettings(options.credentials),
    requestCert: options.side === 'peer',
    // Certificates are self-signed: `presentedIdentity` compares their keys with the configuration.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: options.limits.handshakeTimeoutMs,
  });
}

type Verdict =
  | { readonly ok: true; readonly peer: ReplicaId | null }
  | { readonly ok: false; readonly cause: RefusalCause; readonly status: string };

/** Whether a request for an upgrade is one of ours, and who sent it as far as TLS can tell. */
function judgeUpgrade(request: IncomingMessage, options: SocketsOptions): Verdict {
  const names = conversationOf(options.side);
  if (request.url !== names.path) return { ok: false, cause: 'wrongPath', status: '404 Not Found' };
  if (request.headers['sec-websocket-protocol'] !== names.subprotocol)
    return { ok: false, cause: 'wrongSubprotocol', status: '400 Bad Request' };
  if (options.side !== 'peer' || !(request.socket instanceof TLSSocket)) return { ok: true, peer: null };
  const identity = presentedIdentity(request.socket, options.cluster);
  if (identity.ok) return { ok: true, peer: identity.replica };
  return { ok: false, cause: identity.cause, status: '403 Forbidden' };
}

/** Says why, and waits for the other side to hang up: hanging up first would often reset what it was just told. */
function answerAndEnd(stream: Duplex, status: string): void {
  if (!stream.writable) {
    stream.destroy();
    return;
  }
  const linger = setTimeout(() => stream.destroy(), bounds.lingerMs);
  stream.once('close', () => clearTimeout(linger));
  stream.on('error', () => stream.destroy());
  stream.on('end', () => stream.destroy());
  stream.resume();
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
