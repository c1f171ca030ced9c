/** Floors: how often all runs of one `simulate` command together must have come to what they are there for. */
import { declaredPairs } from '../actors/simulate.js';
import { FAULTS, MARKS, STATES, UNREACHED } from './floor-tables.js';
import type { SimulateCounts } from './simulate-counts.js';

/** The runs that the floors are of: no more than a check of a revision takes. */
export const FLOOR_SEEDS = 800;
/** Of the pairs of state and event that a run can come to, those that some run must have taken. */
const PAIRS_SHARE = 0.95;

/** What of the charts' pairs a report has seen. */
export interface PairsSeen {
  /** Pairs that some run can come to, and those of them that one did. */
  readonly reachable: number;
  readonly seen: number;
  readonly unseen: readonly string[];
}

/** Counts which of the pairs that a run can come to were taken. */
export function pairsSeen(pairs: Readonly<Record<string, number>>): PairsSeen {
  const reachable = declaredPairs().filter((pair) => whyUnreached(pair) === null);
  const unseen = reachable.filter((pair) => pairs[pair] === undefined);
  return { reachable: reachable.length, seen: reachable.length - unseen.length, unseen };
}

/** Why no run comes to a pair or a mark, or null where one should. */
export function whyUnreached(name: string): string | null {
  return UNREACHED.find(({ names }) => names.test(name))?.reason ?? null;
}

/** What is below its floor, a line each: none where all is well. */
export function shortfalls(counts: SimulateCounts): readonly string[] {
  const { coverage = {}, pairs = {}, marks = {}, states = {} } = counts;
  const { reachable, seen, unseen } = pairsSeen(pairs);
  const least = Math.ceil(PAIRS_SHARE * reachable);
  const few =
    seen >= least ? [] : [`${seen} of ${reachable} pairs were seen, ${least} must be; not seen: ${unseen.join(', ')}`];
  const found = Object.keys(states).length;
  const same = found >= STATES ? [] : [`${found} abstract states were come to, ${STATES} must be`];
  return [...few, ...same, ...below('fault', FAULTS, coverage), ...below('mark', MARKS, marks)];
}

function below(
  what: string,
  floors: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, number>>,
): readonly string[] {
  return Object.entries(floors).flatMap(([name, floor]) => {
    const count = counts[name] ?? 0;
    return count >= floor ? [] : [`${what} ${name}: ${count} times, ${floor} at least`];
  });
}
