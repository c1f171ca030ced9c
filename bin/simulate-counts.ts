/** What the runs of a simulation count by name, and its sums. */

/** Of one run, or of all together. Twins count their rule alone. */
export interface SimulateCounts {
  /** Runs, by the rule of their cluster. */
  readonly rules?: Readonly<Record<string, number>>;
  /** How often each type of fault struck, and what was done to frames and writes. */
  readonly coverage?: Readonly<Record<string, number>>;
  /** How often each state of a statechart took each event, and had nothing to do for one. */
  readonly pairs?: Readonly<Record<string, number>>;
  readonly ignored?: Readonly<Record<string, number>>;
  /** How often each mark was hit. */
  readonly marks?: Readonly<Record<string, number>>;
  /** How often something moved in each abstract state. */
  readonly states?: Readonly<Record<string, number>>;
}

const KINDS = [
  'rules',
  'coverage',
  'pairs',
  'ignored',
  'marks',
  'states',
] as const satisfies readonly (keyof SimulateCounts)[];

/** Adds up what runs, or parts of a simulation, have counted by name; what none has counted is left out. */
export function addedUp(all: readonly SimulateCounts[]): SimulateCounts {
  const sums: { -readonly [Kind in keyof SimulateCounts]: SimulateCounts[Kind] } = {};
  for (const kind of KINDS) {
    const given = all.map((each) => each[kind]).filter((counts) => counts !== undefined);
    if (given.length > 0) sums[kind] = sumOf(given);
  }
  return sums;
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
