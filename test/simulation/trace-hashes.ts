/** Prints the trace hash of each run, `MODE:SEED:EVENTS`, for a test that compares them with those of its own process. */
import { replay } from '../../actors/simulate.js';
import { caseOfRun, type Run } from './traced-runs.js';

for (const text of process.argv.slice(2)) {
  const [mode, seed, events] = text.split(':');
  const { traceHash } = await replay(caseOfRun([mode as Run[0], Number(seed), Number(events)]));
  process.stdout.write(`${traceHash}\n`);
}
