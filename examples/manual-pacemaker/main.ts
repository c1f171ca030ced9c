/** Four replicas in one process, each paced by its own PaceMakerWaitQC; the leader hands over every four proposals. */
import { argv } from 'node:process';
import { commands, createClient, createReplica, loadCluster } from 'hotstuff';
import { Counter } from './counter.js';
import { PaceMakerWaitQC } from './pace-maker-wait-qc.js';

const [, , dir = 'my-cluster', count = '12'] = argv;
const cluster = await loadCluster(dir);
const start = (id: number) =>
  createReplica({
    cluster,
    id,
    dataDir: `${dir}/replica-${id}`,
    machine: commands(new Counter()),
    pacemaker: 'manual',
  });
const replicas = await Promise.all(cluster.replicas.map(({ id }) => start(id)));
const paced = replicas.map((replica) => new PaceMakerWaitQC(replica, { handOver: 4 }).run());

const client = createClient({ cluster });
for (let visit = 0; visit < Number(count); visit += 1) {
  const { result, height } = await client.submit(new TextEncoder().encode('visit'));
  console.log(
    `visit ${new TextDecoder().decode(result)} at height ${height}; replica ${replicas[0]?.leader} leads now`,
  );
}
await client.close();
await Promise.all(replicas.map((replica) => replica.stop()));
await Promise.all(paced);
