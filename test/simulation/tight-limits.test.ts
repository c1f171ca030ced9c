import test from 'ava';
import { caseOf, replay, type SimulationCase } from '../../actors/simulate.js';
import { type TightLimitName, tightLimits } from '../../actors/simulation/tight-limits.js';
import { ConfigurationError } from '../../src/errors.js';

/** Between them each limit changes something. */
const SEEDS = [700, 701];
const names = Object.keys(tightLimits) as TightLimitName[];
/** Whatever a cache does not remember is worked out again, to the same end; and no client asks after what its session forgets. */
const TRANSPARENT: ReadonlySet<TightLimitName> = new Set<TightLimitName>(['noCaches', 'shortSessions']);

const caseOfSeed = (seed: number, tight: readonly string[]): SimulationCase => ({
  ...caseOf('vopr', seed, { eventsMax: 2000 }),
  tight,
});

/** The trace of each seed without a tight limit: one run for all of them to be compared with. */
const usualTraces = new Map<number, Promise<string>>();
function usualTrace(seed: number): Promise<string> {
  const trace = usualTraces.get(seed) ?? replay(caseOfSeed(seed, [])).then(({ traceHash }) => traceHash);
  usualTraces.set(seed, trace);
  return trace;
}

for (const name of names) {
  test(`with the tight limit ${name} runs go another way, and nothing breaks`, async (t) => {
    let differ = 0;
    for (const seed of SEEDS) {
      const tight = await replay(caseOfSeed(seed, [name]));
      t.deepEqual(tight.violations, []);
      t.is(tight.coverage[name], 1);
      if (tight.traceHash !== (await usualTrace(seed))) differ += 1;
    }
    if (TRANSPARENT.has(name)) t.is(differ, 0);
    else t.true(differ > 0, 'it changed nothing');
  });
}

test('the swarm draws each of them', (t) => {
  const drawn = new Set(Array.from({ length: 60 }, (_, seed) => caseOf('vopr', seed).tight ?? []).flat());
  t.deepEqual([...drawn].sort(), [...names].sort());
  t.true(Array.from({ length: 60 }, (_, seed) => caseOf('vopr', seed)).some(({ tight }) => tight === undefined));
});

test('a limit that there is not is refused, with those that there are', async (t) => {
  const error = await t.throwsAsync(replay(caseOfSeed(1, ['noSleep'])), { instanceOf: ConfigurationError });
  t.regex(error?.message ?? '', /noSleep.*oneCommandBlocks, noCaches/);
});
