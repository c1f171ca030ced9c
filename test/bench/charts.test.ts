import test from 'ava';
import { chartWalks, measureCharts } from '../../bench/charts.js';

test('what a block causes in the charts of other actors ends where it began, and moves every one of them', (t) => {
  for (const { chart, from, events } of chartWalks) {
    let state = from;
    const passed = new Set<string>();
    for (const event of events) {
      const step = chart.step(state, event);
      if (step !== null && step.actions.length > 0) passed.add(event.type);
      state = step?.state ?? state;
      passed.add(state);
    }
    t.is(state, from);
    t.true(passed.size > 1, `${from} is moved`);
  }
});

test('the share of a core is that of so many blocks, each of fifteen steps', async (t) => {
  const cost = await measureCharts(1000, new AbortController().signal);
  if (cost === null) return t.fail();
  const { stepsPerBlock, nanosecondsPerBlock, blocksPerSecond, shareOfCore } = cost;
  t.is(stepsPerBlock, 15);
  t.is(blocksPerSecond, 1000);
  t.true(Math.abs(shareOfCore - nanosecondsPerBlock.whole / 1e6) < 1e-5 + shareOfCore / 100);
});

test('measuring charts ends between two rounds when it is stopping', async (t) => {
  const controller = new AbortController();
  const measuring = measureCharts(1000, controller.signal);
  controller.abort();
  t.is(await measuring, null);
});
