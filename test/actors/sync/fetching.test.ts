import { asHeight, asReplicaId } from '../../../src/protocol/numbers.js';
import { at, certify, chainOf, childOf, forge, GENESIS } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { SyncStage } from '../../support/sync-stage.js';

const settings = { fetchBlocks: 8, fetchBytes: 10_000, batchBlocks: 4, batchBytes: 10_000, batchesAhead: 2 };
const chain = chainOf(40);
const TIP = at(chain, -1);

/** Runs until consensus has the tip; every peer is honest and has committed `committed` blocks. Returns the requests. */
function catchUp(stage: SyncStage, committed = 37, rounds = 100): string[] {
  const kinds: string[] = [];
  for (let round = 0; round < rounds && stage.tip !== TIP; round++) {
    const asked = stage.asked.shift();
    if (asked !== undefined) {
      kinds.push(asked.request.kind);
      stage.answerFrom(chain, committed, asked);
    } else if (stage.arrived.length > 0) stage.settle(at(stage.arrived[0]?.blocks ?? [], -1) !== TIP);
    else stage.advance(50);
  }
  return kinds;
}

test('one missing block is fetched as a branch from a peer that certified it', (t) => {
  const stage = new SyncStage({ settings }).connect(1, 2, 3);
  const missing = at(chain, 0);
  stage.miss(missing, [2]);
  const asked = stage.take();
  t.is(asked.to, asReplicaId(2));
  t.like(asked.request, { kind: 'branch', tip: missing.hash, aboveHeight: asHeight(0), maxBlocks: 8 });
  // the peer need not hold the certificate: consensus has verified it
  stage.answer(asked, { blocks: [missing], certificate: null });
  t.deepEqual(stage.arrived, [{ blocks: [missing], certificate: certify(missing) }]);
  stage.settle(false);
  t.deepEqual(stage.asked, []);
  t.is(stage.timersRunning, 0);
});

test('a replica far behind fetches ranges of what peers have committed, then the rest as a branch', (t) => {
  const stage = new SyncStage({ settings }).connect(1, 2, 3).miss(TIP);
  const kinds = catchUp(stage);
  t.deepEqual(stage.tip, TIP);
  t.deepEqual(new Set(kinds), new Set(['branch', 'range']));
  t.is(kinds.at(-1), 'branch');
  t.deepEqual(stage.warnings, []);
});

test('every batch for consensus is digestible, linked to the one before and certified', (t) => {
  const stage = new SyncStage({ settings }).connect(1).miss(TIP);
  stage.answerFrom(chain, 37);
  t.is(stage.arrived.length, 2);
  t.deepEqual(
    stage.arrived.map(({ blocks, certificate }) => [blocks, certificate]),
    [
      [chain.slice(0, 4), certify(at(chain, 3))],
      [chain.slice(4, 8), certify(at(chain, 7))],
    ],
  );
});

test('a batch holds no more bytes than consensus digests at once', (t) => {
  const bulky = chainOf(6, GENESIS, 100);
  const stage = new SyncStage({ settings: { ...settings, batchBytes: 150 } }).connect(1).miss(at(bulky, -1));
  stage.answerFrom(bulky, 0);
  t.deepEqual(
    stage.arrived.map(({ blocks }) => blocks.length),
    [2, 2],
  );
});

test('the next request leaves before consensus has digested the last answer, but not before it has begun to', (t) => {
  const stage = new SyncStage({ settings: { ...settings, batchBlocks: 2 } }).connect(1).miss(TIP);
  stage.answerFrom(chain, 37);
  t.is(stage.arrived.length, 2);
  t.is(stage.asked.length, 0);
  stage.settle().settle();
  t.is(stage.arrived.length, 2);
  t.is(stage.asked.length, 1);
});

test('peers take turns', (t) => {
  const stage = new SyncStage({ settings }).connect(1, 2, 3).miss(TIP);
  const peers: number[] = [];
  for (let round = 0; round < 3; round++) {
    const asked = stage.take();
    peers.push(asked.to);
    stage.answerFrom(chain, 37, asked).settle().settle();
  }
  t.deepEqual(peers, [1, 2, 3]);
});

