/** Runs a case once more and keeps what happened last, for a report. */
import type { SimulationCase } from '../../src/simulation/case.js';
import type { SeenEvent } from '../../src/simulation/seen-events.js';
import { type RunOptions, type RunOutcome, runCase } from './run-case.js';

/** The outcome of a run and the last `eventsMax` things that were seen in it, oldest first. */
export async function recordRun(
  parameters: SimulationCase,
  options: RunOptions,
  eventsMax: number,
): Promise<{ readonly outcome: RunOutcome; readonly seen: readonly SeenEvent[] }> {
  let seen: SeenEvent[] = [];
  const outcome = await runCase(parameters, {
    ...options,
    onSeen: (event) => {
      seen.push(event);
      if (seen.length >= 2 * eventsMax) seen = seen.slice(-eventsMax);
    },
  });
  return { outcome, seen: seen.slice(-eventsMax) };
}
