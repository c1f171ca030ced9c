/** Replicas whose actors stand on several threads: the same as on one, and what only threads can do. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { commands, type Placement, type Replica, type ReplicaOptions } from '../../actors/index.js';
import type { InspectionEvent } from '../../src/runtime/index.js';
import { eventually, SocketCluster } from '../support/socket-cluster.js';
import type { ListMachineOptions } from '../support/threads/list-machine-module.js';

const MODULE = new URL('../support/threads/list-machine-module.js', import.meta.url);
const text = (command: string): Uint8Array => new TextEncoder().encode(command);
const machine = (options: ListMachineOptions = {}) => commands({ module: MODULE, options });

/** One replica that is down. */
function alone(t: ExecutionContext): Promise<SocketCluster> {
  return SocketCluster.start(t, { replicas: 1, baseTimeoutMs: 5000 }, [0]);
}

/** Starting a thread takes a good part of a second of CPU time: most tests make do with one. */
const MACHINE_APART: Placement = { proposalGenerator: 'vm' };

/** Every border there is between two actors. */
const EACH_ALONE: Placement = {
  consensus: 'core',
  network: 'net',
  gateway: 'gate',
  storage: 'disk',
  proposalGenerator: 'vm',
};

test.serial(
  'each actor on a thread of its own: commands commit, the log is replayed at a restart, all threads are counted',
  async (t) => {
    const cluster = await alone(t);
    const options: Partial<ReplicaOptions> = { machine: machine(), placement: EACH_ALONE };
    const first = await cluster.startReplica(0, options);
    const heights: number[] = [];
    first.on('committed', ({ height }) => heights.push(height));
    const client = cluster.client();
    for (let count = 1; count <= 100; count += 1) {
      const { result } = await client.submit(text(`${count}`));
      t.is(new TextDecoder().decode(result), `${count}`);
    }
    t.deepEqual(
      heights,
      heights.map((_, index) => index + 1),
    );
    const counters = await first.allCounters();
    t.deepEqual(Object.keys(counters ?? {}).length, 8);
    t.true((counters?.storage.lanes.control.handled ?? 0) > 100);
    t.not(counters?.consensus.own ?? null, null, 'evidence and refusals, as the actor counts them');
    const before = await cluster.agreed(client);
    await cluster.stopReplica(0);
    await cluster.startReplica(0, options);
    const after = await cluster.agreed(client);
    t.true(after.height >= before.height);
    t.is(after.stateHash, before.stateHash, 'rebuilt on another thread than the one that has the store');
    const { result } = await client.submit(text('more'));
    t.is(new TextDecoder().decode(result), '101');
  },
);

test.serial('a log of the application’s own is read from the calling thread', async (t) => {
  const cluster = await alone(t);
  const plain = await cluster.startReplica(0, { machine: machine({ name: 'own log' }), placement: MACHINE_APART });
  const blocks: unknown[] = [];
  plain.on('committed', ({ block }) => blocks.push(block));
  await cluster.client().submit(text('a'));
  await eventually('the block is told', () => blocks.length > 0);
  const { stateHash } = await cluster.agreed(cluster.client());
  await cluster.stopReplica(0);
  const asked: number[] = [];
  await cluster.startReplica(0, {
    machine: machine({ name: 'own log' }),
    placement: MACHINE_APART,
    committedLog: () => ({
      committedHeight: blocks.length as never,
      async *blocks(from) {
        asked.push(from);
        for (const block of blocks.slice(from - 1)) yield block as never;
      },
      loadBlock: async () => null,
    }),
  });
  t.deepEqual(asked.slice(0, 1), [1]);
  t.is((await cluster.agreed(cluster.client())).stateHash, stateHash);
});

test.serial('what a machine throws on its thread stops the replica as it does inline', async (t) => {
  const cluster = await alone(t);
  const replica = await cluster.startReplica(0, { machine: machine({ throwAt: 'boom' }), placement: MACHINE_APART });
  void cluster
    .client()
    .submit(text('boom'))
    .catch(() => undefined);
  await eventually('the replica has failed', () => replica.failure !== null);
  t.like(replica.failure, { name: 'OperationalError', code: 'APPLICATION_THREW' });
  t.regex(`${replica.failure?.message}`, /no such command/);
  await t.throwsAsync(replica.stop(), { code: 'APPLICATION_THREW' });
  await cluster.startReplica(0, { machine: machine(), placement: MACHINE_APART });
});

test.serial(
  'a thread that dies stops the replica, and is named with its actors; it starts again at once',
  async (t) => {
    const cluster = await alone(t);
    const replica = await cluster.startReplica(0, { machine: machine({ dieAt: 'die' }), placement: MACHINE_APART });
    const failed = new Promise<Error>((resolve) => replica.on('failed', resolve));
    void cluster
      .client()
      .submit(text('die'))
      .catch(() => undefined);
    const failure = await failed;
    t.like(failure, {
      name: 'OperationalError',
      code: 'THREAD_DIED',
      facts: { thread: 'vm', roles: 'proposalGenerator' },
    });
    t.is(replica.phase, 'failed');
    await cluster.startReplica(0, { machine: machine(), placement: MACHINE_APART });
  },
);

