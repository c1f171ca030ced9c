/** Commands that the application submits on its replica, over real sockets and disks. */
import test, { type ExecutionContext } from 'ava';
import { commands, type Placement, type Replica, speculative } from '../../actors/index.js';
import { limits } from '../../src/config/limits.js';
import { eventually, pause, SocketCluster } from '../support/socket-cluster.js';
import { WatchedLedger } from '../support/watched-ledger.js';

const MODULE = new URL('../support/threads/list-machine-module.js', import.meta.url);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

function replicaOf(cluster: SocketCluster, id: number): Replica {
  const { replica } = cluster.member(id);
  if (replica === null) throw new Error(`replica ${id} is down`);
  return replica;
}

/** Submits `count` commands at once; the machine's replies, which count the commands, lowest first. */
async function submitAll(replica: Replica, count: number, name: string): Promise<number[]> {
  const answers = await Promise.all(upTo(count).map((each) => replica.submit(encode(`${name} ${each}`))));
  return answers.map(({ result }) => Number(new TextDecoder().decode(result))).sort((a, b) => a - b);
}

async function agreesOnAll(t: ExecutionContext, cluster: SocketCluster, count: number): Promise<void> {
  await cluster.agreed(cluster.client());
  const lists = cluster.members.filter(({ replica }) => replica !== null).map(({ machine }) => machine.applied);
  t.is(new Set(lists[0]).size, count, 'every command is applied');
  for (const list of lists) {
    t.is(list.length, count, 'once');
    t.deepEqual(list, lists[0], 'and in one order');
  }
}

for (const placement of ['inline', 'threads'] as const satisfies readonly Placement[]) {
  for (const replicas of [1, 4]) {
    test.serial(`${placement}, n = ${replicas}: leader and followers submit beside a client`, async (t) => {
      const cluster = await SocketCluster.start(t, { replicas, baseTimeoutMs: 5000 }, [], { placement });
      const client = cluster.client();
      const each = 50;
      const results = await Promise.all([
        ...cluster.members.map(({ id }) => submitAll(replicaOf(cluster, id), each, `replica ${id}`)),
        Promise.all(upTo(each).map((at) => client.submit(encode(`client ${at}`)))).then((answers) =>
          answers.map(({ result }) => Number(new TextDecoder().decode(result))),
        ),
      ]);
      const all = each * (replicas + 1);
      t.deepEqual(
        results.flat().sort((a, b) => a - b),
        upTo(all),
        'each reply is that of one command',
      );
      await agreesOnAll(t, cluster, all);
    });
  }
}

test.serial('a command resolves when its own replica has executed it, with the height of its block', async (t) => {
  const cluster = await SocketCluster.start(t);
  for (const { id, machine } of cluster.members) {
    const replica = replicaOf(cluster, id);
    const heights: number[] = [];
    replica.on('committed', ({ height, block }) => void (block.body.length > 0 && heights.push(height)));
    const { result, height } = await replica.submit(encode(`from ${id}`));
    t.is(machine.applied[id], `from ${id}`, 'it stands in the machine of this replica');
    t.is(new TextDecoder().decode(result), `${id + 1}`);
    await eventually('its block is told', () => heights.includes(height));
  }
});

test.serial('more commands than a session spans are all executed, each once', async (t) => {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 5000 });
  const follower = replicaOf(cluster, 3);
  const count = limits.sessionWindow + 500;
  t.deepEqual(await submitAll(follower, count, 'many'), upTo(count));
  await agreesOnAll(t, cluster, count);
});

test.serial('a leader that dies takes no command of a follower with it: each is executed once', async (t) => {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 300 });
  const { leader } = replicaOf(cluster, 0);
  const follower = replicaOf(cluster, (leader + 1) % 4);
  t.deepEqual(await submitAll(follower, 100, 'before'), upTo(100));
  const [, during] = await Promise.all([cluster.crashReplica(leader), submitAll(follower, 100, 'during')]);
  t.deepEqual(during, upTo(200, 101));
  t.deepEqual(await submitAll(follower, 100, 'after'), upTo(300, 201));
  await agreesOnAll(t, cluster, 300);
});

