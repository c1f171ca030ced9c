import test from 'ava';
import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { Block, Proposal, TimeoutCertificate } from '../../../src/protocol/types.js';
import { type ObservedEvent, type OracleCluster, VoteOracle } from '../../../src/simulation/checkers/vote-oracle.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { childOf, genesisBlock, NO_BYTES, qcIn, timeoutOf, voteOf } from '../../protocol/builders.js';

const THREE: OracleCluster = { replicas: 4, tenureLength: 4, rule: 'three-chain' };
const TWO: OracleCluster = { ...THREE, rule: 'two-chain' };
const GENESIS_BLOCK = genesisBlock();
/** The replica that is watched: the leader of tenure 1, views 4 .. 7. */
const ME = asReplicaId(1);

/** The child of `parent` in `view`, of the view's leader. */
function block(parent: Block, view: number, name = `block ${view}`): Block {
  const child = childOf(parent, view, name);
  return { ...child, header: { ...child.header, proposer: asReplicaId(Math.floor(view / THREE.tenureLength) % 4) } };
}

function proposalOf(proposed: Block, tc: Proposal['tc'] = null): PeerMessage {
  return { type: 'proposal', proposal: { block: proposed, signature: NO_BYTES, tc } };
}

const tcFor = (tenure: number, highQcView: number): TimeoutCertificate => {
  return { tenure: asTenure(tenure), timeouts: [], highQc: qcIn(highQcView) };
};

const got = (message: PeerMessage): ObservedEvent => ({ replica: ME, kind: 'received', message, at: 0 });
const sent = (message: PeerMessage): ObservedEvent => ({ replica: ME, kind: 'sent', message, at: 0 });
const offered = (proposed: Block, tc: Proposal['tc'] = null) => got(proposalOf(proposed, tc));
const voted = ({ header, hash }: Block, view: number = header.view) =>
  sent({ type: 'vote', vote: voteOf(ME, view, hash) });
const gaveUp = (tenure: number, highQcView: number) =>
  sent({ type: 'timeout', timeout: timeoutOf(ME, tenure, highQcView) });
const proposed = (own: Block, tc: Proposal['tc'] = null) => sent(proposalOf(own, tc));
const RESTART: ObservedEvent = { replica: ME, kind: 'restarted', at: 0 };

function judge(cluster: OracleCluster, events: readonly ObservedEvent[]): readonly string[] {
  const oracle = new VoteOracle(cluster);
  return events.flatMap((event) => oracle.observe(event)).map((found) => `${found.invariant} ${found.view}`);
}

/** Blocks of the views 1, 2 and 3, each the parent of the next, and one of view 5 upon `parent`. */
const b1 = block(GENESIS_BLOCK, 1);
const b2 = block(b1, 2);
const b3 = block(b2, 3);

test('a replica that follows the rules is not accused, in order, out of order, by a TC and after a restart', (t) => {
  const b4 = block(b3, 4);
  const fork = block(b2, 8, 'fork');
  const life: readonly ObservedEvent[] = [
    ...[offered(b1), voted(b1), offered(b1), offered(b2), voted(b2), voted(b2), offered(b3), voted(b3)],
    ...[voted(b4), proposed(b4), proposed(b4)],
    ...[gaveUp(1, 3), gaveUp(1, 4)],
    RESTART,
    gaveUp(1, 2),
    ...[offered(fork, tcFor(1, 2)), voted(fork)],
  ];
  t.deepEqual(judge(THREE, life), []);
  const stays: readonly ObservedEvent[] = life.slice(0, -4);
  const b8 = block(b4, 8);
  t.deepEqual(judge(TWO, [...stays, RESTART, gaveUp(1, 3), offered(b8, tcFor(1, 4)), voted(b8)]), []);
});

test('two votes for one view are S4, in one life or two, and the same vote again is not', (t) => {
  const other = block(b1, 2, 'other');
  const before = [offered(b1), offered(b2), offered(other), voted(b2), voted(b2)];
  t.deepEqual(judge(THREE, before), []);
  t.deepEqual(judge(THREE, [...before, voted(other)]), ['S4 2']);
  t.deepEqual(judge(THREE, [...before, RESTART, voted(other)]), ['S4 2']);
});

test('a vote below one that left before its block came is S4; one that was overtaken on its way is not', (t) => {
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), offered(b3), voted(b3), voted(b2)]), []);
  t.deepEqual(judge(THREE, [offered(b1), offered(b3), voted(b3), offered(b2), voted(b2)]), ['S4 2']);
});

test('two proposals for one view are S4', (t) => {
  const own = block(b3, 4);
  t.deepEqual(judge(THREE, [proposed(own), proposed(own), proposed(block(b3, 4, 'other'))]), ['S4 4']);
});