test.serial('a start that is aborted while the log is replayed on another thread ends with all closed', async (t) => {
  const cluster = await alone(t);
  const first = await cluster.startReplica(0, { machine: machine(), placement: MACHINE_APART });
  const client = cluster.client();
  for (let count = 0; count < 30; count += 1) await client.submit(text(`${count}`));
  t.true(first.committedHeight >= 30);
  await cluster.stopReplica(0);
  const controller = new AbortController();
  const slow = { machine: machine({ applyMs: 1000 }), placement: MACHINE_APART, signal: controller.signal } as const;
  const started = performance.now();
  const start = cluster.startReplica(0, {
    ...slow,
    inspect: (event: InspectionEvent) => {
      if (event.type === 'handled' && event.message.type === 'logRecovered') controller.abort(new Error('enough'));
    },
  });
  await t.throwsAsync(start, { message: 'enough' });
  t.true(performance.now() - started < 20_000, 'a whole replay takes 30 s');
  const again = await cluster.startReplica(0, { machine: machine(), placement: MACHINE_APART });
  t.true(again.committedHeight >= 30);
});

test.serial('a start that is aborted while threads start ends them', async (t) => {
  const cluster = await alone(t);
  const controller = new AbortController();
  const start = cluster.startReplica(0, { machine: machine(), placement: MACHINE_APART, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('never mind')), 20);
  await t.throwsAsync(start, { message: 'never mind' });
  await cluster.startReplica(0, { machine: machine(), placement: MACHINE_APART });
});

test.serial('a failed start ends its threads and leaves store and ports free', async (t) => {
  const cluster = await alone(t);
  const [{ clientPort } = { clientPort: 0 }] = cluster.config.replicas;
  const squatter = createServer().listen(clientPort, '127.0.0.1');
  await once(squatter, 'listening');
  const options = { machine: machine(), placement: MACHINE_APART } as const;
  await t.throwsAsync(cluster.startReplica(0, options), { code: 'PORT_IN_USE' });
  squatter.close();
  await once(squatter, 'close');
  t.is((await cluster.startReplica(0, options)).phase, 'active');
});

test.serial(
  'what is logged on a thread is written by the log of the replica, and inspection sees all threads',
  async (t) => {
    const cluster = await alone(t);
    const handled = new Set<string>();
    const inspect = (event: InspectionEvent) => void (event.type === 'handled' && handled.add(event.role));
    const placement = { network: 'net', proposalGenerator: 'vm' };
    await cluster.startReplica(0, { machine: machine(), placement, inspect });
    await cluster.client().submit(text('seen'));
    const seen = ['network', 'proposalGenerator', 'consensus'];
    await eventually('actors of all threads are seen', () => seen.every((role) => handled.has(role)));
    const [{ peerPort } = { peerPort: 0 }] = cluster.config.replicas;
    const answer = await fetch(`http://127.0.0.1:${peerPort}/`).catch(() => null);
    t.is(answer, null, 'it speaks TLS');
    const { warnings } = cluster.member(0);
    await eventually('the refusal is logged', () => warnings.length > 0);
    t.is(typeof warnings[0]?.event, 'string');
  },
);

test.serial('the manual pacemaker answers across threads', async (t) => {
  const cluster = await alone(t);
  const replica: Replica = await cluster.startReplica(0, {
    machine: machine(),
    placement: MACHINE_APART,
    pacemaker: 'manual',
  });
  const { hash, height } = await replica.propose();
  t.is(Number(height), 1);
  t.is(await replica.waitForQc(hash), 'certified');
  await t.throwsAsync(replica.waitForQc('ab'.repeat(32) as never), { code: 'UNKNOWN_BLOCK' });
  await replica.stop();
  await t.throwsAsync(replica.proposeEmpty(), { code: 'REPLICA_STOPPED' });
});

for (const [what, changes, expected] of [
  [
    'is not there',
    { machine: commands({ module: new URL('./no.js', MODULE) }) },
    { code: 'MACHINE_MODULE', message: /cannot be loaded/ },
  ],
  [
    'exports no createMachine',
    { machine: commands({ module: new URL('../list-machine.js', MODULE) }) },
    { code: 'MACHINE_MODULE', message: /must export a function createMachine/ },
  ],
  [
    'throws',
    { machine: machine({ name: 'none' }) },
    { name: 'OperationalError', code: 'APPLICATION_THREW', message: /no machine of that name/ },
  ],
  ['makes one with a name that is none', { machine: machine({ name: 'x'.repeat(101) }) }, { code: 'MACHINE_NAME' }],
  [
    'has options that cannot be cloned',
    { machine: commands({ module: MODULE, options: { call: () => 1 } }) },
    { code: 'MACHINE_MODULE', message: /not safe to clone/ },
  ],
  [
    'is no URL',
    { machine: commands({ module: './machine.js' as never }) },
    { code: 'MACHINE_MODULE', message: /"\.\/machine\.js"; it must be a URL/ },
  ],
] as const) {
  test.serial(`a machine whose module ${what} is refused by name, on whatever thread it is`, async (t) => {
    const cluster = await alone(t);
    for (const placement of ['inline', MACHINE_APART] as const) {
      await t.throwsAsync(cluster.startReplica(0, { ...changes, placement } as Partial<ReplicaOptions>), expected);
    }
  });
}

test.serial('a store keeps the name of a machine that was made on a thread', async (t) => {
  const cluster = await alone(t);
  await cluster.startReplica(0, { machine: machine({ name: 'lists' }), placement: MACHINE_APART });
  await cluster.stopReplica(0);
  const other = { machine: machine({ name: 'sums' }), placement: MACHINE_APART };
  await t.throwsAsync(cluster.startReplica(0, other), {
    code: 'STORE_OF_ANOTHER_MACHINE',
    message: /"lists", and this is "sums"/,
  });
  await cluster.startReplica(0, { machine: machine({ name: 'lists' }), placement: 'inline' });
});