const lies = {
  'blocks of another chain': { blocks: chain.slice(1, 3), certificate: certify(at(chain, 2)) },
  'a gap': { blocks: [at(chain, 0), at(chain, 2)], certificate: certify(at(chain, 2)) },
  'a block twice': { blocks: [at(chain, 0), at(chain, 0)], certificate: certify(at(chain, 0)) },
  'a height that skips': (() => {
    const skipping = childOf(GENESIS, { height: 2 });
    return { blocks: [skipping], certificate: certify(skipping) };
  })(),
  'a block that certifies another than it extends': (() => {
    const detached = childOf(GENESIS, { parent: at(chain, 3).hash });
    return { blocks: [detached], certificate: certify(detached) };
  })(),
  'a block that does not extend what it certifies': (() => {
    const detached = childOf(at(chain, 0), { height: 1, parent: GENESIS.hash });
    return { blocks: [detached], certificate: certify(detached) };
  })(),
  'more blocks than asked for': { blocks: chain.slice(0, 9), certificate: certify(at(chain, 8)) },
  'more bytes than asked for': (() => {
    const heavy = chainOf(2, GENESIS, 6000);
    return { blocks: heavy, certificate: certify(at(heavy, -1)) };
  })(),
  'no certificate': { blocks: chain.slice(0, 4), certificate: null },
  'a certificate of another block': { blocks: chain.slice(0, 4), certificate: certify(at(chain, 2)) },
  'a certificate of another view': {
    blocks: chain.slice(0, 4),
    certificate: { ...certify(at(chain, 3)), view: at(chain, 4).header.view },
  },
  'a certificate that nobody signed': { blocks: chain.slice(0, 4), certificate: forge(at(chain, 3)) },
};

for (const [name, lie] of Object.entries(lies)) {
  test(`a peer that answers with ${name} is set aside, and another brings the blocks`, (t) => {
    const stage = new SyncStage({ settings }).connect(1, 2).miss(TIP);
    const liar = stage.take();
    stage.answer(liar, lie);
    t.deepEqual(stage.arrived, []);
    t.is(stage.warnings.length, 1);
    for (let round = 0; round < 4; round++) {
      const asked = stage.take();
      t.not(asked.to, liar.to);
      stage.answerFrom(chain, 37, asked).settle().settle();
    }
    t.is(stage.tip.header.height, asHeight(32));
  });
}

test('a single block may be larger than an answer', (t) => {
  const heavy = chainOf(1, GENESIS, 20_000);
  const stage = new SyncStage({ settings }).connect(1).miss(at(heavy, 0));
  stage.answer(stage.take(), { blocks: heavy, certificate: certify(at(heavy, 0)) });
  t.is(stage.arrived.length, 1);
});

test('a peer that does not answer is left alone for a while, and the next is asked for less', (t) => {
  const stage = new SyncStage({ settings: { ...settings, fetchTimeoutMs: 100, setAsideMs: 1000 } })
    .connect(1, 2)
    .miss(TIP);
  const silent = stage.take();
  stage.advance(99);
  t.deepEqual(stage.asked, []);
  stage.advance(1);
  const next = stage.take();
  t.not(next.to, silent.to);
  t.is(next.request.maxBlocks, 4);
  // too late: it was asked of another meanwhile
  stage.answerFrom(chain, 37, silent);
  t.deepEqual(stage.arrived, []);
  stage.answerFrom(chain, 37, next).settle();
  t.is(stage.take().to, next.to);
});

test('a peer that went away is not waited for', (t) => {
  const stage = new SyncStage({ settings }).connect(1, 2).miss(TIP);
  const gone = stage.take();
  stage.tell({ type: 'peerDisconnected', peer: gone.to });
  t.not(stage.take().to, gone.to);
});

test('with nobody to ask, the next peer that connects is asked', (t) => {
  const stage = new SyncStage({ settings }).miss(TIP);
  t.deepEqual(stage.asked, []);
  stage.connect(3);
  t.is(stage.take().to, asReplicaId(3));
});

test('peers that have nothing are asked again later, at a limited rate', (t) => {
  const stage = new SyncStage({ settings: { ...settings, retryMs: 100 } }).connect(1, 2).miss(TIP);
  let requests = 0;
  for (let round = 0; round < 1000; round++) {
    const asked = stage.asked.shift();
    if (asked === undefined) stage.advance(1);
    else {
      requests += 1;
      // its committed height lies, differently each time
      stage.answer(asked, { committedHeight: asHeight(1000 + round) });
    }
  }
  t.true(requests >= 10 && requests <= 2 * 11, `${requests} requests`);
});

test('a block that peers have abandoned is got round by range', (t) => {
  const abandoned = childOf(GENESIS, { view: 30, body: new Uint8Array(1) });
  const stage = new SyncStage({ settings }).connect(1).miss(abandoned);
  t.is(stage.asked[0]?.request.kind, 'branch');
  stage.answer(stage.take(), { committedHeight: asHeight(37) });
  stage.advance(1000);
  t.like(stage.take().request, { kind: 'range', fromHeight: asHeight(1) });
});

