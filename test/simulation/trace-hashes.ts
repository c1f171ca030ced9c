/** Prints the trace hash of each run, `MODE:SEED`, for a test that compares them with those of its own process. */
import { caseOf, replay, type SimulationMode } from '../../actors/simulate.js';

const [events, ...runs] = process.argv.slice(2);
for (const run of runs) {
  const [mode, seed] = run.split(':');
  const { traceHash } = await replay(
    caseOf(mode as Exclude<SimulationMode, 'crashpoint'>, Number(seed), { eventsMax: Number(events) }),
  );
  process.stdout.write(`${traceHash}\n`);
}
