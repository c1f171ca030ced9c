/** What consensus makes of the schedule by reputation; the rule itself is tested in test/protocol. */
import type { ExecutionContext } from 'ava';
import { asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../../src/protocol/types.js';
import { ConsensusCluster, type ConsensusClusterOptions } from '../../support/consensus-cluster.js';
import { ConsensusStage, EMPTY_STORE, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onOneThread, onBothHosts as test } from '../../support/hosts.js';

const RULES = ['three-chain', 'two-chain'] as const;

/**
 * Replica `id` of four, T = 1, of which replica 3 takes part in nothing. Views 1 to 99 were led by 0, 1 and 2, and those
 * of 3 were timed out, until nobody had it lead any more; the certificate of the block of view 99 has not come, so that
 * 96 is committed.
 */
function stageAt99(id = 3) {
  const stage = new ConsensusStage({ id, tenureLength: 1, schedule: 'reputation' });
  let parent: Block = GENESIS;
  let tip: Block = GENESIS;
  let justify: QuorumCertificate = GENESIS_QC;
  const skipped: number[] = [];
  const chain: Block[] = [GENESIS];
  for (let view = 1; view <= 99; view += 1) {
    const previous = skipped.at(-1) === view - 1;
    const tc = previous ? stage.tc(view - 1, justify) : null;
    // The stage tells whom it takes for the leader of the view; it enters by what the proposal would bring.
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc: justify, tc } });
    const { leader } = lastEntered(stage);
    if (leader === 3) {
      skipped.push(view);
      continue;
    }
    const block = stage.block(view, tip, justify, `${view}`, leader);
    stage.propose(stage.proposal(block, tc));
    chain.push(block);
    parent = tip;
    tip = block;
    justify = stage.qc(block);
  }
  stage.sent.splice(0);
  return { stage, parent, tip, chain, skipped, highQc: justify };
}

function lastEntered(stage: ConsensusStage) {
  const entered = stage.told.flatMap(({ to, message }) =>
    to === 'pacemaker' && message.type === 'viewEntered' ? [message] : [],
  );
  const last = entered.at(-1);
  if (last === undefined) throw new Error('no view was entered');
  return last;
}

/**
 * In a later view, entered by a TC. The horizon of 138 is 97, which QC(99) would commit; those of later views are above.
 * `known` is the highest certificate that has come, for `parent`.
 */
function stageAt(view: number) {
  const at99 = stageAt99();
  const { stage, tip } = at99;
  const known = tip.header.justify;
  const tc = stage.tc(view - 1, known);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc: known, tc } });
  return { ...at99, tc, known };
}

const refusals = (stage: ConsensusStage) => stage.consensus.counters().refusals;

test('a replica that takes part in nothing stops being asked to lead', (t) => {
  const { stage, skipped } = stageAt99();
  t.true(skipped.length > 5 && skipped.every((view) => view % 4 === 3), `${skipped}`);
  t.true((skipped.at(-1) ?? 0) < 90, `${skipped}`);
  t.is(stage.committedViews.at(-1), 96);
});

test('while its own commits do not decide, a replica follows who leads by turns', (t) => {
  const { stage } = stageAt(138);
  t.like(lastEntered(stage), { view: 138, leader: 138 % 4, by: 'tc' });
});

test('the certificates of a proposal are taken over before its leader is looked at', (t) => {
  const { stage, tip, highQc, tc } = stageAt(138);
  // QC(99) commits 97, which is at the horizon: of 0, 1 and 2 the leader is number 138 mod 3.
  const block = stage.block(138, tip, highQc, 'decided', asReplicaId(0));
  stage.propose(stage.proposal(block, tc));
  t.is(stage.committedViews.at(-1), 97);
  t.deepEqual(
    stage.take('vote').map(({ to, message }) => [Number(to), Number(message.vote.view)]),
    [[0, 138]],
    'to the leader of 138; that of 139, which is not decided, is this replica',
  );
});

test('a commit that decides upon another leader of the present view is told to all who ask who leads', (t) => {
  const { stage, highQc } = stageAt(138);
  stage.sent.splice(0);
  stage.told.splice(0);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(1), certificates: { highQc, tc: null } });
  t.like(lastEntered(stage), { view: 138, leader: 0, leading: false, by: 'commit' });
  const told = (to: string) => stage.told.filter((effect) => effect.to === to).map(({ message }) => message.type);
  t.deepEqual(
    ['gateway', 'network', 'replica'].map((to) => told(to).includes('viewEntered')),
    [true, true, true],
  );
  t.true(told('proposalGenerator').includes('leaderChanged'));
  t.deepEqual(
    stage.take('certificates').map(({ to }) => Number(to)),
    [0],
    'who enters by a TC sends it to the leader',
  );
});

