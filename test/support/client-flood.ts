/** One hostile client, in a process of its own, floods the followers among four honest replicas, which run in this one. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { NetworkCounters } from '../../actors/network/counters.js';
import { type FloodLatency, medianLatency } from './flood.js';
import { eventually, type Member, SocketCluster } from './socket-cluster.js';

const PROGRAM = fileURLToPath(new URL('./hostile-client-program.js', import.meta.url));
/** Commands that each follower has heard before the measurement: some are asked after for the hundredth time. */
const HEARD = 200_000;

const countersOf = ({ replica }: Member, role: 'gateway' | 'network'): unknown => replica?.counters()?.[role]?.own;
const commandsHeard = (member: Member) => (countersOf(member, 'gateway') as { readonly commands: number }).commands;

/** Measures a new cluster before and during the flood, and that it agrees after it. Nobody may be paused for it. */
export async function endureClientFlood(t: ExecutionContext): Promise<FloodLatency> {
  const cluster = await SocketCluster.start(t, { tenure: 1_000_000, transport: 'plain' });
  const client = cluster.client();
  await medianLatency(client);
  const quiet = await medianLatency(client);
  const leader = cluster.member(0).replica?.leader ?? 0;
  const followers = cluster.members.filter(({ id }) => id !== leader);
  const hostile = fork(PROGRAM);
  t.teardown(() => hostile.kill('SIGKILL'));
  hostile.send({ cluster: cluster.config, targets: followers.map(({ id }) => id) });
  await eventually('followers hear of it', () => followers.every((member) => commandsHeard(member) > HEARD), 30_000);
  const flooded = await medianLatency(client);
  const { peers } = countersOf(cluster.member(leader), 'network') as NetworkCounters;
  for (const { peer, paused } of peers) t.is(paused, 0, `the leader always hears replica ${peer}`);
  hostile.kill('SIGKILL');
  const after = await medianLatency(client);
  // What the followers have read of it still stands before questions to them.
  await cluster.agreed(client, 30_000);
  await cluster.close();
  t.log(`${quiet.toFixed(1)} ms before, ${flooded.toFixed(1)} ms during, ${after.toFixed(1)} ms after`);
  return { quiet, flooded };
}