test('a certified branch that was never committed misleads nobody for long', (t) => {
  const fork = chainOf(8, childOf(GENESIS, { body: new Uint8Array(3) }));
  const lie = [childOf(GENESIS, { body: new Uint8Array(3) }), ...fork.slice(0, 7)];
  const stage = new SyncStage({ settings }).connect(1, 2, 3).miss(TIP);
  const liar = stage.take();
  stage.answer(liar, { blocks: lie, certificate: certify(at(lie, -1)), committedHeight: asHeight(100) });
  // consensus takes the fork in, and commits nothing of it
  for (const _ of stage.arrived.splice(0)) {
    stage.tell({ type: 'ancestorsSettled', committedHeight: asHeight(0), committedHash: GENESIS.hash, missing: true });
  }
  const honest = stage.take();
  stage.answerFrom(chain, 37, honest);
  t.deepEqual(stage.warnings, [`peerSetAside ${honest.to} unlinked`, `peerSetAside ${liar.to} disputed`]);
  catchUp(stage);
  t.deepEqual(stage.tip, TIP);
});

test('an answer is judged by what was asked for, though more is missing since', (t) => {
  const stage = new SyncStage({ settings }).connect(1).miss(at(chain, 2));
  const asked = stage.take();
  stage.miss(TIP);
  stage.answer(asked, { blocks: chain.slice(0, 3), certificate: null });
  t.deepEqual(stage.warnings, []);
  t.is(stage.arrived.length, 1);
  stage.settle();
  t.like(stage.take().request, { tip: TIP.hash, aboveHeight: asHeight(3) });
});

test('blocks that consensus committed meanwhile are not fetched or handed over again', (t) => {
  const stage = new SyncStage({ settings }).connect(1).miss(TIP);
  const asked = stage.take();
  const { hash, header } = at(chain, 4);
  stage.tell({ type: 'ancestorsSettled', committedHeight: header.height, committedHash: hash, missing: true });
  stage.answerFrom(chain, 37, asked);
  t.deepEqual(
    stage.arrived.map(({ blocks }) => blocks),
    [chain.slice(5, 8)],
  );
});

test('what was delivered and did not do is fetched again from own ground', (t) => {
  const stage = new SyncStage({ settings }).connect(1).miss(at(chain, 2));
  stage.answerFrom(chain, 0);
  stage.arrived.splice(0);
  stage.tell({ type: 'ancestorsSettled', committedHeight: asHeight(0), committedHash: GENESIS.hash, missing: true });
  t.deepEqual(stage.asked, []);
  stage.advance(1000);
  t.like(stage.take().request, { aboveHeight: asHeight(0) });
});

test('nothing is asked or handed over once nothing is missing, and an answer that comes late is dropped', (t) => {
  const stage = new SyncStage({ settings }).connect(1).miss(TIP);
  const asked = stage.take();
  stage.settle(false);
  stage.answerFrom(chain, 37, asked).advance(60_000);
  t.deepEqual(stage.asked, []);
  t.deepEqual(stage.arrived, []);
  t.is(stage.timersRunning, 0);
});

test('answers that nobody asked for are dropped', (t) => {
  const stage = new SyncStage({ settings }).connect(1, 2).miss(TIP);
  const asked = stage.take();
  const blocks = chain.slice(0, 8);
  const answer = {
    token: asked.request.token,
    blocks,
    certificate: certify(at(chain, 7)),
    committedHeight: asHeight(37),
  };
  const other = asReplicaId(asked.to === 1 ? 2 : 1);
  stage.tell({ type: 'fetchAnswered', from: other, answer });
  stage.tell({ type: 'fetchAnswered', from: asked.to, answer: { ...answer, token: answer.token + 1 } });
  t.deepEqual(stage.arrived, []);
  stage.tell({ type: 'fetchAnswered', from: asked.to, answer }).tell({ type: 'fetchAnswered', from: asked.to, answer });
  t.is(stage.arrived.length, 2);
});

test('ten thousand blocks arrive with as many requests as full answers hold, and no more', (t) => {
  const long = chainOf(10_000);
  const stage = new SyncStage({ settings: { fetchBytes: 10_000_000 } }).connect(1, 2, 3).miss(at(long, -1));
  let requests = 0;
  for (let round = 0; round < 1000 && stage.tip !== at(long, -1); round++) {
    const asked = stage.asked.shift();
    if (asked !== undefined) {
      requests += 1;
      stage.answerFrom(long, 9_997, asked);
      t.true(stage.arrived.length <= 2);
    } else stage.settle();
  }
  t.deepEqual(stage.tip, at(long, -1));
  t.true(requests <= Math.ceil(10_000 / 256) + 1, `${requests} requests`);
});

test('a stopped sync says so once and is still from then on', (t) => {
  const stage = new SyncStage({ settings }).connect(1).miss(TIP);
  stage.asked.splice(0);
  stage.tell({ type: 'stopRequested' }).tell({ type: 'stopRequested' }).miss(TIP).connect(2).advance(60_000);
  t.is(stage.stopped, 1);
  t.deepEqual(stage.asked, []);
  t.is(stage.timersRunning, 0);
});
