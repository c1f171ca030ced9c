/** `createReplica({ pacemaker: 'manual' })` over real sockets and disks, and the example that is the seed's pacemaker. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { BlockHash, PacemakerMode, Replica } from '../../actors/index.js';
import { PaceMakerWaitQC } from '../../examples/manual-pacemaker/pace-maker-wait-qc.js';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { scratch } from '../support/command-line.js';
import { succeedHere } from '../support/process-cluster.js';
import { eventually, SocketCluster } from '../support/socket-cluster.js';

const manual = { pacemaker: 'manual' } as const;
const text = (command: string): Uint8Array => new TextEncoder().encode(command);

/** Four replicas with the manual pacemaker, none of which proposes. */
async function fourOf(...args: Parameters<typeof SocketCluster.start>) {
  const [t, changes] = args;
  const cluster = await SocketCluster.start(t, changes, [0, 1, 2, 3]);
  const replicas = await Promise.all([0, 1, 2, 3].map((id) => cluster.startReplica(id, manual)));
  return { cluster, replicas: replicas as [Replica, Replica, Replica, Replica] };
}

test('a replica alone proposes when it is told to: each certificate opens the next view, three commit a block', async (t) => {
  const alone = await SocketCluster.start(t, { replicas: 1 }, [0]);
  const replica = await alone.startReplica(0, manual);
  const client = alone.client();
  const result = client.submit(text('by hand'));
  const proposed = [await replica.propose()];
  t.is(await replica.waitForQc(proposed[0]?.hash as BlockHash), 'certified');
  for (let view = 2; view <= 4; view += 1) {
    const block = await replica.proposeEmpty();
    t.is(await replica.waitForQc(block.hash), 'certified');
    proposed.push(block);
  }
  t.deepEqual(
    proposed.map(({ view, height }) => [Number(view), Number(height)]),
    [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ],
  );
  t.true(replica.committedHeight >= 2);
  await Promise.race([result, replica.propose().then(({ hash }) => replica.waitForQc(hash))]);
  await t.throwsAsync(replica.waitForQc('ab'.repeat(32) as BlockHash), {
    name: 'OperationalError',
    code: 'UNKNOWN_BLOCK',
  });
});

test('a stop rejects what is open, and whatever is asked afterwards; an aborted signal ends a wait at once', async (t) => {
  // One of two is absent: nothing is ever certified.
  const pair = await SocketCluster.start(t, { replicas: 2, baseTimeoutMs: 60_000, tenure: 1000 }, [0, 1]);
  const replica = await pair.startReplica(0, manual);
  t.is(replica.leader, replica.id);
  const { hash } = await replica.propose();
  await t.throwsAsync(replica.propose(), { code: 'PROPOSAL_PENDING' });
  const controller = new AbortController();
  const aborted = replica.waitForQc(hash, { signal: controller.signal });
  const open = replica.waitForQc(hash);
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  await t.throwsAsync(replica.propose({ signal: controller.signal }), { message: 'enough' });
  const stopping = replica.stop();
  await t.throwsAsync(open, { code: 'REPLICA_STOPPED' });
  await stopping;
  for (const request of [replica.propose(), replica.waitForQc(hash), replica.requestViewChange()]) {
    await t.throwsAsync(request, { code: 'REPLICA_STOPPED' });
  }
});

test('an option that is no pacemaker is refused, and so is a request to the automatic one', async (t) => {
  const alone = await SocketCluster.start(t, { replicas: 1 });
  const replica = alone.member(0).replica as Replica;
  for (const request of [replica.propose(), replica.proposeEmpty(), replica.requestViewChange()]) {
    await t.throwsAsync(request, { code: 'PACEMAKER_AUTOMATIC', message: /pacemaker: 'manual'/ });
  }
  await alone.stopReplica(0);
  await t.throwsAsync(alone.startReplica(0, { pacemaker: 'auto' as PacemakerMode }), {
    name: 'ConfigurationError',
    code: 'PACEMAKER_MODE',
    message: /"auto"; it must be 'automatic' or 'manual'/,
  });
  await alone.startReplica(0, { pacemaker: 'automatic' });
});

test('who does not lead names the leader, which hands over by a resignation that all join', async (t) => {
  const { replicas } = await fourOf(t, { replicas: 4, baseTimeoutMs: 8000 });
  const [leader, next, third] = replicas;
  t.is(await leader.waitForQc((await leader.propose()).hash), 'certified', 'sent again until the others are connected');
  await t.throwsAsync(third.propose(), { code: 'NOT_LEADING', message: /replica 0 leads view/ });
  await leader.requestViewChange();
  await t.throwsAsync(leader.propose(), { code: 'TENURE_GIVEN_UP' });
  await eventually('replica 1 leads everywhere', () => replicas.every((replica) => replica.leader === next.id));
  const { hash } = await next.propose();
  t.is(await next.waitForQc(hash), 'certified');
  await t.throwsAsync(leader.propose(), { code: 'NOT_LEADING', message: /replica 1 leads/ });
});

test('PaceMakerWaitQC commits what clients send, handing over every four proposals, until its replica stops', async (t) => {
  const { cluster, replicas } = await fourOf(t, { replicas: 4, baseTimeoutMs: 2000 });
  const proposers: number[] = [];
  replicas[0].on('committed', ({ block }) => void proposers.push(block.header.proposer));
  const paced = replicas.map((replica) => new PaceMakerWaitQC(replica, { handOver: 4 }).run());
  const client = cluster.client();
  for (let command = 0; command < 12; command += 1) await client.submit(text(`${command}`));
  t.deepEqual([...new Set(proposers)].sort(), [0, 1, 2, 3]);
  for (const [index, proposer] of proposers.slice(4).entries()) {
    t.true(
      proposers.slice(index, index + 4).some((before) => before !== proposer),
      `five in a row at ${index}`,
    );
  }
  for (const replica of replicas) await replica.stop();
  await Promise.all(paced);
  for (const { machine } of cluster.members) t.is(machine.applied.length, 12);
});

test('the example counts, says who leads, and ends', async (t) => {
  const dir = join(await scratch(t), 'cluster');
  await succeedHere(t, ['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  const project = fileURLToPath(new URL('../../../', import.meta.url));
  const program = join(project, 'dist/examples/manual-pacemaker/main.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, dir, '5'], { timeout: 60_000 });
  t.is(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.is(lines.length, 5);
  t.regex(lines[4] ?? '', /^visit 5 at height \d+; replica [0-3] leads now$/);
});
