/** The guarantees of docs/runtime.md on real worker threads, where nothing is simulated and no clock is virtual. */
import test from 'ava';
import { startThreads } from '../../src/adapters/start-threads.js';
import { LANES, type OverflowPolicy } from '../../src/runtime/lane.js';
import { connectAll, type FlowData, flowSystem } from '../support/threads/flow.js';

const MODULE = new URL('../support/threads/flow-thread.js', import.meta.url);
const ITEMS = 3000;
const CAPACITY = 16;

/** Floods the sink until each item is accounted for and its credit is back; what the actors counted then. */
async function flood(overflow: OverflowPolicy) {
  const data: FlowData = { capacity: CAPACITY, overflow };
  const links = await startThreads(['source', 'sink'].map((name) => ({ name, module: MODULE, data })));
  let failed: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });
  const system = flowSystem(({ error }) => failed(error));
  connectAll(system, links, data);
  system.start();
  try {
    system.post('source', { type: 'flood', items: ITEMS, afterMs: 1 });
    for (;;) {
      const { source, sink } = await Promise.race([system.allCounters(), failure]);
      const sum = (counter: 'handled' | 'refused' | 'dropped') =>
        LANES.reduce((total, lane) => total + sink.lanes[lane][counter], 0);
      const counted = { handled: sum('handled'), refused: sum('refused'), dropped: sum('dropped') };
      const { returned } = source.own as { readonly returned: number };
      const { disorders } = sink.own as { readonly disorders: number };
      const accounted = counted.handled + counted.refused + counted.dropped;
      if (accounted >= ITEMS && returned >= ITEMS) {
        const highWater = Math.max(...LANES.map((lane) => sink.lanes[lane].highWater));
        return { ...counted, accounted, returned, disorders, highWater };
      }
    }
  } finally {
    await system.stop();
  }
}

const LOST: { readonly [Policy in OverflowPolicy]: 'refused' | 'dropped' | null } = {
  refuse: 'refused',
  dropOldest: 'dropped',
  holdBack: null,
};

for (const overflow of ['refuse', 'dropOldest', 'holdBack'] as const) {
  test(`on worker threads nothing is reordered, all that is lost is counted, and all credit comes back: ${overflow}`, async (t) => {
    const { handled, refused, dropped, ...all } = await flood(overflow);
    t.like(all, { accounted: ITEMS, returned: ITEMS, disorders: 0 });
    t.true(all.highWater <= CAPACITY);
    const lost = { refused, dropped };
    for (const [what, count] of Object.entries(lost)) t.is(count > 0, what === LOST[overflow], `${what}: ${count}`);
    if (overflow === 'holdBack') t.is(handled, ITEMS);
  });
}
