/** Speculative machines over real sockets and disks: the counting example, and leaders that crash. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { speculative } from '../../actors/index.js';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { scratch } from '../support/command-line.js';
import { succeedHere } from '../support/process-cluster.js';
import { eventually, SocketCluster } from '../support/socket-cluster.js';
import { WatchedLedger } from '../support/watched-ledger.js';

const project = fileURLToPath(new URL('../../../', import.meta.url));

for (const replicas of [1, 4]) {
  test(`the counting example, ${replicas} replicas: what is committed and what is speculated after k proposals`, async (t) => {
    const dir = join(await scratch(t), 'cluster');
    const ports = ['--base-port', `${await freeBasePort(2 * replicas, '127.0.0.1')}`];
    await succeedHere(t, ['init', '--dir', dir, '--replicas', `${replicas}`, '--base-timeout', '10000', ...ports]);
    const program = join(project, 'dist/examples/counting/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program, dir, '8'], { timeout: 60_000 });
    t.deepEqual(
      stdout.trimEnd().split('\n'),
      [1, 2, 3, 4, 5, 6, 7, 8].map((k) => `${k} proposals: committed ${Math.max(0, k - 2)}, speculated ${k + 3}`),
    );
  });
}

test('the exchange example: batches trade at prices found ahead, and all replicas end with one state hash', async (t) => {
  const dir = join(await scratch(t), 'cluster');
  const ports = ['--base-port', `${await freeBasePort(8, '127.0.0.1')}`];
  await succeedHere(t, ['init', '--dir', dir, ...ports]);
  const program = join(project, 'dist/examples/exchange/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, dir, '4', '400', '20'], { timeout: 60_000 });
  const lines = stdout.trimEnd().split('\n');
  t.is(
    lines.filter((line) => /^batch [1-4]: \d{2,3} of 400 offers trade, prices( \d+){8}$/.test(line)).length,
    4,
    stdout,
  );
  const hashes = lines.flatMap((line) => /^replica \d: state ([0-9a-f]{64})$/.exec(line)?.[1] ?? []);
  t.is(hashes.length, 4, stdout);
  t.is(new Set(hashes).size, 1, stdout);
});

test('a leader that crashes and comes back: another proposes, and all states are the replay of one log', async (t) => {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 500 }, [0, 1, 2, 3]);
  const machines = [0, 1, 2, 3].map((id) => new WatchedLedger(`r${id}`));
  const start = (id: number) =>
    cluster.startReplica(id, { machine: speculative(machines[id] as WatchedLedger), proposalBufferTarget: 2 });
  await Promise.all([0, 1, 2, 3].map(start));
  const running = () => cluster.members.filter(({ replica }) => replica !== null).map(({ id }) => id);
  /** The first replica but `other` whose proposals are committed by all that run. */
  const proposer = (other?: number) =>
    [0, 1, 2, 3].find(
      (id) =>
        id !== other &&
        running().every((each) => machines[each]?.committed.some((value) => value.startsWith(`r${id}`))),
    );
  await eventually('a leader’s proposals are committed', () => proposer() !== undefined);
  const first = proposer() as number;
  await cluster.crashReplica(first);
  await eventually('another leader’s proposals are committed', () => proposer(first) !== undefined);
  machines[first] = new WatchedLedger('again');
  const again = await start(first);
  for (const { replica } of cluster.members) replica?.stopProposals();
  await eventually('the replica is up to date', () => again.phase === 'active');
  await cluster.agreed(cluster.client(), 20_000);
  const [one] = machines;
  for (const machine of machines) {
    t.deepEqual(machine.committed, one?.committed);
    t.deepEqual(machine.violations, []);
  }
  t.true((one?.committed.length ?? 0) > 10);
});

test('a proposal that is built already does not wait for the one that is being built', async (t) => {
  const buildMs = 600;
  const cluster = await SocketCluster.start(t, { replicas: 1, baseTimeoutMs: 20_000 }, [0]);
  const module = new URL('../../bench/burning-machine.js', import.meta.url);
  const replica = await cluster.startReplica(0, {
    machine: speculative({ module, options: { proposeMs: buildMs } }),
    proposalBufferTarget: 2,
    pacemaker: 'manual',
  });
  await eventually('two proposals are built', () => replica.proposalBuffer?.size === 2);
  const { hash } = await replica.propose();
  await replica.waitForQc(hash);
  const began = performance.now();
  await replica.propose();
  await eventually('the second one stands in a block', () => replica.proposalBuffer?.size === 0);
  const tookMs = performance.now() - began;
  t.true(tookMs < buildMs / 2, `it took ${tookMs} ms, and the machine builds for ${buildMs}`);
});

test('tenures too short, and options and requests that do not fit the machine, are refused by name', async (t) => {
  const short = await SocketCluster.start(t, { replicas: 1, tenure: 7 }, [0]);
  const machine = speculative(new WatchedLedger());
  const refusal = await t.throwsAsync(short.startReplica(0, { machine }), { code: 'TENURE_TOO_SHORT' });
  t.regex(refusal.message, /at least 8 views under the three-chain rule; this cluster has 7/);
  const two = await SocketCluster.start(t, { replicas: 1, tenure: 5, rule: 'two-chain' }, [0]);
  await t.throwsAsync(two.startReplica(0, { machine }), { code: 'TENURE_TOO_SHORT' });
  const long = await SocketCluster.start(t, { replicas: 1, tenure: 8 }, [0]);
  await t.throwsAsync(long.startReplica(0, { proposalBufferTarget: 1 }), { code: 'NOT_SPECULATIVE' });
  await t.throwsAsync(long.startReplica(0, { machine, proposalBufferTarget: 1025 }), { code: 'OPTION_OUT_OF_RANGE' });
  const replica = await long.startReplica(0);
  t.is(replica.proposalBuffer, null);
  t.throws(() => replica.stopProposals(), { code: 'NOT_SPECULATIVE' });
});
