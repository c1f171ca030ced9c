/** An application outside the tree: one replica, whose storage is its own, commits one command each time. */
import { type CommandMachine, commands, createClient, createReplica, loadCluster, type ReplicaOptions } from 'hotstuff';
import { createStorage, customActor } from 'hotstuff/actors';
import { MemoryStorage } from './memory-storage.js';

const [, , dir = ''] = process.argv;
const cluster = await loadCluster(dir);

class Echo implements CommandMachine {
  #commands = 0;
  apply = (command: Uint8Array) => {
    this.#commands += 1;
    return command;
  };
  stateHash = () => new Uint8Array(32).fill(this.#commands);
  async *snapshot() {
    yield new Uint8Array([this.#commands]);
  }
  async restore(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) this.#commands = chunk[0] ?? 0;
  }
}

/** Commits one command on a replica with these actors; what its storage counted of its own. */
async function runWith(actors: NonNullable<ReplicaOptions['actors']>): Promise<unknown> {
  await using replica = await createReplica({
    cluster,
    id: 0,
    dataDir: `${dir}/replica-0`,
    machine: commands(new Echo()),
    actors,
    cloneMessages: true,
  });
  const client = createClient({ cluster });
  const { result } = await client.submit(new TextEncoder().encode('hello'));
  await client.close();
  const own = await replica.submit(new TextEncoder().encode('on the replica'));
  if (new TextDecoder().decode(own.result) !== 'on the replica' || own.height < 1) throw new Error('another result');
  return { result: new TextDecoder().decode(result), own: replica.counters()?.storage.own };
}

// A behaviour of one's own that needs no port; our store is not opened.
const memory = await runWith({ storage: (parts) => new MemoryStorage(parts) });

// Ours, in a module that may be placed elsewhere.
const module = new URL('./counting-storage.js', import.meta.url);
const counting = await runWith({ storage: { module, options: { name: 'ours, counted' } } });

// Ours, on a port of one's own around ours.
const performed: Record<string, number> = {};
const ported = await runWith({
  storage: ({ options, port }) => {
    const counting: typeof port = (deliver) => {
      const disk = port(deliver);
      return {
        perform(effect) {
          performed[effect.type] = (performed[effect.type] ?? 0) + 1;
          disk.perform(effect);
        },
        close: () => disk.close(),
      };
    };
    return customActor('storage', { behaviour: createStorage(options), port: counting });
  },
});

process.stdout.write(`${JSON.stringify({ memory, counting, ported, performed })}\n`);
