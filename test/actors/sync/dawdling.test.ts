import { syncDefaults } from '../../../actors/sync/settings.js';
import { asHeight, asReplicaId } from '../../../src/protocol/numbers.js';
import { at, certify, chainOf } from '../../support/chain.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { honestAnswer, SyncStage } from '../../support/sync-stage.js';

const LONG = 6000;
const COMMITTED = LONG - 10;
const chain = chainOf(LONG);
const TIP = at(chain, -1);

/** Has consensus settle all that it was given. */
function settleAll(stage: SyncStage): void {
  while (stage.arrived.length > 0) stage.settle(at(stage.arrived[0]?.blocks ?? [], -1).hash !== TIP.hash);
}

interface Pace {
  /** Gives one block at a time, or as many as `gives`. */
  readonly dawdler: number | null;
  readonly dawdlesMs?: number;
  readonly gives?: 0 | 1;
  readonly othersMs?: number;
}

/** Blocks a second of a catching up with three peers. */
function paceWith({ dawdler, dawdlesMs = syncDefaults.fetchTimeoutMs - 100, gives = 1, othersMs = 10 }: Pace): number {
  const stage = new SyncStage().connect(1, 2, 3).miss(TIP, [1, 2, 3]);
  for (let asked = stage.asked.shift(); asked !== undefined; asked = stage.asked.shift()) {
    const dawdles = asked.to === dawdler;
    stage.advance(dawdles ? dawdlesMs : othersMs);
    const { blocks = [] } = honestAnswer(chain, COMMITTED, asked.request);
    const given = dawdles ? blocks.slice(0, gives) : blocks;
    const certificate = given.length === 0 ? null : certify(at(given, -1));
    stage.answer(asked, { blocks: given, certificate, committedHeight: asHeight(COMMITTED) });
    settleAll(stage);
  }
  return stage.tip.hash === TIP.hash ? LONG / (stage.now / 1000) : 0;
}

test('who gives little and late stands behind the others, and catching up goes at their pace', (t) => {
  t.true(paceWith({ dawdler: null }) > 20_000);
  t.true(paceWith({ dawdler: 3 }) > 2500, 'one answer of 1.9 seconds, and the rest of a quarter of one');
});

test('who gives little and at once is not asked instead of the others', (t) => {
  for (const [othersMs, dawdlesMs] of [
    [10, 1],
    [100, 5],
    [300, 20],
  ] as const) {
    const alone = paceWith({ dawdler: null, othersMs });
    t.true(paceWith({ dawdler: 3, othersMs, dawdlesMs }) > 0.8 * alone, `${dawdlesMs} ms beside ${othersMs}`);
  }
});

test('who says late that it has nothing is not asked instead of the others', (t) => {
  const alone = paceWith({ dawdler: null, othersMs: 100 });
  t.true(paceWith({ dawdler: 3, gives: 0, othersMs: 100 }) > 0.4 * alone);
});

test('who cuts its connection instead of answering stands behind when it is back', (t) => {
  const stage = new SyncStage({ settings: { fetchBlocks: 8 } }).connect(1).miss(TIP, [1, 2, 3]);
  stage.advance(1900).tell({ type: 'peerDisconnected', peer: asReplicaId(1) });
  stage.take();
  stage.connect(1, 2, 3).advance(10);
  for (let round = 0; round < 20; round += 1) {
    if (round > 0) t.not(stage.asked[0]?.to, asReplicaId(1));
    stage.advance(10).answerFrom(chain, COMMITTED);
    settleAll(stage);
  }
});

test('who stands behind is asked where there is no other, and with the others when its time is over', (t) => {
  const stage = new SyncStage({ settings: { fetchBlocks: 8 } }).connect(2).miss(TIP, [1, 2, 3]);
  const answer = (afterMs: number) => {
    stage.advance(afterMs);
    stage.answerFrom(chain, COMMITTED);
    settleAll(stage);
    return stage.asked[0]?.to;
  };
  t.is(answer(1000), asReplicaId(2), 'the only one');
  stage.connect(1, 3);
  t.is(answer(1000), asReplicaId(3));
  const order = Array.from({ length: 6 }, () => answer(10));
  t.deepEqual(order, [1, 3, 1, 3, 1, 3].map(asReplicaId));
  t.is(answer(100), asReplicaId(1));
  // Its second, five times for each of four replicas; of which less is left in the end than of the others' tenths.
  const later = Array.from({ length: 200 }, () => answer(100));
  t.is(later.indexOf(asReplicaId(2)), 200 - 20 - 1);
});

test('who does not answer stands behind, too, when it is no longer set aside', (t) => {
  const stage = new SyncStage({ settings: { fetchBlocks: 8, setAsideMs: 500 } }).connect(1).miss(TIP, [1, 2, 3]);
  stage.advance(syncDefaults.fetchTimeoutMs).take();
  stage.connect(2, 3).advance(500);
  for (let round = 0; round < 20; round += 1) {
    t.not(stage.asked[0]?.to, asReplicaId(1));
    stage.advance(10).answerFrom(chain, COMMITTED);
    settleAll(stage);
  }
});
