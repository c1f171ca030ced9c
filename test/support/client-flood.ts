/** One hostile client, in a process of its own, floods all replicas of a cluster at once. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { GatewayCounters } from '../../actors/gateway/gateway.js';
import { type Client, type ClusterConfig, createClient, loadCluster } from '../../actors/index.js';
import { limits } from '../../src/config/limits.js';
import { silentLogger } from '../../src/logger.js';
import { type ClientAttackKind, clientAttacks } from './client-attacks.js';
import { type FloodLatency, medianLatency, setOne } from './flood.js';
import { heldBytes } from './held-bytes.js';
import type { ClientFloodOrder } from './hostile-client-program.js';
import { ProcessCluster } from './process-cluster.js';
import { eventually, type Member, pause, SocketCluster } from './socket-cluster.js';

const PROGRAM = fileURLToPath(new URL('./hostile-client-program.js', import.meta.url));
/** How long the commands of a flood may take to be executed when it has ended, milliseconds: all pools may be full of them. */
const DRAIN_MS = 120_000;
/** What a cluster that works comes to hold besides: caches, blocks, the state. */
const SLACK_BYTES = 128 * 2 ** 20;
/** What a small command that waits may take in a pool. */
const PENDING_BYTES = 1200;
/** How long a flood has gone on before it is measured: its first burst is over. */
const SETTLE_MS = 2000;

export interface ClientFlood {
  readonly kind: ClientAttackKind;
  /** To each replica; 1 unless told. */
  readonly connections?: number;
  /** Its address; unless told, that of the others. */
  readonly from?: string;
}

/**
 * Those that must not cost more than a doubled latency. New commands that are all executed are no flood but load: what they
 * take is what the replicas have.
 */
export const clientFloods: readonly ClientFlood[] = [
  ...(Object.keys(clientAttacks) as ClientAttackKind[])
    .filter((kind) => kind !== 'newCommands')
    .map((kind) => ({ kind })),
  { kind: 'asksAgain', connections: 32 },
];

const gatewayOf = ({ replica }: Member) => replica?.counters()?.gateway;
const pausedOf = (member: Member): number => (gatewayOf(member)?.own as GatewayCounters | undefined)?.paused ?? 0;

/** Measures a cluster in this process, and checks that the flood is noticed, and that no lane and no memory fills. */
export async function endureClientFlood(t: ExecutionContext, flood: ClientFlood): Promise<FloodLatency> {
  const changes = { tenure: 1_000_000 };
  // Cloned messages, which no inline replica has, would cost more than anything else here.
  const cluster = await SocketCluster.start(t, changes, [], { cloneMessages: false });
  t.timeout(3 * DRAIN_MS, 'three clusters that are flooded one after the other');
  const client = cluster.client();
  await medianLatency(client);
  const before = heldBytes();
  const latency = await measure(t, {
    cluster: cluster.config,
    client,
    flood,
    noticed: async () => {
      await eventually(`${flood.kind} are noticed`, () => cluster.members.every((member) => pausedOf(member) > 0));
    },
    during: () => {
      const growth = heldBytes() - before;
      t.true(growth < growthMax(cluster.members.length, flood), `grew by ${growth} bytes`);
    },
  });
  for (const member of cluster.members) {
    const { protocol } = gatewayOf(member)?.lanes ?? {};
    t.is(protocol?.refused, 0, 'no mailbox was ever full');
    const waiting = limits.framesUnhandled * ((flood.connections ?? 1) + 1);
    t.true((protocol?.highWater ?? 0) <= waiting + limits.clientConnections, 'what waits is bounded by connection');
  }
  await cluster.agreed(client, DRAIN_MS);
  await cluster.close();
  return latency;
}

/**
 * What the process of all replicas may come to hold: half a message in each; on the way to each pool what credit
 * allows; and in each pool, its own or forwarded to it while it led, a full window of every session.
 */
function growthMax(replicas: number, { connections = 1 }: ClientFlood): number {
  const { clientCredit, clientReassemblyBytes, gatewayCredit, sessionWindow } = limits;
  const underWay = Math.min(connections * clientCredit.bytes, gatewayCredit.bytes);
  const pooled = replicas * connections * sessionWindow * PENDING_BYTES;
  return SLACK_BYTES + replicas * (clientReassemblyBytes + underWay + pooled);
}

/** Measures a cluster of four processes, as in production. */
export async function endureClientFloodOfProcesses(t: ExecutionContext, flood: ClientFlood): Promise<FloodLatency> {
  const processes = await ProcessCluster.start(t, 4);
  const cluster = await loadCluster(join(processes.dir, 'cluster.json'));
  const client = createClient({ cluster, log: silentLogger });
  t.teardown(() => client.close());
  await medianLatency(client, setOne);
  return measure(t, { cluster, client, flood, command: setOne });
}

interface Measured {
  readonly cluster: ClusterConfig;
  readonly client: Client;
  readonly flood: ClientFlood;
  readonly command?: (text: string) => Uint8Array;
  /** Waits until the flood is at work. */
  readonly noticed?: () => Promise<void>;
  /** Looks at the replicas while it is. */
  readonly during?: () => void;
}

async function measure(
  t: ExecutionContext,
  { cluster, client, flood, command, noticed, during }: Measured,
): Promise<FloodLatency> {
  const quiet = await medianLatency(client, command);
  const hostile = fork(PROGRAM);
  t.teardown(() => hostile.kill('SIGKILL'));
  const { kind, connections = 1, from } = flood;
  const order: ClientFloodOrder = { cluster, kind, connections, from, targets: cluster.replicas.map(({ id }) => id) };
  hostile.send(order);
  await noticed?.();
  await pause(SETTLE_MS);
  const flooded = await medianLatency(client, command);
  const answers = await client.status();
  t.true(
    answers.every(({ reachable }) => reachable),
    'every replica answers `status` meanwhile',
  );
  during?.();
  hostile.kill('SIGKILL');
  const after = await medianLatency(client, command);
  t.log(`${quiet.toFixed(1)} ms before, ${flooded.toFixed(1)} ms during, ${after.toFixed(1)} ms after`);
  return { quiet, flooded };
}
