import { createHash } from 'node:crypto';
import { argv } from 'node:process';
import { type CommandMachine, commands, createClient, createReplica, loadCluster } from 'hotstuff';

const bytes = (value: bigint): Uint8Array => new TextEncoder().encode(`${value}`);
const text = (command: Uint8Array): string => new TextDecoder().decode(command);

/** A command is a whole number in decimal digits; the reply is the sum so far. */
class Sum implements CommandMachine {
  #sum = 0n;
  validate = (command: Uint8Array) => /^-?\d{1,30}$/.test(text(command));
  apply(command: Uint8Array): Uint8Array {
    this.#sum += BigInt(text(command));
    return bytes(this.#sum);
  }
  stateHash = () => createHash('sha256').update(bytes(this.#sum)).digest();
  async *snapshot() {
    yield bytes(this.#sum);
  }
  async restore(chunks: AsyncIterable<Uint8Array>) {
    let digits = '';
    for await (const chunk of chunks) digits += text(chunk);
    this.#sum = BigInt(digits);
  }
}

const [, , dir = 'my-cluster', ...numbers] = argv;
const cluster = await loadCluster(dir);
const replicas = cluster.replicas.map(({ id }) =>
  createReplica({ cluster, id, dataDir: `${dir}/replica-${id}`, machine: commands(new Sum()) }),
);
await Promise.all(replicas);
const client = createClient({ cluster });
for (const number of numbers) {
  const { result, height } = await client.submit(bytes(BigInt(number)));
  console.log(`${text(result)} at height ${height}`);
}
await client.close();
for (const replica of replicas) await (await replica).stop();
