import assert from 'node:assert/strict';
import ava from 'ava';
import { type syncChart, syncMachine } from '../../../machines/sync.machine.js';
import { asReplicaId } from '../../../src/protocol/numbers.js';
import { at, chainOf } from '../../support/chain.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate, type ChartScenario } from '../../support/charts.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { SyncStage } from '../../support/sync-stage.js';

const settings = { fetchBlocks: 8, fetchTimeoutMs: 100, retryMs: 50, setAsideMs: 1000 };
const chain = chainOf(4);
const TIP = at(chain, -1);
const [FIRST, SECOND] = [asReplicaId(1), asReplicaId(2)];
const STOP = { type: 'stopRequested' } as const;

function stageWith(chart: typeof syncChart): SyncStage {
  return new SyncStage({ settings, chart });
}

/** Whom requests went to that nobody looked at, and how many timers run. */
function seen(stage: SyncStage): readonly [readonly number[], number] {
  return [stage.asked.splice(0).map(({ to }) => to), stage.timersRunning];
}

const scenarios: readonly ChartScenario<typeof syncMachine>[] = [
  function fetching(chart) {
    const stage = stageWith(chart).connect(1).miss(TIP);
    assert.equal(stage.timersRunning, 1);
    stage.answerFrom(chain, 0);
    assert.deepEqual(seen(stage), [[], 0]);
    stage.settle(false);
    assert.deepEqual(seen(stage), [[], 0]);
    const later = chainOf(1, TIP);
    stage.miss(at(later, 0));
    assert.deepEqual(seen(stage), [[FIRST], 1], 'after being complete it fetches again');
  },
  function arrivingAnotherWay(chart) {
    const stage = stageWith(chart).connect(1).miss(TIP);
    const asked = stage.take();
    stage.settle(false);
    assert.deepEqual(seen(stage), [[], 0]);
    stage.answerFrom(chain, 0, asked).advance(1000);
    assert.deepEqual([stage.arrived.length, stage.asked.length], [0, 0]);
  },
  function answeringTooLate(chart) {
    const stage = stageWith(chart).connect(1, 2).miss(TIP);
    assert.deepEqual(seen(stage), [[FIRST], 1]);
    stage.advance(100);
    assert.deepEqual(seen(stage), [[SECOND], 1]);
    assert.deepEqual(stage.warnings, ['peerSetAside 1 unanswered']);
  },
  function losingTheSource(chart) {
    const stage = stageWith(chart).connect(1, 2).miss(TIP);
    assert.deepEqual(seen(stage), [[FIRST], 1]);
    stage.tell({ type: 'peerDisconnected', peer: FIRST });
    assert.deepEqual(seen(stage), [[SECOND], 1]);
    assert.deepEqual(stage.warnings, []);
  },
  function resting(chart) {
    const alone = stageWith(chart).miss(TIP);
    assert.deepEqual(seen(alone), [[], 1]);
    alone.connect(1);
    assert.deepEqual(seen(alone), [[FIRST], 1]);
    alone.advance(100);
    assert.deepEqual(seen(alone), [[], 1], 'the only peer is set aside');
    alone.advance(1000);
    assert.deepEqual(seen(alone), [[FIRST], 1], 'asked again when it may be');
  },
  function deliveringInVain(chart) {
    const stage = stageWith(chart).connect(1, 2).miss(TIP);
    stage.answerFrom(chain, 0);
    stage.tip = at(chain, 0);
    stage.arrived.splice(0);
    stage.settle(true);
    assert.deepEqual(seen(stage), [[], 1], 'nobody is asked before a moment has passed');
    stage.advance(50);
    assert.deepEqual(seen(stage), [[SECOND], 1]);
  },
  function stopping(chart) {
    const stage = stageWith(chart).connect(1).miss(TIP).tell(STOP);
    assert.deepEqual(seen(stage), [[FIRST], 0]);
    stage.tell(STOP).connect(2).miss(TIP);
    assert.deepEqual([seen(stage), stage.stopped], [[[], 0], 1]);
  },
];

ava('the table of the sync chart does what xstate does', (t) => {
  t.notThrows(() => assertTableEqualsXstate(syncMachine));
});

test('without any one transition of the sync chart the sync actor goes wrong', async (t) => {
  await t.notThrowsAsync(() => assertEveryTransitionIsUsed(syncMachine, scenarios));
});
