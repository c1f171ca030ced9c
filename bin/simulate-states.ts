/** Abstract states of a simulation: which of its runs was the first to come to each, and how many were new in each hundred. */

/** By state the first run that came to it, counted from 0 in the order of the seeds. */
export type FirstRuns = Readonly<Record<string, number>>;

/** Runs that are told of together. */
const TOGETHER = 100;

/** Of parts of a simulation, in their order: of k parts the i-th has every k-th run, from its own on. */
export function firstRunsOf(parts: readonly (FirstRuns | undefined)[]): FirstRuns {
  const first: Record<string, number> = {};
  for (const [part, runs] of parts.entries()) {
    for (const [state, run] of Object.entries(runs ?? {})) {
      first[state] = Math.min(first[state] ?? Number.POSITIVE_INFINITY, part + parts.length * run);
    }
  }
  return first;
}

/** How many states each hundred of `runs` runs was the first to come to; the last may be fewer runs. */
export function newStates(first: FirstRuns, runs: number): readonly number[] {
  const found = Array.from({ length: Math.ceil(runs / TOGETHER) }, () => 0);
  for (const run of Object.values(first)) {
    const hundred = Math.floor(run / TOGETHER);
    found[hundred] = (found[hundred] ?? 0) + 1;
  }
  return found;
}
