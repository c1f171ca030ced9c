/** A TCP proxy that delays each direction: what a longer cable would do, on a machine whose kernel cannot. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Which connections are delayed, and by how much. */
export interface DelayProxyOptions {
  readonly host: string;
  /** Where it listens, and where it connects to for each connection that it gets. */
  readonly port: number;
  readonly targetPort: number;
  /** Milliseconds one way, at least; a timer may add one. */
  readonly delayMs: number;
}

/** Bytes of one direction that are under way at most; then its sender waits. */
const UNDER_WAY_MAX = 16 * 1024 * 1024;

/** Resolves once the proxy listens. */
export async function startDelayProxy(options: DelayProxyOptions): Promise<DelayProxy> {
  const proxy = new DelayProxy(options);
  await proxy.listen();
  return proxy;
}

/** Takes connections, and passes on what comes in either direction after the delay, in order. */
export class DelayProxy {
  readonly #options: DelayProxyOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: DelayProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#join(near));
  }

  async listen(): Promise<void> {
    const { host, port } = this.#options;
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
  }

  /** Cuts all connections. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const { host, targetPort: port, delayMs } = this.#options;
    const far = connect({ host, port, allowHalfOpen: true, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.resetAndDestroy());
      from.once('close', () => this.#sockets.delete(from));
      delay(from, to, delayMs);
    }
  }
}

interface UnderWay {
  readonly dueAt: number;
  /** Null for the end. */
  readonly bytes: Uint8Array | null;
}

/** Carries what comes from one socket to another, in order, after a while. */
function delay(from: Socket, to: Socket, delayMs: number): void {
  const underWay: UnderWay[] = [];
  let held = 0;
  let timer: NodeJS.Timeout | null = null;
  const deliver = (): void => {
    timer = null;
    for (let first = underWay[0]; first !== undefined; first = underWay[0]) {
      const restMs = first.dueAt - performance.now();
      if (restMs > 0) {
        timer = setTimeout(deliver, restMs);
        return;
      }
      underWay.shift();
      held -= first.bytes?.length ?? 0;
      if (first.bytes === null) to.end();
      else to.write(first.bytes);
    }
    if (from.isPaused()) from.resume();
  };
  const take = (bytes: Uint8Array | null): void => {
    underWay.push({ dueAt: performance.now() + delayMs, bytes });
    held += bytes?.length ?? 0;
    if (held + to.writableLength > UNDER_WAY_MAX) from.pause();
    timer ??= setTimeout(deliver, delayMs);
  };
  from.on('data', take);
  from.once('end', () => take(null));
  to.once('close', () => clearTimeout(timer ?? undefined));
}