test('a three-chain vote against the lock is S5', (t) => {
  // The vote for block 4 locks block 2, which QC(block 3) has a QC for.
  const b4 = block(b3, 4);
  const before = [offered(b1), offered(b2), offered(b3), proposed(b4), voted(b4)];
  const voteOn = (parent: Block) => {
    const late = block(parent, 8, 'late');
    return judge(THREE, [...before, offered(late, tcFor(1, parent.header.view)), voted(late)]);
  };
  t.deepEqual(voteOn(b3), []);
  t.deepEqual(voteOn(b2), [], 'the locked block itself');
  t.deepEqual(voteOn(block(b1, 2, 'beside the lock')), ['S5 8']);
  t.deepEqual(voteOn(b1), ['S5 8']);
  t.deepEqual(voteOn(block(b1, 3, 'elsewhere and higher')), [], 'its QC is above the lock');
});

test('the lock is kept over a restart, and is not guessed where a block is not known', (t) => {
  const b4 = block(b3, 4);
  const late = block(b1, 8, 'late');
  const end = [RESTART, offered(late, tcFor(1, 1)), voted(late)];
  t.deepEqual(judge(THREE, [offered(b3), proposed(b4), voted(b4), ...end]), ['S5 8']);
  t.deepEqual(judge(THREE, [proposed(b4), voted(b4), ...end]), [], 'block 3 was never seen');
  const answer = { token: 1, blocks: [b3], certificate: null, committedHeight: b1.header.height };
  const fetched = got({ type: 'fetchAnswer', answer });
  t.deepEqual(judge(THREE, [fetched, proposed(b4), voted(b4), ...end]), ['S5 8'], 'block 3 was fetched');
});

test('a vote for another branch does not lower the lock, whichever of the two left first', (t) => {
  const b4 = block(b3, 4);
  const above = block(block(b1, 3, 'elsewhere and higher'), 8, 'above');
  const late = block(b1, 12, 'late');
  const before = [
    offered(b3),
    offered(block(b1, 3, 'elsewhere and higher')),
    proposed(b4),
    offered(above, tcFor(1, 3)),
  ];
  const end = [offered(late, tcFor(2, 1)), voted(late)];
  t.deepEqual(judge(THREE, [...before, voted(above), ...end]), []);
  t.deepEqual(judge(THREE, [...before, voted(b4), voted(above), ...end]), ['S5 12']);
  t.deepEqual(judge(THREE, [...before, voted(above), voted(b4), ...end]), ['S5 12']);
});

test('under either rule a view is entered by the justify or by the TC that comes with the proposal', (t) => {
  const late = block(b2, 8, 'late');
  for (const cluster of [THREE, TWO]) {
    const voteWith = (...tcs: readonly Proposal['tc'][]) =>
      judge(cluster, [...tcs.map((tc) => offered(late, tc)), voted(late)]);
    t.deepEqual(voteWith(tcFor(1, 2)), []);
    t.deepEqual(voteWith(null), ['S5 8']);
    t.deepEqual(voteWith(tcFor(0, 2)), ['S5 8'], 'of another tenure');
    t.deepEqual(voteWith(null, tcFor(1, 2)), [], 'it came with a second copy');
  }
});

test('a two-chain vote whose TC names a higher QC is S5, and binds no later vote', (t) => {
  const late = block(b2, 8, 'late');
  t.deepEqual(judge(TWO, [offered(late, tcFor(1, 2)), voted(late)]), []);
  t.deepEqual(judge(TWO, [offered(late, tcFor(1, 3)), voted(late)]), ['S5 8']);
  t.deepEqual(judge(THREE, [offered(late, tcFor(1, 3)), voted(late)]), [], 'three-chain has the lock instead');
  const b4 = block(b3, 4);
  t.deepEqual(judge(TWO, [proposed(b4), voted(b4), offered(late, tcFor(1, 2)), voted(late)]), []);
});

test('a vote for a block of another view, leader, parent or height is S5', (t) => {
  const bent = (change: Partial<Block['header']>) => ({ ...b2, header: { ...b2.header, ...change } });
  const judged = (bad: Block, view = 2) => judge(THREE, [offered(b1), offered(bad), voted(bad, view)]);
  t.deepEqual(judged(b2), []);
  t.deepEqual(judged(b2, 3), ['S5 3']);
  t.deepEqual(judged(bent({ proposer: asReplicaId(2) })), ['S5 2']);
  t.deepEqual(judged(bent({ parent: GENESIS_BLOCK.hash })), ['S5 2']);
  t.deepEqual(judged(bent({ height: GENESIS_BLOCK.header.height })), ['S5 2']);
});

test('a vote for a block that came only later is S5, but the own proposal may come behind its vote', (t) => {
  t.deepEqual(judge(THREE, [offered(b1), voted(b2)]), [], 'nobody knows yet');
  t.deepEqual(judge(THREE, [offered(b1), voted(b2), offered(b2)]), ['S5 2']);
  t.deepEqual(judge(THREE, [offered(b3), voted(block(b3, 4)), proposed(block(b3, 4))]), []);
  const bad = block(b1, 4);
  t.deepEqual(judge(THREE, [offered(b3), voted(bad), proposed(bad)]), ['S5 4'], 'and is judged then');
});

