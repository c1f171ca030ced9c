/** The runs that two processes compare. */
import { caseOf, type SimulationCase } from '../../actors/simulate.js';

/** What kind of run, of which seed, and how many events it has at most. */
export type Run = readonly ['vopr' | 'byzz' | 'speculative', number, number];

/** Most are short: what differs shows early, since one other draw changes all that follow. */
const SHORT = 500;
const LONG = 10_000;

/** Half of the first kind have liars, all of the second; machines of the third run ahead and are rolled back. */
export const RUNS: readonly Run[] = Array.from({ length: 50 }, (_, index): Run => {
  const mode = (['byzz', 'vopr', 'vopr', 'speculative', 'vopr'] as const)[index % 5] ?? 'vopr';
  return [mode, 1000 + index, index % 10 < 4 && index < 20 ? LONG : SHORT];
});

/** Returns the case of a run. */
export function caseOfRun([mode, seed, eventsMax]: Run): SimulationCase {
  return mode === 'speculative'
    ? caseOf('vopr', seed, { eventsMax, speculative: true })
    : caseOf(mode, seed, { eventsMax });
}