test('a commit that does not decide who leads the present view is not told', (t) => {
  const { stage, highQc } = stageAt(141);
  t.like(lastEntered(stage), { view: 141, leader: 141 % 4 });
  stage.told.splice(0);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(1), certificates: { highQc, tc: null } });
  t.is(stage.committedViews.at(-1), 97, 'and the horizon of 141 is 100');
  t.throws(() => lastEntered(stage), { message: /no view/ });
});

test('whom others may take for the leader is not held against it, and costs one look', (t) => {
  const { stage, parent, tip, known, highQc, tc } = stageAt(138);
  // Its certificates decide nothing here: it has seen QC(99), which this replica has not.
  const early = (text: string) => stage.proposal(stage.block(138, parent, known, text, asReplicaId(0)), tc);
  stage.propose(early('one'));
  t.deepEqual(stage.take('vote'), []);
  t.is(refusals(stage).leaderUnsettled, 1);
  const looked = stage.verifications;
  stage.propose(early('two'));
  t.is(stage.verifications, looked, 'another one is not looked at while nothing has changed');
  t.is(refusals(stage).leaderUnsettled, 2);
  t.is(refusals(stage).notTheLeader, undefined);

  stage.tell({ type: 'timeoutReceived', from: asReplicaId(0), timeout: stage.timeout(0, 138, known) });
  t.is(refusals(stage).excluded, undefined, 'its Timeout counts');
  t.true(stage.verifications > looked);

  stage.propose(stage.proposal(stage.block(138, tip, highQc, 'three', asReplicaId(0)), tc));
  t.is(stage.take('vote').length, 1, 'one that brings what decides is followed');
});

test('decided, a proposal of neither that leader nor the one by turns is misbehaviour', (t) => {
  const { stage, tip, highQc, tc } = stageAt(138);
  stage.propose(stage.proposal(stage.block(138, tip, highQc, '', asReplicaId(1)), tc));
  t.is(refusals(stage).notTheLeader, 1);
  stage.tell({ type: 'timeoutReceived', from: asReplicaId(1), timeout: stage.timeout(1, 138, highQc) });
  t.is(refusals(stage).excluded, 1);
});

test('a certified block is never refused for its proposer', (t) => {
  const { stage, parent, known, tc } = stageAt(138);
  const block = stage.block(138, parent, known, 'x', asReplicaId(0));
  stage.propose(stage.proposal(block, tc));
  t.is(refusals(stage).leaderUnsettled, 1);
  t.false(stage.addedViews.includes(138));
  const highQc = stage.qc(block);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(1), certificates: { highQc, tc: null } });
  stage.propose(stage.proposal(block, tc));
  t.true(stage.addedViews.includes(138), 'as the proposal that comes again');

  const other = stageAt(138);
  other.stage.tell({ type: 'certificatesReceived', from: asReplicaId(1), certificates: { highQc, tc: null } });
  other.stage.tell({ type: 'ancestorsArrived', blocks: [block], certificate: highQc });
  t.true(other.stage.addedViews.includes(138), 'and fetched');
});

test('votes are taken in that others may send here, whoever leads by the own commits', (t) => {
  const { stage, parent, known } = stageAt(141);
  const block = stage.block(141, parent, known, 'x', asReplicaId(0));
  for (const signer of [0, 1, 2]) {
    stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, block) });
  }
  t.is(refusals(stage).notForUs, undefined);
  t.is(stage.view, 142, 'three of them are a certificate');
  t.is(stage.take('certificates').filter(({ to }) => to === 'all').length, 1);
});

