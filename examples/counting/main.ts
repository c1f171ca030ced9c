/** All replicas of a cluster in one process: what the leader's machine has committed, and how far it is ahead. */
import { argv } from 'node:process';
import { createClient, createReplica, loadCluster, type Replica, speculative } from 'hotstuff';
import { Counting } from './counting.js';

const [, , dir = 'my-cluster', count = '8'] = argv;
const cluster = await loadCluster(dir);
const machines = cluster.replicas.map(() => new Counting());
const start = (machine: Counting, id: number) =>
  createReplica({
    cluster,
    id,
    dataDir: `${dir}/replica-${id}`,
    machine: speculative(machine),
    pacemaker: 'manual',
  });
const replicas = await Promise.all(machines.map(start));
const client = createClient({ cluster });
// What an earlier run has left uncommitted would be counted with this one's.
if (replicas.some(({ view }) => view > 1))
  throw new Error(`${dir} was used before; make a new one: hotstuff init --dir D`);

const { leader: id } = replicas[0] as Replica;
const [leader, machine] = [replicas[id] as Replica, machines[id] as Counting];
for (let proposals = 1; proposals <= Number(count); proposals += 1) {
  await bufferFull(leader);
  const { hash } = await leader.propose();
  await leader.waitForQc(hash);
  await bufferFull(leader);
  await client.status(); // a machine answers that after all that it was asked before
  console.log(`${proposals} proposals: committed ${machine.committed}, speculated ${machine.speculated}`);
}
await client.close();
await Promise.all(replicas.map((replica) => replica.stop()));

/** Resolves when the machine is as far ahead as it may be. */
function bufferFull(replica: Replica): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const { proposalBuffer } = replica;
      if (proposalBuffer === null || proposalBuffer.size < proposalBuffer.target) return;
      forget();
      resolve();
    };
    const forget = replica.on('proposalBuffer', look);
    look();
  });
}
