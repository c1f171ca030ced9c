/** All replicas of a cluster in one process: batches of offers that trade at prices found ahead of consensus. */
import { argv } from 'node:process';
import { createClient, createReplica, loadCluster, speculative } from 'hotstuff';
import { Exchange } from './exchange.js';
import { seededOffers } from './offers.js';

const [, , dir = 'my-cluster', batches = '20', count = '2000', rounds = '100'] = argv;
const cluster = await loadCluster(dir);
/** Each replica has offers of its own, which it brings in while it leads. */
const machines = cluster.replicas.map(
  ({ id }) => new Exchange({ offers: seededOffers({ seed: id + 1, count: Number(count) }), rounds: Number(rounds) }),
);
const start = (machine: Exchange, id: number) =>
  createReplica({ cluster, id, dataDir: `${dir}/replica-${id}`, machine: speculative(machine) });
const replicas = await Promise.all(machines.map(start));
const client = createClient({ cluster });

let seen = 0;
await new Promise<void>((resolve) => {
  replicas[0]?.on('committed', ({ block }) => {
    const batch = machines[0]?.parse(block.body) ?? null;
    if (batch === null || seen === Number(batches)) return;
    const { number, offers, prices } = batch;
    console.log(`batch ${number}: ${offers.length} of ${count} offers trade, prices ${prices.join(' ')}`);
    seen += 1;
    if (seen === Number(batches)) resolve();
  });
});
for (const replica of replicas) replica.stopProposals();
let statuses = await client.status();
while (new Set(statuses.map((one) => (one.reachable ? `${one.committedHeight} ${one.stateHash}` : one.id))).size > 1)
  statuses = await client.status();
for (const one of statuses) if (one.reachable) console.log(`replica ${one.id}: state ${one.stateHash}`);
await client.close();
await Promise.all(replicas.map((replica) => replica.stop()));
