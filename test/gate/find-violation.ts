/**
 * Runs seeds from a first one on until an invariant breaks, or so many events are over, and prints what came of it as JSON.
 * Arguments: the mode, what the seeds do not draw (JSON), the first seed, events at most.
 */
import { type SimulationMode, simulate, violationLines } from '../../actors/simulate.js';

const [mode = 'vopr', options = '{}', first = '0', eventsMax = '3000000'] = process.argv.slice(2);
const found = new AbortController();
let events = 0;

function* seeds(): Generator<number> {
  for (let seed = Number(first); events < Number(eventsMax); seed += 1) yield seed;
}

const report = await simulate({
  ...JSON.parse(options),
  mode: mode as SimulationMode,
  seeds: seeds(),
  signal: found.signal,
  onRun: ({ outcome }) => {
    events += outcome.events;
    if (outcome.violations.length > 0) found.abort();
  },
});
const [failure] = report.failures;
const violation = failure?.outcome.violations[0];
process.stdout.write(
  `${JSON.stringify({
    events,
    seeds: report.seeds,
    found:
      violation === undefined
        ? null
        : { seed: failure?.seed, invariant: violation.invariant, says: violationLines([violation])[0] },
  })}\n`,
);
