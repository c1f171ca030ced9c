import test, { type ExecutionContext } from 'ava';
import type { Client } from '../../actors/index.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { eventually, pause, SocketCluster } from '../support/socket-cluster.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const rules: readonly ClusterConfig['rule'][] = ['three-chain', 'two-chain'];

/** Submits `count` commands at once and answers with the machine's replies, lowest first. */
async function submitAll(client: Client, count: number, name = 'c'): Promise<number[]> {
  const results = await Promise.all(
    Array.from({ length: count }, (_, index) => client.submit(encode(`${name}${index}`))),
  );
  return results.map(({ result }) => Number(new TextDecoder().decode(result))).sort((a, b) => a - b);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

async function agreesOnAll(t: ExecutionContext, cluster: SocketCluster, client: Client, count: number): Promise<void> {
  const { height } = await cluster.agreed(client);
  t.true(height > 0);
  const lists = cluster.members.filter(({ replica }) => replica !== null).map(({ machine }) => machine.applied);
  t.is(lists[0]?.length, count, 'every command is applied once');
  for (const list of lists) t.deepEqual(list, lists[0], 'and in one order');
}

for (const rule of rules) {
  for (const replicas of [1, 2, 3, 4, 7, 10]) {
    test.serial(
      `${rule}, n = ${replicas}: commands commit, all replicas reach one height and one state hash`,
      async (t) => {
        const cluster = await SocketCluster.start(t, { replicas, rule });
        const client = cluster.client();
        t.deepEqual(await submitAll(client, 200), upTo(200));
        await agreesOnAll(t, cluster, client, 200);
      },
    );
  }
}

for (const replicas of [1, 4]) {
  test.serial(
    `on threads, n = ${replicas}: commands commit, all replicas reach one height and one state hash`,
    async (t) => {
      const cluster = await SocketCluster.start(t, { replicas, baseTimeoutMs: 5000 }, [], { placement: 'threads' });
      const client = cluster.client();
      t.deepEqual(await submitAll(client, 200), upTo(200));
      await agreesOnAll(t, cluster, client, 200);
    },
  );
}

/**
 * Views that a replica enters from a command's submission to its commit, with one of four dead. A view without its leader
 * is one too, so that at T = 1 the worst is a command that just misses the three live leaders in a row. The median is
 * held to it: a busy machine times out views of live leaders as well.
 */
const VIEWS_PER_COMMAND_MAX = 12;

for (const rule of rules) {
  for (const tenure of [1, 4, 1000]) {
    const what = `a command's block commits within ${VIEWS_PER_COMMAND_MAX} views`;
    test.serial(`${rule}, tenure ${tenure}: with one of four dead from the start, ${what}`, async (t) => {
      const cluster = await SocketCluster.start(t, { rule, tenure, baseTimeoutMs: 250 }, [1]);
      const client = cluster.client();
      const { replica } = cluster.member(0);
      let views = 0;
      const nonEmptyAt: number[] = [];
      replica?.on('view', () => {
        views += 1;
      });
      replica?.on('committed', ({ block }) => block.body.length > 0 && nonEmptyAt.push(views));
      const taken: number[] = [];
      for (let index = 0; index < 10; index += 1) {
        const before = views;
        await client.submit(encode(`one ${index}`));
        await eventually(`the block of command ${index} is committed`, () => nonEmptyAt.length > index);
        taken.push((nonEmptyAt[index] ?? 0) - before);
      }
      t.log(`views a command: ${taken.join(' ')}`);
      t.is(nonEmptyAt.length, 10, 'a command at a time is a block with a body at a time');
      t.true(median(taken) <= VIEWS_PER_COMMAND_MAX, `views a command: ${taken.join(' ')}`);
      await agreesOnAll(t, cluster, client, 10);
    });
  }

  const placement = rule === 'three-chain' ? 'threads' : 'inline';
  test.serial(`${rule}, ${placement}: a leader that crashes is replaced, comes back and catches up`, async (t) => {
    const cluster = await SocketCluster.start(t, { rule, baseTimeoutMs: 200 }, [], { placement });
    const client = cluster.client();
    await submitAll(client, 100, 'before');
    const leader = cluster.member(0).replica?.leader ?? 0;
    const [, atCrash] = await Promise.all([cluster.crashReplica(leader), submitAll(client, 100, 'during')]);
    t.deepEqual(atCrash, upTo(200).slice(100));
    await submitAll(client, 100, 'after');
    await agreesOnAll(t, cluster, client, 300);
    await cluster.startReplica(leader, { placement });
    await agreesOnAll(t, cluster, client, 300);
  });
}

test.serial('with f + 1 crashed nothing commits, and everything does once one of them is back', async (t) => {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 100 });
  const client = cluster.client();
  await submitAll(client, 10);
  await cluster.crashReplica(2);
  await cluster.crashReplica(3);
  const heights = () => cluster.members.slice(0, 2).map(({ replica }) => replica?.committedHeight);
  let done = false;
  const waiting = submitAll(client, 10, 'w').then((replies) => {
    done = true;
    return replies;
  });
  // A certificate that was made before the crash may still be on its way.
  await pause(1000);
  const before = heights();
  await pause(1000);
  t.false(done);
  t.deepEqual(heights(), before);
  for (const { machine } of cluster.members.slice(0, 2)) t.is(machine.applied.length, 10);
  await cluster.startReplica(2);
  t.deepEqual(await waiting, upTo(20).slice(10));
  await agreesOnAll(t, cluster, client, 20);
});
