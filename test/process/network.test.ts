import test from 'ava';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { childOf, GENESIS } from '../support/chain.js';
import { NetworkOnSockets } from '../support/network-on-sockets.js';
import { voteOf } from '../support/network-stage.js';
import { makeTestCluster, type TestCluster } from '../support/sockets.js';

async function connected(made: TestCluster, changes = {}): Promise<readonly NetworkOnSockets[]> {
  const all = made.cluster.replicas.map(({ id }) => new NetworkOnSockets(made, id, changes));
  for (const each of all) each.tell({ type: 'openNetwork' });
  for (const each of all) await each.until(() => each.ready() === all.length - 1);
  return all;
}

const closeAll = (all: readonly NetworkOnSockets[]) => Promise.all(all.map((each) => each.close()));

function at(all: readonly NetworkOnSockets[], index: number): NetworkOnSockets {
  const each = all[index];
  if (each === undefined) throw new Error(`there is no replica ${index}`);
  return each;
}

function votesFrom(network: NetworkOnSockets, from: number): readonly number[] {
  return network.sent.flatMap(({ message }) =>
    message.type === 'voteReceived' && message.from === from ? [message.vote.view] : [],
  );
}

function proposalOf(bodyBytes: number): PeerMessage {
  const block = childOf(GENESIS, { body: new Uint8Array(bodyBytes).fill(3) });
  return { type: 'proposal', proposal: { block, signature: new Uint8Array(64), tc: null } };
}

for (const [n, transport] of [
  [2, 'tls'],
  [4, 'tls'],
  [7, 'tls'],
  [4, 'plain'],
] as const) {
  test.serial(
    `${n} replicas over ${transport} find each other, and a broadcast of each reaches all others`,
    async (t) => {
      const all = await connected(await makeTestCluster(n, transport));
      for (const [index, each] of all.entries()) each.tell({ type: 'broadcast', message: voteOf(index + 1, index) });
      for (const [index, each] of all.entries()) {
        const others = all.map((_, other) => other).filter((other) => other !== index);
        await each.until(() => others.every((other) => votesFrom(each, other).length === 1));
        t.deepEqual(
          others.flatMap((other) => votesFrom(each, other)),
          others.map((other) => other + 1),
        );
        t.is(
          each.network.counters().peers.reduce((sum, { connected: times }) => sum + times, 0),
          n - 1,
          'one connection a pair',
        );
      }
      await closeAll(all);
    },
  );
}

test.serial('a vote does not wait behind a body of 20 MB', async (t) => {
  const all = await connected(await makeTestCluster(2));
  const [sender, receiver] = [at(all, 0), at(all, 1)];
  sender.tell({ type: 'broadcast', message: proposalOf(20_000_000) });
  sender.tell({ type: 'broadcast', message: voteOf(5) });
  await receiver.until(() => receiver.sent.some(({ message }) => message.type === 'proposalReceived'));
  const kinds = receiver.sent.map(({ message }) => message.type);
  t.true(kinds.indexOf('voteReceived') < kinds.indexOf('proposalReceived'));
  const proposal = receiver.sent.find(({ message }) => message.type === 'proposalReceived')?.message;
  t.is(proposal?.type === 'proposalReceived' ? proposal.proposal.block.body.byteLength : 0, 20_000_000);
  await closeAll(all);
});