test('a leader puts every vote that it has by then into the certificate that it proposes on', (t) => {
  for (const schedule of ['round-robin', 'reputation'] as const) {
    const stage = new ConsensusStage({ id: 2, tenureLength: 1, schedule });
    const [first] = stage.proposeChain(1, 1) as [Block];
    // Its certificate comes from another; its own vote and that of 3 are not in it.
    stage.tell({ type: 'voteReceived', from: asReplicaId(3), vote: stage.vote(3, first) });
    const highQc = stage.qc(first, [0, 1, 3]);
    stage.tell({ type: 'certificatesReceived', from: asReplicaId(1), certificates: { highQc, tc: null } });
    t.is(stage.view, 2);
    stage.tell({ type: 'proposeNow', view: first.header.view, body: 'empty' });
    stage.tell({ type: 'proposeNow', view: (first.header.view + 1) as typeof first.header.view, body: 'empty' });
    const [sent] = stage.take('proposal');
    t.deepEqual(
      sent?.message.proposal.block.header.justify.signatures.map(({ signer }) => Number(signer)),
      [0, 1, 2, 3],
    );
  }
});

test('after a restart nothing runs before the committed blocks are read back that the schedule must know of', (t) => {
  const { chain } = stageAt99();
  const committed = chain.at(-4) as Block;
  const stage = new ConsensusStage({
    id: 3,
    tenureLength: 1,
    schedule: 'reputation',
    store: { ...EMPTY_STORE, committed },
  });
  const asked = () => stage.told.flatMap(({ message }) => (message.type === 'readRange' ? [message] : []));
  t.throws(() => lastEntered(stage), { message: /no view/ });
  for (let answered = 0; answered < asked().length; answered += 1) {
    const { token, fromHeight, maxBlocks } = asked()[answered] as ReturnType<typeof asked>[0];
    t.true(answered > 0 || asked().length === 1, 'one request at a time');
    const blocks = chain.slice(fromHeight, fromHeight + Math.min(30, maxBlocks));
    stage.tell({ type: 'blocksRead', token, blocks, certificate: null, committedHeight: committed.header.height });
  }
  t.true(asked().length > 1);
  const highQc = stage.qc(committed);
  const tc = stage.tc(136, highQc);
  stage.tell({ type: 'certificatesReceived', from: asReplicaId(0), certificates: { highQc, tc } });
  t.like(lastEntered(stage), { view: 137, leader: [0, 1, 2][137 % 3] });
  t.is(committed.header.view, asView(96), 'the horizon of 137');
});

test('a replica that is stopped while it reads back is stopped', (t) => {
  const committed = stageAt99().tip;
  const store = { ...EMPTY_STORE, committed };
  const stage = new ConsensusStage({ id: 3, tenureLength: 1, schedule: 'reputation', store });
  stage.tell({ type: 'stopRequested' });
  t.like(stage.told.at(-1), { to: 'replica', message: { type: 'partStopped', role: 'consensus' } });
  const told = stage.told.length;
  stage.tell({ type: 'blocksRead', token: 1, blocks: [], certificate: null, committedHeight: committed.header.height });
  t.is(stage.told.length, told);
});

// ── the cluster ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** One way 50 ± 5 ms. */
const WIDE = { delayMs: [45, 10], seed: 7 } as const;

interface Pace {
  /** Non-empty blocks that replica 0 committed in a second. */
  readonly perSecond: number;
  /** Milliseconds from a block's proposal to its commit at replica 0: the median. */
  readonly latencyMs: number;
}

function paceOf(
  options: ConsensusClusterOptions,
  dead: readonly number[],
  adaptMs: number,
): Pace & { cluster: ConsensusCluster } {
  const cluster = new ConsensusCluster({ ...WIDE, ...options });
  const proposedAt = new Map<string, number>();
  const latencies: number[] = [];
  cluster.cut = (_from, _to, message) => {
    if (message.type !== 'proposal') return false;
    const { hash } = message.proposal.block;
    if (!proposedAt.has(hash)) proposedAt.set(hash, cluster.time.now);
    return false;
  };
  cluster.heard = (id, message) => {
    if (id !== 0 || message.type !== 'blocksCommitted') return;
    for (const { hash } of message.blocks) latencies.push(cluster.time.now - (proposedAt.get(hash) ?? 0));
  };
  cluster.start().run(2000);
  for (const id of dead) cluster.crash(id);
  cluster.run(adaptMs);
  latencies.splice(0);
  const before = cluster.nonEmpty(0);
  cluster.run(20_000);
  const sorted = latencies.sort((a, b) => a - b);
  return {
    perSecond: (cluster.nonEmpty(0) - before) / 20,
    latencyMs: sorted[sorted.length >> 1] ?? Number.NaN,
    cluster,
  };
}

