/**
 * Makes a failing case smaller: takes away what the violation does not need, as long as the same invariant breaks. Lists are
 * reduced by delta debugging (Zeller and Hildebrandt, IEEE TSE 2002: chunks, then single items), all else by trying the
 * simpler value. Every named stream of the seed keeps its draws when a fault goes, which is what makes this work.
 */
import type { SimulationCase } from './case.js';
import { endingAt, LISTS, type ListOfCase, simplerCases } from './reductions.js';
import type { Violation } from './violation.js';

interface ShrinkOptions {
  /** Runs a case: the first thing that broke in it, null where nothing did. */
  readonly run: (candidate: SimulationCase) => Promise<Violation | null>;
  /** Runs at most; by default 500. */
  readonly runsMax?: number;
  /** Ends it between two runs with the smallest case so far. */
  readonly signal?: { readonly aborted: boolean };
}

/** What came of shrinking. */
export interface ShrunkCase {
  readonly case: SimulationCase;
  /** What breaks in it: the invariant that broke in the case it was made of. */
  readonly violation: Violation;
  /** Runs that it took. */
  readonly runs: number;
}

const RUNS_MAX = 500;

/** Returns the smallest case that it found. `violation` is the first one of a run of `parameters`. */
export async function shrink(
  parameters: SimulationCase,
  violation: Violation,
  options: ShrinkOptions,
): Promise<ShrunkCase> {
  const shrinker = new Shrinker(parameters, violation, options);
  return shrinker.go();
}

class Shrinker {
  readonly #options: ShrinkOptions;
  #best: SimulationCase;
  #violation: Violation;
  #runs = 0;

  constructor(parameters: SimulationCase, violation: Violation, options: ShrinkOptions) {
    this.#options = options;
    this.#violation = violation;
    // What does not fail soon after the original did is taken not to fail.
    const patience = 4 * violation.event + 2000;
    this.#best = { ...parameters, eventsMax: Math.min(parameters.eventsMax, patience) };
  }

  async go(): Promise<ShrunkCase> {
    for (let before: SimulationCase | null = null; before !== this.#best && !this.#spent; ) {
      before = this.#best;
      for (const list of LISTS) await this.#reduce(list);
      await this.#simplify();
    }
    await this.#try(endingAt(this.#best, this.#violation));
    return { case: this.#best, violation: this.#violation, runs: this.#runs };
  }

  get #spent(): boolean {
    return this.#runs >= (this.#options.runsMax ?? RUNS_MAX) || this.#options.signal?.aborted === true;
  }

  /** Takes chunks out of a list, from halves down to single items. */
  async #reduce({ lengthOf, without }: ListOfCase): Promise<void> {
    for (let chunk = Math.ceil(lengthOf(this.#best) / 2); chunk >= 1; chunk = Math.floor(chunk / 2)) {
      for (let from = 0; from < lengthOf(this.#best) && !this.#spent; ) {
        if (!(await this.#try(without(this.#best, from, from + chunk)))) from += chunk;
      }
    }
  }

  /** Takes the first simpler case that still fails, and looks again from there. */
  async #simplify(): Promise<void> {
    for (let found = true; found && !this.#spent; ) {
      found = false;
      for (const candidate of simplerCases(this.#best, this.#violation)) {
        found = await this.#try(candidate);
        if (found || this.#spent) break;
      }
    }
  }

  async #try(candidate: SimulationCase): Promise<boolean> {
    if (this.#spent) return false;
    this.#runs += 1;
    const violation = await this.#options.run(candidate);
    if (violation === null || kindOf(violation) !== kindOf(this.#violation)) return false;
    this.#best = candidate;
    this.#violation = violation;
    return true;
  }
}

/** Want of progress is L5 where replicas stay dead and L1 where none does: a case may lose its dead on the way. */
function kindOf({ invariant }: Violation): Violation['invariant'] {
  return invariant === 'L5' ? 'L1' : invariant;
}