test.serial('without a quorum a command waits, and is executed when there is one again', async (t) => {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 200 }, [2, 3]);
  const replica = replicaOf(cluster, 0);
  const controller = new AbortController();
  const aborted = replica.submit(encode('aborted'), { signal: controller.signal });
  let done = false;
  const waiting = replica.submit(encode('waits')).finally(() => {
    done = true;
  });
  await pause(500);
  t.false(done);
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  await cluster.startReplica(2);
  t.is(new TextDecoder().decode((await waiting).result), '2', 'what was aborted is executed all the same');
  t.deepEqual(cluster.member(0).machine.applied, ['aborted', 'waits']);
});

test.serial('what cannot be taken is refused with a code, and the next command goes on', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 1 });
  const replica = replicaOf(cluster, 0);
  await t.throwsAsync(replica.submit('text' as unknown as Uint8Array), { code: 'COMMAND_NOT_BYTES' });
  await t.throwsAsync(replica.submit(new Uint8Array(limits.commandBytes + 1)), { code: 'COMMAND_TOO_LARGE' });
  await t.throwsAsync(cluster.client().submit('text' as unknown as Uint8Array), { code: 'COMMAND_NOT_BYTES' });
  const refused = await t.throwsAsync(replica.submit(encode('!no')), { code: 'COMMAND_REFUSED' });
  t.like(refused, { facts: { reason: 'invalid' } });
  t.is((await replica.submit(new Uint8Array(limits.commandBytes))).result.length, 1, 'the largest that is taken');
  t.is(cluster.member(0).machine.applied.length, 1);
});

test.serial(
  'at a stop every command is answered: executed, or REPLICA_STOPPED; the next life begins anew',
  async (t) => {
    const cluster = await SocketCluster.start(t, { replicas: 1 });
    const first = replicaOf(cluster, 0);
    await first.submit(encode('first'));
    const answers = Promise.allSettled(upTo(500).map((each) => first.submit(encode(`${each}`))));
    const { machine } = cluster.member(0);
    const stopped = first.stop();
    await t.throwsAsync(first.submit(encode('late')), { code: 'REPLICA_STOPPED' });
    await stopped;
    await t.throwsAsync(first.submit(encode('later')), { code: 'REPLICA_STOPPED' });
    const settled = await answers;
    const executed = settled.filter(({ status }) => status === 'fulfilled').length;
    for (const answer of settled) if (answer.status === 'rejected') t.is(answer.reason.code, 'REPLICA_STOPPED');
    t.true(machine.applied.length >= executed + 1);
    const second = await cluster.startReplica(0);
    const { applied } = cluster.member(0).machine;
    t.true(applied.length >= executed + 1, 'what was answered is not lost');
    await second.submit(encode('first'));
    t.is(
      applied.filter((command) => command === 'first').length,
      2,
      'in a session of its own nothing counts as repeated',
    );
  },
);

test.serial('a replica that fails rejects what is open, and what is submitted then, with its failure', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 1, baseTimeoutMs: 5000 }, [0]);
  const machine = commands({ module: MODULE, options: { throwAt: 'bad' } });
  const replica = await cluster.startReplica(0, { machine, placement: 'threads' });
  const open = replica.submit(encode('bad'));
  await t.throwsAsync(open, { code: 'APPLICATION_THREW' });
  await t.throwsAsync(replica.submit(encode('late')), { code: 'APPLICATION_THREW' });
  await t.throwsAsync(replica.stop(), { code: 'APPLICATION_THREW' });
  cluster.member(0).replica = null;
});

test.serial('with the manual pacemaker a command waits until it is proposed', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 1, baseTimeoutMs: 10_000 }, [0]);
  const replica = await cluster.startReplica(0, { pacemaker: 'manual' });
  let done = false;
  const submitted = replica.submit(encode('by hand')).then((answer) => {
    done = true;
    return answer;
  });
  const proposed: number[] = [];
  while (!done && proposed.length < 10) {
    const { hash, height } = await replica.propose();
    proposed.push(height);
    t.is(await replica.waitForQc(hash), 'certified');
  }
  t.true(proposed.includes((await submitted).height), 'in a block that was asked for');
});

test.serial('a replica with a speculative machine says that the machine takes commands', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 1 }, [0]);
  const replica = await cluster.startReplica(0, { machine: speculative(new WatchedLedger('r0')) });
  await t.throwsAsync(replica.submit(encode('a')), { name: 'ConfigurationError', code: 'MACHINE_SPECULATIVE' });
});
