/**
 * `npm run test:gate [-- WORDS]`: plants each bug in a copy of the compiled code and sees that the tests notice it.
 * Prints a table; exits 1 if a bug survives, if a text to replace does not stand in its file exactly once, or if the tests
 * fail without any bug. A bug that the table of test/README.md names must make the test of its line fail. With WORDS only
 * the bugs whose description holds them are planted.
 */
import { plantedBugs } from './catalogue.js';
import type { PlantedBug } from './planted-bug.js';
import { asTheTableSays } from './regression-table.js';
import { type TestRun, type Verdict, Workbench } from './workbench.js';

const PARALLEL = 2;
const words = process.argv.slice(2).join(' ');
const bugs = plantedBugs.filter(({ bug }) => bug.includes(words)).map(asTheTableSays);

/** Hands the items to the workbenches, each taking the next one when it is done. */
async function each<Item>(
  benches: readonly Workbench[],
  items: readonly Item[],
  work: (bench: Workbench, item: Item) => Promise<boolean>,
): Promise<boolean> {
  const waiting = [...items];
  let good = true;
  const one = async (bench: Workbench) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const done = await work(bench, item);
      good = good && done;
    }
  };
  await Promise.all(benches.map(one));
  return good;
}

async function placed(bench: Workbench, bug: PlantedBug): Promise<boolean> {
  const places = await bench.places(bug);
  if (places !== 1) say(`CANNOT BE PLANTED ${bug.bug}: its text stands ${places} times in ${bug.file}.js, not once`);
  return places === 1;
}

async function sound(bench: Workbench, run: TestRun): Promise<boolean> {
  const verdict = await bench.run(run);
  if (verdict.kind === 'passed') return true;
  say(`WITHOUT ANY BUG ${run.caughtBy} does not pass: ${said(verdict)}`);
  return false;
}

async function caught(bench: Workbench, bug: PlantedBug): Promise<boolean> {
  const started = process.hrtime.bigint();
  const verdict = await bench.plant(bug);
  const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
  say(`${bug.bug} | ${verdict.kind === 'passed' ? 'SURVIVED' : said(verdict)} | ${seconds}`);
  return verdict.kind === 'failed';
}

function said(verdict: Verdict): string {
  if (verdict.kind === 'failed') return verdict.test;
  return verdict.kind === 'passed' ? 'passed' : `BROKEN RUN\n${verdict.output}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function distinctRuns(): readonly TestRun[] {
  const runs = new Map(
    bugs.map(({ caughtBy, match }) => [
      `${caughtBy} ${match}`,
      match === undefined ? { caughtBy } : { caughtBy, match },
    ]),
  );
  return [...runs.values()];
}

const benches = await Promise.all(Array.from({ length: PARALLEL }, () => Workbench.copyOf(process.cwd())));
try {
  const ready = await each(benches, bugs, placed);
  const baseline = ready && (await each(benches, distinctRuns(), sound));
  say('bug | caught by | seconds');
  const all = baseline && (await each(benches, bugs, caught));
  say(all ? `${bugs.length} bugs planted, all caught` : 'the gate is not passed');
  process.exitCode = all && bugs.length > 0 ? 0 : 1;
} finally {
  for (const bench of benches) await bench.remove();
}
