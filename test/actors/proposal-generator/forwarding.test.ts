import ava from 'ava';
/** Honest followers, their clients and their leader: generators and the leader's network, with nothing on the wire lost or late. */
import { createSessionQuota } from '../../../actors/session-quota.js';
import { limits } from '../../../src/config/limits.js';
import type { CommandBatch } from '../../../src/wire/peer-messages.js';
import { batchOf, blockOf, clientOf, range } from '../../support/command-blocks.js';
import { GeneratorHarness } from '../../support/generator-harness.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { framesFor, NetworkStage, peer, voteOf } from '../../support/network-stage.js';

const real = { limits, batch: { commands: 400, bytes: limits.bodyBytes, ms: 0 } };
const FOLLOWERS = [0, 2, 3];

/** A leader that reads what its followers forward, and executes nothing: no block commits in these tests unless told. */
class Forwarding {
  readonly followers = new Map(FOLLOWERS.map((id) => [id, GeneratorHarness.ready({ leading: false, ...real })]));
  readonly leader = GeneratorHarness.ready({ leading: true, ...real });
  readonly network = new NetworkStage().open();
  readonly connections = new Map(FOLLOWERS.map((id) => [id, this.network.connect(id)]));
  /** Messages of commands that were put on the wire. */
  messages = 0;
  /** While it is down, what a follower sends is lost. */
  down = false;
  readonly #timers = new Map<number, number>();
  #handed = 0;

  follower(id: number): GeneratorHarness {
    return this.followers.get(id) as GeneratorHarness;
  }

  submit(id: number, batch: CommandBatch): void {
    const follower = this.follower(id);
    follower.submit(batch);
    this.pass(id);
  }

  /** What a follower wants to do about forwarding is done, now or when its timer ends, and read by the leader at once. */
  pass(id: number): void {
    const follower = this.follower(id);
    for (const effect of follower.effects)
      if (effect.type === 'startTimer' && effect.timer === 'forward')
        this.#timers.set(id, follower.now + effect.delayMs);
    if (follower.sent('proposalGenerator').some(({ type }) => type === 'forwardDue')) this.#forwardDue(id);
  }

  #forwardDue(id: number): void {
    const follower = this.follower(id);
    follower.tell({ type: 'forwardDue' });
    for (const message of follower.sent('network')) {
      if (message.type !== 'sendTo' || message.message.type !== 'commands') continue;
      this.messages += 1;
      if (this.down) continue;
      for (const frame of framesFor(message.message, this.messages)) this.network.frame(this.#connection(id), frame);
    }
    this.read();
    this.pass(id);
  }