function assertKeepsPace(
  t: ExecutionContext,
  options: ConsensusClusterOptions,
  dead: readonly number[],
  adaptMs: number,
) {
  const free = paceOf(options, [], 0);
  const faulty = paceOf({ ...options, schedule: 'reputation' }, dead, adaptMs);
  const { perSecond, latencyMs } = faulty;
  const said = `${perSecond} of ${free.perSecond} a second, ${latencyMs} of ${free.latencyMs} ms`;
  t.log(said);
  t.deepEqual(faulty.cluster.violations, []);
  t.true(perSecond >= 0.8 * free.perSecond, said);
  t.true(latencyMs <= 2 * free.latencyMs, said);
}

for (const rule of RULES) {
  for (const tenureLength of [1, 4]) {
    onOneThread(`one of four dead: the pace is that of four, T = ${tenureLength}, ${rule}`, (t) => {
      assertKeepsPace(t, { replicas: 4, tenureLength, rule, baseTimeoutMs: 500 }, [2], 30_000);
    });
    // The last hundred blocks decide who leads. In tenures of one view three of ten views cost a timer until then.
    const adaptMs = tenureLength === 1 ? 90_000 : 30_000;
    onOneThread(`three of ten dead: the pace is that of ten, T = ${tenureLength}, ${rule}`, (t) => {
      assertKeepsPace(t, { replicas: 10, tenureLength, rule, baseTimeoutMs: 500 }, [2, 5, 8], adaptMs);
    });
  }
}

for (const tenureLength of [1, 4]) {
  onOneThread(`a replica that comes back leads again, T = ${tenureLength}`, (t) => {
    const cluster = new ConsensusCluster({
      ...WIDE,
      replicas: 4,
      tenureLength,
      rule: 'three-chain',
      schedule: 'reputation',
    });
    cluster.start(0, 1, 3).run(60_000);
    const leaders = new Set<number>();
    cluster.heard = (id, message) => {
      if (id === 0 && message.type === 'viewEntered') leaders.add(message.leader);
    };
    cluster.run(5000);
    t.deepEqual([...leaders].sort(), [0, 1, 3]);
    const from = cluster.time.now;
    cluster.start(2);
    while (!leaders.has(2) && cluster.time.now - from < 60_000) cluster.run(100);
    t.log(`after ${cluster.time.now - from} ms, ${cluster.views[0]} views`);
    t.true(cluster.time.now - from < 15_000);
    const before = cluster.nonEmpty(0);
    cluster.run(5000);
    t.true(cluster.nonEmpty(0) - before > 40, 'and what it proposes is committed');
    t.deepEqual(cluster.violations, []);
  });
}

/**
 * 6 of seven is dead, so that turns among all and turns among the active differ. Then one after the other hears nothing
 * while the rest commit, and is needed as soon as it hears again, since another dies.
 */
function differingPrefixes(tenureLength: number, rule: 'three-chain' | 'two-chain'): ConsensusCluster {
  const options = { baseTimeoutMs: 100, delayMs: [2, 10], seed: tenureLength } as const;
  const cluster = new ConsensusCluster({ ...options, replicas: 7, tenureLength, rule, schedule: 'reputation' });
  cluster.start(0, 1, 2, 3, 4, 5).run(6000);
  for (let behind = 0; behind < 6; behind += 1) {
    cluster.cut = (_from, to) => to === behind;
    cluster.run(1500);
    cluster.cut = () => false;
    const dead = (behind + 2) % 6;
    cluster.crash(dead);
    cluster.run(1000);
    cluster.start(dead).run(200);
  }
  return cluster;
}

for (const rule of RULES) {
  for (const tenureLength of [1, 4, 30]) {
    const title = `replicas that have committed different prefixes name no two leaders, and go on`;
    onOneThread(`${title}, T = ${tenureLength}, ${rule}`, (t) => {
      const cluster = differingPrefixes(tenureLength, rule);
      const before = cluster.up.map((id) => cluster.nonEmpty(id));
      cluster.run(3000);
      t.deepEqual(cluster.violations, []);
      t.log(`${cluster.disputed.size} of ${cluster.decided.size} tenures were disputed for a while`);
      t.true(cluster.disputed.size > 0);
      for (const id of cluster.up) t.true(cluster.nonEmpty(id) > (before[id] ?? 0) + 20, `replica ${id}`);
    });
  }
}
