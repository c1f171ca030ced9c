/** One run of the bare loop with the load of a benchmark's settings, for comparison in the same invocation. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBasePort } from '../src/adapters/free-ports.js';
import { makeTemporaryDirectory } from '../src/adapters/temporary-directory.js';
import { Child } from './child.js';
import { type ReferenceFigures, rounded } from './figures.js';
import type { BareJob, BareResult } from './reference/bare-loop.js';
import type { BenchSettings } from './settings.js';

const PROGRAM = './reference/bare-loop.js';

/** Runs the bare loop: as many replicas, commands as large, as many in flight, and a synced vote where it is durable. */
export async function runReference(settings: BenchSettings): Promise<ReferenceFigures> {
  const { replicas: count, batch, payload, keyBytes, outstanding, durability, warmup, duration } = settings;
  const dir = await makeTemporaryDirectory('bare');
  const basePort = await freeBasePort(count, '127.0.0.1');
  const size = payload + keyBytes;
  const common = { replicas: count, basePort, batch, payload: size, outstanding, warmup, duration };
  const children: Child<BareJob, BareResult>[] = [];
  try {
    for (let id = 0; id < count; id += 1) {
      const voteFile = durability === 'durable' ? join(dir, `votes-${id}`) : null;
      const replica = new Child<BareJob, BareResult>(`bare replica ${id}`, PROGRAM, {
        ...common,
        role: 'replica',
        id,
        voteFile,
      });
      children.push(replica);
      // The others dial the leader, which is the first.
      await replica.receive('ready');
    }
    const client = new Child<BareJob, BareResult>('bare client', PROGRAM, {
      ...common,
      role: 'client',
      id: 0,
      voteFile: null,
    });
    children.push(client);
    return await measure(client, children);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(
  client: Child<BareJob, BareResult>,
  children: readonly Child<BareJob, BareResult>[],
): Promise<ReferenceFigures> {
  await client.receive('measuring');
  const before = await cpuSeconds(children);
  const { committed, seconds, latencyMs } = (await client.receive('result')).result;
  const spent = (await cpuSeconds(children)) - before;
  const { p50, p99, max } = latencyMs;
  return {
    commandsPerSecond: rounded(committed / seconds),
    commandsPerCpuSecond: rounded(committed / spent),
    latencyMs: { p50: rounded(p50), p99: rounded(p99), max: rounded(max) },
  };
}

async function cpuSeconds(children: readonly Child<BareJob, BareResult>[]): Promise<number> {
  const usages = await Promise.all(children.map((child) => child.usage()));
  return usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0);
}