  /** The leader takes in what its network hands on, which is credit for the next. */
  read(): void {
    const sent = this.network.sentTo('proposalGenerator');
    for (; this.#handed < sent.length; this.#handed += 1) {
      const { message, credit } = sent[this.#handed] ?? {};
      if (message === undefined || credit === undefined) continue;
      this.leader.tell(message);
      const accounts = [{ account: credit.account, messages: 1, units: credit.units }];
      this.network.tell({ type: 'creditReturned', from: 'proposalGenerator', accounts });
    }
  }

  /** Time passes for all. */
  advance(ms: number): void {
    this.network.advance(ms);
    for (const [id, follower] of this.followers) {
      follower.now += ms;
      if (follower.now < (this.#timers.get(id) ?? Number.POSITIVE_INFINITY)) continue;
      this.#timers.delete(id);
      this.#forwardDue(id);
    }
    this.read();
  }

  vote(id: number, view: number): void {
    for (const frame of framesFor(voteOf(view, id))) this.network.frame(this.#connection(id), frame);
  }

  reconnect(id: number): void {
    this.network.tell({ type: 'connectionClosed', connection: this.#connection(id), reason: 'connectionLost' });
    this.connections.set(id, this.network.connect(id));
    this.follower(id).tell({ type: 'peerConnected', peer: peer(1) });
    this.pass(id);
  }

  get votesSeen(): readonly number[] {
    return this.network
      .sentTo('consensus')
      .flatMap(({ message }) => (message.type === 'voteReceived' ? [message.vote.view] : []));
  }

  #connection(id: number): number {
    return this.connections.get(id) as number;
  }
}

test('a client that asks again at every honest follower, while nothing commits, silences none of their votes', (t) => {
  const cluster = new Forwarding();
  const batches = range(1, 8).map((client) => batchOf(client, range(1, limits.sessionWindow), 'INCR a'));
  for (let again = 0; again < 40; again += 1) {
    for (const id of FOLLOWERS) for (const batch of batches) cluster.submit(id, batch);
    cluster.advance(10);
    if (again % 10 > 0) continue;
    for (const id of FOLLOWERS) cluster.vote(id, again);
    t.is(cluster.votesSeen.filter((view) => view === again).length, FOLLOWERS.length, `votes after ${again} rounds`);
  }
  t.is(cluster.network.all('pauseReading').length, 0);
  t.is(cluster.messages, batches.length * FOLLOWERS.length, 'each is forwarded once in a second');
});

test('an honest client’s command is in the leader’s next body after a client has asked a hundred times', (t) => {
  const cluster = new Forwarding();
  const spam = range(1, 31).map((client) => batchOf(client, range(1, limits.sessionWindow), 'INCR a'));
  for (let again = 0; again < 20; again += 1) for (const batch of spam) cluster.submit(0, batch);
  for (let window = 0; window < 10; window += 1) cluster.advance(limits.peerCreditWindowMs);
  cluster.submit(2, batchOf(99, [1]));
  t.true(cluster.leader.want()?.includes('99:1'));
});

test('commands that were lost with a connection are executed once after the next', (t) => {
  const cluster = new Forwarding();
  cluster.submit(0, batchOf(1, [1, 2]));
  cluster.down = true;
  cluster.submit(0, batchOf(1, [3, 4]));
  t.deepEqual(cluster.leader.want(), ['1:1', '1:2']);
  const first = blockOf({ height: 1, batches: [batchOf(1, [1, 2])] });
  cluster.leader.commit(first, [batchOf(1, [1, 2])]);
  cluster.down = false;
  cluster.reconnect(0);
  t.deepEqual(cluster.leader.want(first.hash, []), ['1:3', '1:4'], 'those that came before are not done twice');
  cluster.reconnect(0);
  t.deepEqual(cluster.leader.want(first.hash, []), ['1:3', '1:4'], 'nor those that come twice');
});

ava(
  'what a gateway takes in any of its windows, and its pool then holds, its leader takes in one window of its own',
  (t) => {
    const windowMs = limits.sessionQuotaWindowMs;
    const { addressSessions, gatewaySessions, peerSessions, poolClients } = limits;
    const gateway = createSessionQuota({
      ofSource: addressSessions,
      ofAll: gatewaySessions,
      known: gatewaySessions,
      windowMs,
    });
    const leader = createSessionQuota({ ofSource: peerSessions, ofAll: Number.POSITIVE_INFINITY, known: 0, windowMs });
    let invented = 0;
    // Addresses with so few ids that the gateway's share is used up to the last.
    const address = (client: number) => `address ${Math.floor(client / 8)}`;
    const accepted = (now: number) => {
      const first = invented;
      while (gateway.admits(address(invented), clientOf(invented), now)) invented += 1;
      return range(first, invented - 1);
    };
    const pooled = accepted(0);
    t.is(pooled.length, poolClients);
    const known = accepted(1.0 * windowMs);
    // A new leader: its window begins late in the gateway's third one, and lasts into the fourth.
    for (const client of known) t.true(gateway.admits(address(client), clientOf(client), 2.9 * windowMs));
    const third = accepted(2.9 * windowMs);
    const fourth = accepted(3.9 * windowMs);
    for (const each of [known, third, fourth]) t.is(each.length, gatewaySessions);
    for (const client of [...pooled, ...known, ...third]) t.true(leader.admits('1', clientOf(client), 2.95 * windowMs));
    for (const client of fourth) t.true(leader.admits('1', clientOf(client), 3.94 * windowMs));
  },
);

test('a follower’s pool says `poolFull` to a client too many, which its leader would have dropped without a word', (t) => {
  const follower = GeneratorHarness.ready({ leading: false, limits: { poolClients: 1 } });
  follower.submit(batchOf(1, [1]));
  follower.submit(batchOf(2, [1]));
  t.like(follower.sent('gateway'), [{ type: 'commandsRefused', client: clientOf(2), reason: 'poolFull' }]);
});
