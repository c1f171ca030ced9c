import assert from 'node:assert/strict';
import ava from 'ava';
import { type storageChart, storageMachine } from '../../../machines/storage.machine.js';
import { chainOf, recordOf } from '../../support/chain.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate, type ChartScenario } from '../../support/charts.js';
import { FakeDisk, StorageLife } from '../../support/fake-store.js';
import { onBothHosts as test } from '../../support/hosts.js';

const chain = chainOf(2);
const FAILURE = { type: 'storeFailed', code: 'STORE_WRITE_FAILED', detail: 'no space left' } as const;
const STOP = { type: 'stopRequested' } as const;

function lifeWith(chart: typeof storageChart): StorageLife {
  return new StorageLife(new FakeDisk(), { chart });
}

/** Of what was asked for and not done. */
const types = (life: StorageLife): readonly string[] => life.asked.map(({ type }) => type);
const stops = (life: StorageLife): number => life.told('partStopped').length;
const failures = (life: StorageLife): number => life.told('operationFailed').length;

const scenarios: readonly ChartScenario<typeof storageMachine>[] = [
  function stoppingBeforeItOpens(chart) {
    const closed = lifeWith(chart).tell(STOP);
    assert.equal(stops(closed), 1);
    const opening = lifeWith(chart).tell({ type: 'openStore' }).tell(STOP).doAll();
    assert.equal(stops(opening), 1);
    assert.deepEqual(opening.told('recovered'), []);
  },
  function failing(chart) {
    const opening = lifeWith(chart).tell({ type: 'openStore' }).tell(FAILURE).doAll();
    assert.equal(failures(opening), 1);
    assert.deepEqual(opening.told('recovered'), []);
    assert.equal(stops(opening.tell(STOP)), 1);
    const open = lifeWith(chart).open().tell(FAILURE).tell(FAILURE);
    assert.equal(failures(open), 1);
  },
  function sealing(chart) {
    const whole = lifeWith(chart).tell({ type: 'openStore' }).do('openStore');
    assert.deepEqual([types(whole), whole.told('recovered').length], [[], 1]);
    const disk = new FakeDisk();
    new StorageLife(disk)
      .open()
      .persist(1, { safety: recordOf(1, 64) })
      .doAll();
    const life = new StorageLife(disk, { chart }).tell({ type: 'openStore' }).do('openStore');
    assert.deepEqual([types(life), life.told('recovered').length], [['writeEntries'], 0]);
    assert.equal(life.doAll().told('recovered').length, 1);
    assert.equal(stops(life.tell(STOP)), 1);
    new StorageLife(disk)
      .open()
      .persist(1, { safety: recordOf(2, 65) })
      .doAll();
    const stopped = new StorageLife(disk, { chart }).tell({ type: 'openStore' }).do('openStore').tell(STOP);
    assert.equal(stops(stopped), 0);
    assert.deepEqual([stops(stopped.doAll()), stopped.told('recovered')], [1, []]);
  },
  function resting(chart) {
    assert.equal(stops(lifeWith(chart).open().tell(STOP)), 1);
    const urgent = lifeWith(chart)
      .open()
      .persist(1, { safety: recordOf(1, 64) });
    assert.deepEqual(types(urgent), ['writeEntries', 'writeSlot']);
    urgent.doAll().persist(2, { safety: recordOf(2, 65) });
    assert.deepEqual(types(urgent), ['writeEntries', 'writeSlot']);
    urgent.doAll().tell(STOP);
    assert.deepEqual([types(urgent), stops(urgent)], [['writeEntries'], 0]);
    assert.equal(stops(urgent.doAll()), 1);
  },
  function gathering(chart) {
    const life = () => lifeWith(chart).open().persist(1, { blocks: chain });
    assert.deepEqual(life().timers, ['startTimer']);
    assert.deepEqual(types(life().tell({ type: 'flushTimerExpired' })), ['writeEntries']);
    const joined = life().persist(2, { safety: recordOf(1, 64) });
    assert.deepEqual(types(joined), ['writeEntries', 'writeSlot']);
    const stopped = life().tell(STOP);
    assert.equal(stops(stopped), 0);
    stopped.doAll();
    assert.deepEqual([stops(stopped), stopped.durable], [1, [1]]);
  },
  function writing(chart) {
    const life = () =>
      lifeWith(chart)
        .open()
        .persist(1, { safety: recordOf(1, 64) });
    const due = life().persist(2, { safety: recordOf(2, 65) });
    assert.deepEqual(due.doAll().durable, [1, 2]);
    const mayWait = life().persist(2, { blocks: chain }).doAll();
    assert.deepEqual([mayWait.durable, mayWait.timers], [[1], ['startTimer']]);
    const stopped = life().persist(2, { blocks: chain }).tell(STOP);
    assert.equal(stops(stopped), 0);
    stopped.doAll();
    assert.deepEqual([stops(stopped), stopped.durable], [1, [1, 2]]);
    const failed = life().tell(STOP).tell(FAILURE);
    assert.deepEqual([stops(failed), failures(failed)], [1, 1]);
  },
];

ava('the table of the storage chart does what xstate does', (t) => {
  t.notThrows(() => assertTableEqualsXstate(storageMachine));
});

test('without any one transition of the storage chart the storage actor goes wrong', async (t) => {
  await t.notThrowsAsync(() => assertEveryTransitionIsUsed(storageMachine, scenarios));
});

test('a store that failed while it stopped reports the failure before its end', (t) => {
  const life = new StorageLife(new FakeDisk()).open().persist(1, { safety: recordOf(1, 64) });
  life.tell(STOP).tell(FAILURE);
  const said = life.sent.map(({ message }) => message.type);
  t.deepEqual(said.slice(-2), ['operationFailed', 'partStopped']);
});
