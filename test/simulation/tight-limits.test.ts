import test from 'ava';
import { caseOf, replay, type SimulationCase } from '../../actors/simulate.js';
import {
  firstLimitNames,
  laterLimitNames,
  type TightLimitName,
  tightLimits,
} from '../../actors/simulation/tight-limits.js';
import { ConfigurationError } from '../../src/errors.js';

/** Between them each limit changes something. */
const SEEDS = [700, 701];
const names = Object.keys(tightLimits) as TightLimitName[];
/** Whatever a cache does not remember is worked out again, to the same end; and no client asks after what its session forgets. */
const TRANSPARENT: ReadonlySet<TightLimitName> = new Set<TightLimitName>(['noCaches', 'shortSessions']);

/** Where these change nothing. */
const OTHERS: Partial<Record<TightLimitName, { readonly seed: number; readonly eventsMax: number }>> = {
  // Several leaders must have failed, and something of theirs must be missed.
  smallTree: { seed: 704, eventsMax: 8000 },
};

const caseOfSeed = (seed: number, tight: readonly string[], eventsMax = 2000): SimulationCase => ({
  ...caseOf('vopr', seed, { eventsMax }),
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
    const other = OTHERS[name];
    if (other !== undefined) {
      const { seed, eventsMax } = other;
      const [tight, usual] = [[name], []].map((limits) => replay(caseOfSeed(seed, limits, eventsMax)));
      t.deepEqual((await tight)?.violations, []);
      if ((await tight)?.traceHash !== (await usual)?.traceHash) differ += 1;
    }
    if (TRANSPARENT.has(name)) t.is(differ, 0);
    else t.true(differ > 0, 'it changed nothing');
  });
}

test('the swarm draws each of them that is not only asked for by name', (t) => {
  const drawn = new Set(Array.from({ length: 60 }, (_, seed) => caseOf('vopr', seed).tight ?? []).flat());
  t.deepEqual([...drawn].sort(), [...firstLimitNames, ...laterLimitNames].sort());
  t.true(Array.from({ length: 60 }, (_, seed) => caseOf('vopr', seed)).some(({ tight }) => tight === undefined));
});

test('a limit that there is not is refused, with those that there are', async (t) => {
  const error = await t.throwsAsync(replay(caseOfSeed(1, ['noSleep'])), { instanceOf: ConfigurationError });
  t.regex(error?.message ?? '', /noSleep.*oneCommandBlocks, noCaches/);
});

// When all uncommitted blocks were counted, nothing could give way once those that were held were certified and none committed.
for (const seed of [1000, 1004]) {
  test(`a tree that is full of certified blocks goes on once all is well: seed ${seed} with smallTree`, async (t) => {
    const { violations, unfinished } = await replay({ ...caseOf('vopr', seed), tight: ['smallTree'] });
    t.deepEqual(violations, []);
    t.false(unfinished);
  });
}

test('where the branch has no room for a body leaders propose empty blocks, followers refuse none, and all goes on', async (t) => {
  for (const seed of [1000, 1001]) {
    const run = await replay({ ...caseOf('vopr', seed, { strategies: [] }), tight: ['lightBranches'] });
    t.deepEqual(run.violations, []);
    t.false(run.unfinished);
    t.is(run.marks['consensus refused treeFull'], undefined);
    t.true(run.nonEmptyBlocks > 0);
  }
});
