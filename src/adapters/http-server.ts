/** Answers GET on a few paths, one request a connection: for metrics and probes, not for the public. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { limits } from '../config/limits.js';
import { OperationalError } from '../errors.js';
import type { Logger } from '../logger.js';
import { listenFailure } from './listen-failure.js';

interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What is answered, by path; each begins with a slash. */
export type HttpRoutes = Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>;

interface HttpServerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly routes: HttpRoutes;
  readonly log: Logger;
}

/** A server that listens. `port` is the one that it got where any was asked for. */
export interface HttpServer {
  readonly port: number;
  /** Ends it at once, requests in progress too. Resolves when the port is free. */
  close(): Promise<void>;
}

/** Opens a server that does not keep its process alive. @throws OperationalError where it cannot listen: `PORT_IN_USE` and its like. */
export async function openHttpServer({ host, port, routes, log }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer({
    maxHeaderSize: limits.requestHeaderBytes,
    headersTimeout: limits.httpMs,
    requestTimeout: limits.httpMs,
    connectionsCheckingInterval: limits.httpMs,
  });
  server.maxConnections = limits.httpConnections;
  server.timeout = limits.httpMs;
  server.unref();
  server.on('request', (request, response) => void respond(routes, log, request, response));
  const bound = await listen(server, host, port);
  server.on('error', (error) => log.warn('httpAcceptFailed', { error: error.message }));
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const [code, detail] = listenFailure(error, host, port);
      reject(new OperationalError(code, detail, { host, port }, error));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function respond(
  routes: HttpRoutes,
  log: Logger,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, contentType, body } = await answerTo(routes, log, request);
  response.writeHead(status, {
    connection: 'close',
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
  response.end(body);
}

/** What a path answers; what goes wrong in it is a bug that stops nobody but is told. */
async function answerTo(routes: HttpRoutes, log: Logger, { method, url }: IncomingMessage): Promise<HttpAnswer> {
  const [path = ''] = (url ?? '').split('?', 1);
  const answer = routes[path];
  if (method !== 'GET') return inWords(405, `only GET is answered, of ${Object.keys(routes).join(', ')}`);
  if (answer === undefined) return inWords(404, `nothing is here; there is ${Object.keys(routes).join(', ')}`);
  try {
    return await answer();
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.warn('httpAnswerFailed', { path, error: detail });
    return inWords(500, 'a bug: the log says more');
  }
}

/** An answer of one line. */
export function inWords(status: number, line: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` };
}
