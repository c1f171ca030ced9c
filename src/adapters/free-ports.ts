/** Ports for a cluster that is to run for a while on this machine. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { OperationalError } from '../errors.js';

/** Below the range that systems hand out to outgoing connections (32768 and up on Linux, 49152 elsewhere). */
const LOWEST = 10_000;
const HIGHEST = 32_000;
const TRIES = 100;

/**
 * Returns the first of `count` ports in a row that are free on `host` now. Another program may take them before they
 * are used; whoever listens then says so.
 * @throws OperationalError NO_FREE_PORTS after many tries.
 */
export async function freeBasePort(count: number, host: string): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const base = randomInt(LOWEST, HIGHEST - count);
    const ports = Array.from({ length: count }, (_, index) => base + index);
    const free = await Promise.all(ports.map((port) => isFree(port, host)));
    if (free.every(Boolean)) return base;
  }
  throw new OperationalError('NO_FREE_PORTS', `no ${count} free ports in a row were found on ${host}`, { count, host });
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}
