import { createHash } from 'node:crypto';
import { argv } from 'node:process';
import { Readable } from 'node:stream';
import { type CommandMachine, commands, createClient, createReplica, loadCluster } from 'hotstuff';

const bytes = (value: string) => new TextEncoder().encode(value);
const text = (command: Uint8Array) => new TextDecoder().decode(command);
class Sum implements CommandMachine {
  name = 'sum';
  #sum = '0'; // decimal digits, as in a command; the reply to that is the sum so far
  validate = (command: Uint8Array) => /^-?\d{1,30}$/.test(text(command));
  apply(command: Uint8Array) {
    this.#sum = `${BigInt(this.#sum) + BigInt(text(command))}`;
    return bytes(this.#sum);
  }
  stateHash = () => createHash('sha256').update(this.#sum).digest();
  snapshot = () => Readable.from([bytes(this.#sum)]);
  async restore(chunks: AsyncIterable<Uint8Array>) {
    this.#sum = '';
    for await (const chunk of chunks) this.#sum += text(chunk);
  }
}
const [, , dir = 'my-cluster', ...numbers] = argv;
const cluster = await loadCluster(dir);
const run = (id = 0) => createReplica({ cluster, id, dataDir: `${dir}/replica-${id}`, machine: commands(new Sum()) });
const replicas = await Promise.all(cluster.replicas.map(({ id }) => run(id)));
const client = createClient({ cluster });
const answers = await Promise.allSettled(numbers.map((number) => client.submit(bytes(number))));
for (const answer of answers) console.log('value' in answer ? text(answer.value.result) : answer.reason.message);
await Promise.all([client.close(), ...replicas.map((replica) => replica.stop())]);