test('a vote in a tenure that was given up before its block came is S7; one that was on its way is not', (t) => {
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), gaveUp(0, 1), voted(b2)]), []);
  t.deepEqual(judge(THREE, [offered(b1), gaveUp(0, 1), offered(b2), voted(b2)]), ['S7 2']);
  t.deepEqual(judge(THREE, [offered(b1), gaveUp(3, 1), offered(b2), voted(b2)]), ['S7 2'], 'and with it those below');
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), gaveUp(0, 0), voted(b2)]), ['S7 2'], 'the Timeout knew no QC 1');
  const b4 = block(b3, 4);
  t.deepEqual(judge(THREE, [gaveUp(0, 0), proposed(b4), voted(b4)]), [], 'the next tenure');
});

test('a proposal in a tenure that was given up is S7 where it stands on a later QC', (t) => {
  const own = block(b3, 4);
  t.deepEqual(judge(THREE, [gaveUp(1, 3), proposed(own)]), [], 'it may have been signed before');
  t.deepEqual(judge(THREE, [gaveUp(1, 2), proposed(own)]), ['S7 4']);
});

test('after a restart a vote or proposal up to what was signed is S7', (t) => {
  const b4 = block(b3, 4);
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), voted(b2), RESTART, voted(b1)]), ['S7 1']);
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), voted(b1), RESTART, voted(b2)]), []);
  t.deepEqual(judge(THREE, [gaveUp(1, 2), RESTART, proposed(b4)]), ['S7 4']);
  const b7 = block(b3, 7);
  t.deepEqual(judge(THREE, [gaveUp(1, 3), RESTART, proposed(b7, tcFor(0, 3))]), ['S7 7'], 'its last view');
  t.deepEqual(judge(THREE, [offered(b3), gaveUp(0, 2), RESTART, voted(b3)]), ['S7 3']);
  t.deepEqual(judge(THREE, [gaveUp(0, 3), RESTART, proposed(b4)]), []);
  t.deepEqual(judge(THREE, [proposed(b4), RESTART, offered(b3), voted(b3)]), ['S7 3']);
});

test('a Timeout that names a lower QC than one before is S7 in one life; after a restart the votes bind it', (t) => {
  t.deepEqual(judge(THREE, [gaveUp(0, 2), gaveUp(1, 1)]), ['S7 7']);
  t.deepEqual(judge(THREE, [gaveUp(1, 2), gaveUp(0, 1)]), [], 'the lower tenure was signed first');
  t.deepEqual(judge(THREE, [gaveUp(0, 2), RESTART, gaveUp(1, 1)]), []);
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), voted(b2), gaveUp(0, 1)]), []);
  t.deepEqual(judge(THREE, [offered(b1), offered(b2), voted(b2), gaveUp(0, 0)]), ['S7 3'], 'a vote has a justify');
  t.deepEqual(judge(THREE, [proposed(block(b3, 4)), gaveUp(1, 2)]), ['S7 7'], 'and so has a proposal');
  const b4 = block(b3, 4);
  const signed = [offered(b3), proposed(b4), voted(b4)];
  for (const cluster of [THREE, TWO]) {
    t.deepEqual(judge(cluster, [...signed, gaveUp(1, 3)]), []);
    t.deepEqual(judge(cluster, [...signed, gaveUp(1, 2)]), ['S7 7'], 'it has processed the justify of block 4');
    t.deepEqual(judge(cluster, [...signed, RESTART, gaveUp(1, 1)]), ['S7 7']);
  }
  t.deepEqual(judge(THREE, [...signed, RESTART, gaveUp(1, 2)]), [], 'three-chain writes what the lock needs');
  t.deepEqual(judge(TWO, [...signed, RESTART, gaveUp(1, 2)]), ['S7 7'], 'two-chain the whole justify');
});

test('what others signed is not laid at the door of who forwards it, and each replica is judged by itself', (t) => {
  const of = (signer: number, name: string) => sent({ type: 'vote', vote: voteOf(signer, 2, name) });
  t.deepEqual(judge(THREE, [of(0, 'x'), of(0, 'y')]), []);
  const forwarded = (view: number) => sent({ type: 'timeout', timeout: timeoutOf(0, 1, view) });
  t.deepEqual(judge(THREE, [forwarded(3), forwarded(2), proposed(b1), proposed(block(GENESIS_BLOCK, 1, 'x'))]), []);
  const oracle = new VoteOracle(THREE);
  const events: readonly ObservedEvent[] = [0, 2].map((id) => {
    return { replica: asReplicaId(id), kind: 'sent', message: { type: 'vote', vote: voteOf(id, 2, `${id}`) }, at: 0 };
  });
  t.deepEqual(
    events.flatMap((event) => oracle.observe(event)),
    [],
  );
  const again = { ...voteOf(2, 2, 'else'), view: asView(2) };
  const [found] = oracle.observe({
    replica: asReplicaId(2),
    kind: 'sent',
    message: { type: 'vote', vote: again },
    at: 0,
  });
  t.like(found, { invariant: 'S4', replica: 2, view: 2 });
});
