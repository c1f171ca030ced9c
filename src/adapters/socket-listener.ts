/** Accepts ws connections, over TLS or plain, and turns away everything else quickly and without a throw. */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ReplicaId } from '../protocol/numbers.js';
import { presentedIdentity } from './presented-key.js';
import type { RefusalCause, SocketsOptions } from './socket-options.js';
import { conversationOf, endpointOf, tlsSettings } from './socket-protocol.js';

export interface Accepted {
  readonly ws: WebSocket;
  readonly stream: Duplex;
  readonly peer: ReplicaId | null;
  readonly address: string;
}

export interface ListenerEvents {
  onListening(port: number): void;
  onFailed(code: string, detail: string): void;
  onAccepted(accepted: Accepted): void;
  onRefused(cause: RefusalCause, address: string): void;
}

export interface Listener {
  /** Accepts no more and ends handshakes in progress; open connections stay. */
  close(): void;
}

const HEADER_BYTES_MAX = 4096;
/** Peers have signs of life of their own; a client whose host is gone is found by TCP. */
const KEEPALIVE_AFTER_MS = 10_000;

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
  const handshakes = trackHandshakes(options, events);
  const refused = new WeakSet<Duplex>();
  /** Counts a connection once, however many errors follow from its end. */
  function refuse(stream: Duplex, cause: RefusalCause): void {
    if (refused.has(stream)) return;
    refused.add(stream);
    events.onRefused(cause, addressOf(stream as Socket));
  }
  server.maxConnections = limits.connectionsMax;
  server.on('drop', (data) => events.onRefused('tooManyConnections', data?.remoteAddress ?? 'unknown'));
  server.on('connection', handshakes.begin);
  // Of https this is also what its own `tlsClientError` leads to.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const failedTls = cluster.transport === 'tls' && !error.code?.startsWith('HPE_');
    refuse(socket, failedTls ? 'tlsFailed' : 'malformedRequest');
    if (failedTls) socket.destroy();
    else answerAndEnd(socket, '400 Bad Request');
  });
  server.on('request', (request, response) => {
    refuse(request.socket, 'notAnUpgrade');
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
  });
  server.on('upgrade', (request, stream, head) => {
    const address = addressOf(request.socket);
    // Between the events of http and those of ws nobody else listens; an error here ends in `close` alone.
    stream.on('error', () => stream.destroy());
    const verdict = judgeUpgrade(request, options);
    if (!verdict.ok) {
      refuse(stream, verdict.cause);
      answerAndEnd(stream, verdict.status);
      return;
    }
    upgrader.handleUpgrade(request, stream, head, (ws) => {
      handshakes.finish(request.socket);
      request.socket.setKeepAlive(true, KEEPALIVE_AFTER_MS);
      events.onAccepted({ ws, stream, peer: verdict.peer, address });
    });
  });
  upgrader.on('wsClientError', (_error, socket) => {
    refuse(socket, 'malformedRequest');
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
    maxHeaderSize: HEADER_BYTES_MAX,
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

/** Bounds, by number and by time, the connections that are not ws yet: silence, one byte a second, TLS left half done. */
function trackHandshakes({ limits }: SocketsOptions, events: ListenerEvents) {
  const open = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();
  const perAddress = new Map<string, number>();

  function forget(key: string, address: string): void {
    const handshake = open.get(key);
    if (handshake === undefined) return;
    clearTimeout(handshake.timer);
    open.delete(key);
    const left = (perAddress.get(address) ?? 1) - 1;
    if (left > 0) perAddress.set(address, left);
    else perAddress.delete(address);
  }

  return {
    begin(socket: Socket): void {
      const address = addressOf(socket);
      const key = keyOf(socket);
      const count = (perAddress.get(address) ?? 0) + 1;
      if (count > limits.handshakesPerAddressMax) {
        events.onRefused('tooManyHandshakes', address);
        socket.destroy();
        return;
      }
      perAddress.set(address, count);
      const timer = setTimeout(() => {
        events.onRefused('handshakeTimeout', address);
        socket.destroy();
      }, limits.handshakeTimeoutMs);
      open.set(key, { socket, timer });
      socket.once('close', () => forget(key, address));
    },
    finish(socket: Socket): void {
      forget(keyOf(socket), addressOf(socket));
    },
    endAll(): void {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

/** The same for a TCP socket and the TLS socket upon it. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? 'unknown';
}

/** How long who was turned away may take to hang up. Hanging up first would often reset what it was just told. */
const LINGER_MS = 500;

function answerAndEnd(stream: Duplex, status: string): void {
  if (!stream.writable) {
    stream.destroy();
    return;
  }
  const linger = setTimeout(() => stream.destroy(), LINGER_MS);
  stream.once('close', () => clearTimeout(linger));
  stream.on('error', () => stream.destroy());
  stream.on('end', () => stream.destroy());
  stream.resume();
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): [code: string, detail: string] {
  switch (error.code) {
    case 'EADDRINUSE':
      return ['PORT_IN_USE', `port ${port} on ${host} is in use by another process; end it, or configure another port`];
    case 'EACCES':
      return ['PORT_FORBIDDEN', `this user may not listen on port ${port} of ${host}; configure a port above 1023`];
    case 'EADDRNOTAVAIL':
      return ['ADDRESS_NOT_LOCAL', `${host} is no address of this machine; correct the replica's host`];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['HOST_UNKNOWN', `the host name ${host} has no address; correct the replica's host`];
    default:
      return ['LISTEN_FAILED', `cannot listen on port ${port} of ${host}: ${error.message}`];
  }
}