test.serial(
  'a peer that sends ten times its credit is paused alone, costs bounded memory, and loses nothing when credit returns',
  async (t) => {
    const messages = 64;
    const allowance = { messages, bytes: 64 * 2 ** 20 };
    const peerCredit = { votes: allowance, proposals: allowance, sync: allowance, commands: allowance };
    const peerHeldCommands = { messages: 8, commands: 32_768, bytes: 2 ** 30 };
    const all = await connected(await makeTestCluster(3), { peerCredit, peerHeldCommands });
    const [flooding, honest, victim] = [at(all, 0), at(all, 1), at(all, 2)];
    victim.consumersStopped = true;
    const bodyBytes = 40_000;
    for (let each = 0; each < 10 * messages; each += 1) {
      flooding.tell({ type: 'sendTo', to: asReplicaId(2), message: commandsOf(bodyBytes, each + 1) });
    }
    const floodCounters = () => victim.network.counters().peers[0];
    await victim.until(() => floodCounters()?.readingPaused === true);
    for (let view = 1; view <= 20; view += 1) {
      honest.tell({ type: 'sendTo', to: asReplicaId(2), message: voteOf(view, 1) });
      await victim.until(() => votesFrom(victim, 1).length === view);
    }
    const forwarded = () => victim.sent.filter(({ message }) => message.type === 'commandsForwarded').length;
    t.is(forwarded(), messages, 'no more than its credit stands before the consumer');
    t.is(floodCounters()?.readingPaused, true);
    t.true(
      (floodCounters()?.heldBytes ?? Number.POSITIVE_INFINITY) <= 40 * bodyBytes,
      'what is held is what was read already',
    );
    t.is(victim.network.counters().peers[1]?.paused, 0, 'the honest peer was never paused');
    victim.resumeConsumers();
    await victim.until(() => forwarded() === 10 * messages);
    t.true((floodCounters()?.paused ?? 0) >= 1);
    await closeAll(all);
  },
);

function commandsOf(length: number, sequence: number): PeerMessage {
  const command = { sequence: sequence as never, bytes: new Uint8Array(length) };
  return { type: 'commands', batches: [{ client: 'ab'.repeat(16) as never, commands: [command] }] };
}

test.serial(
  'a replica that goes and comes back is connected again; a second process with its key is kept out meanwhile',
  async (t) => {
    const made = await makeTestCluster(2);
    const all = await connected(made);
    const [first, second] = [at(all, 0), at(all, 1)];
    const twin = new NetworkOnSockets(
      { cluster: { ...made.cluster, replicas: movedPorts(made) }, credentials: made.credentials },
      0,
    );
    twin.tell({ type: 'openNetwork' });
    await second.until(() => (second.network.counters().refusals.duplicateConnection ?? 0) >= 3);
    t.is(second.network.counters().peers[0]?.connected, 1, 'it did not flap');
    t.is(first.ready(), 1);
    await first.close();
    await second.until(() => second.network.counters().peers[0]?.connected === 2);
    t.is(second.ready(), 1, 'the twin takes the place that is free now');
    await Promise.all([twin.close(), second.close()]);
  },
);

/** The same cluster, but replica 0 listens elsewhere, so that two processes of it can run. */
function movedPorts({ cluster }: TestCluster) {
  return cluster.replicas.map((replica) => (replica.id === 0 ? { ...replica, peerPort: replica.clientPort } : replica));
}

test.serial('a peer whose host is gone without a word is found by its silence', async (t) => {
  const made = await makeTestCluster(2);
  const all = await connected(made, { keepaliveMs: 50, silenceMs: 400 });
  const [mute, other] = [at(all, 0), at(all, 1)];
  mute.frozen = true;
  await other.until(() => other.network.counters().peers[0]?.phase === 'awaiting');
  t.is(other.ready(), 0);
  await closeAll(all);
});

test.serial('a stop delivers what was queued before it, and ends', async (t) => {
  const all = await connected(await makeTestCluster(2));
  const [stopping, other] = [at(all, 0), at(all, 1)];
  for (let view = 1; view <= 200; view += 1) stopping.tell({ type: 'broadcast', message: voteOf(view) });
  stopping.tell({ type: 'broadcast', message: proposalOf(5_000_000) });
  stopping.tell({ type: 'stopRequested' });
  await stopping.until(() => stopping.sent.some(({ message }) => message.type === 'partStopped'));
  await other.until(() => other.sent.some(({ message }) => message.type === 'proposalReceived'));
  t.is(votesFrom(other, 0).length, 200);
  await closeAll(all);
});
