/** What clusters over real sockets and disks are held to, whatever their size, rule and tenure. */
import type { ExecutionContext } from 'ava';
import type { Client, ReplicaOptions } from '../../actors/index.js';
import { eventually, SocketCluster } from './socket-cluster.js';

type ClusterChanges = NonNullable<Parameters<typeof SocketCluster.start>[1]>;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Submits `count` commands at once and answers with the machine's replies, lowest first. */
export async function submitAll(client: Client, count: number, name = 'c'): Promise<number[]> {
  const results = await Promise.all(
    Array.from({ length: count }, (_, index) => client.submit(encode(`${name}${index}`))),
  );
  return results.map(({ result }) => Number(new TextDecoder().decode(result))).sort((a, b) => a - b);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

export async function agreesOnAll(
  t: ExecutionContext,
  cluster: SocketCluster,
  client: Client,
  count: number,
): Promise<void> {
  const { height } = await cluster.agreed(client);
  t.true(height > 0);
  const lists = cluster.members.filter(({ replica }) => replica !== null).map(({ machine }) => machine.applied);
  t.is(lists[0]?.length, count, 'every command is applied once');
  for (const list of lists) t.deepEqual(list, lists[0], 'and in one order');
}

/** Commits commands of one client on a fresh cluster, each once and everywhere in one order. */
export async function commitsAndAgrees(
  t: ExecutionContext,
  changes: ClusterChanges,
  options: Partial<ReplicaOptions> = {},
): Promise<void> {
  const cluster = await SocketCluster.start(t, changes, [], options);
  const client = cluster.client();
  t.deepEqual(await submitAll(client, 200), upTo(200));
  await agreesOnAll(t, cluster, client, 200);
}

/**
 * Views that a replica enters from a command's submission to its commit, with one of four dead. A view without its leader
 * is one too, so that at T = 1 the worst is a command that just misses the three live leaders in a row. The median is
 * held to it: a busy machine times out views of live leaders as well.
 */
export const VIEWS_PER_COMMAND_MAX = 12;

/** Commits a command at a time with replica 1 dead from the start, and counts the views that each takes. */
export async function commitsWithOneDead(
  t: ExecutionContext,
  { rule, tenure }: Required<Pick<ClusterChanges, 'rule' | 'tenure'>>,
): Promise<void> {
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
}
