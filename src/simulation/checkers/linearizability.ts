/**
 * Whether a history of clients is linearizable: whether some order of its operations, which keeps them between their call
 * and their answer, explains every answer by running one at a time.
 * Source: Wing & Gong, Testing and Verifying Concurrent Objects, 1993 (the search); Lowe, Testing for Linearizability,
 * 2017 (remembered configurations); Herlihy & Wing, 1990 (a history is linearizable when each part of it is). Departures:
 * loops for recursion, a budget, operations without an answer, and two cuts that are named where they are made.
 */
import { invariant } from '../../errors.js';
import type { HistoryResult, Operation, SequentialModel } from './history.js';

/** Steps of the model for one partition before the search is given up. */
const STEPS_MAX = 1_000_000;

/** Where the longest order that was found ends. */
export interface Unexplained<Command, Result extends HistoryResult = HistoryResult> {
  /** As far as any order explains the answers, in that order. */
  readonly prefix: readonly Operation<Command, Result>[];
  /** Those of which one would have to be next, and none can. */
  readonly stuck: readonly Operation<Command, Result>[];
}

/** What a search found. */
export type Linearizability<Command, Result extends HistoryResult = HistoryResult> =
  | { readonly ok: true }
  | ({ readonly ok: false; readonly partition: string } & Unexplained<Command, Result>)
  | { readonly ok: 'unknown'; readonly why: string };

/**
 * Searches for an order that explains `history`, in each partition of the model by itself, with at most `stepsMax` steps of
 * the model in each. A partition that no order explains counts for more than one whose search was given up.
 */
export function linearizable<State, Command, Result extends HistoryResult>(
  history: readonly Operation<Command, Result>[],
  model: SequentialModel<State, Command, Result>,
  { stepsMax = STEPS_MAX }: { readonly stepsMax?: number } = {},
): Linearizability<Command, Result> {
  let unknown: Linearizability<Command, Result> | null = null;
  for (const [partition, operations] of partitions(history, model)) {
    const outcome = new Search(operations, model, stepsMax).run();
    if (outcome === 'explained') continue;
    if (outcome !== 'givenUp') return { ok: false, partition, ...outcome };
    const why = `no order found for the ${operations.length} operations of ${partition || 'the history'} in ${stepsMax} steps`;
    unknown ??= { ok: 'unknown', why };
  }
  return unknown ?? { ok: true };
}

function partitions<State, Command, Result extends HistoryResult>(
  history: readonly Operation<Command, Result>[],
  model: SequentialModel<State, Command, Result>,
): ReadonlyMap<string, readonly Operation<Command, Result>[]> {
  const parts = new Map<string, Operation<Command, Result>[]>();
  for (const operation of history) {
    const backwards = operation.completedAt !== null && operation.completedAt < operation.invokedAt;
    invariant(!backwards, 'no operation is answered before it is called');
    const name = model.partitionBy?.(operation.command) ?? '';
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return parts;
}

/** A state of the machine, and what may come next in it. */
interface Configuration<State> {
  readonly state: State;
  readonly stateKey: string;
  /** All operations below it are in the order; it is not. */
  readonly first: number;
  /** No operation from it on is in the order. */
  readonly end: number;
  /** Operations that may be next and were not tried yet, the next to be tried last. */
  readonly candidates: number[];
  /** The operation by which this configuration was reached; none for the first. */
  readonly by: number | null;
}

/** The search for an order of the operations of one partition: depth first, with a stack of its own. */
class Search<State, Command, Result extends HistoryResult> {
  /** By call. */
  readonly #operations: readonly Operation<Command, Result>[];
  readonly #model: SequentialModel<State, Command, Result>;
  readonly #stepsMax: number;
  /** Whether the operation is in the order, by its index. */
  readonly #ordered: boolean[];
  readonly #seen = new Set<string>();
  readonly #stack: Configuration<State>[] = [];
  /** Operations with an answer that are not in the order. */
  #unexplained: number;
  #steps = 0;
  /** The deepest stack that was left so far, the order that it stood for, and what could not follow. */
  #deepest = 0;
  #failure: Unexplained<Command, Result> = { prefix: [], stuck: [] };

  constructor(
    operations: readonly Operation<Command, Result>[],
    model: SequentialModel<State, Command, Result>,
    stepsMax: number,
  ) {
    this.#operations = [...operations].sort((a, b) => a.invokedAt - b.invokedAt);
    this.#model = model;
    this.#stepsMax = stepsMax;
    this.#ordered = operations.map(() => false);
    this.#unexplained = operations.filter(({ completedAt }) => completedAt !== null).length;
  }

  run(): 'explained' | 'givenUp' | Unexplained<Command, Result> {
    const state = this.#model.initial();
    this.#enter({ state, stateKey: this.#model.stateKey(state), first: 0, end: 0, by: null });
    while (this.#unexplained > 0) {
      const top = this.#stack.at(-1);
      if (top === undefined) return this.#failure;
      const next = top.candidates.pop();
      if (next === undefined) this.#leave(top);
      else if (this.#steps >= this.#stepsMax) return 'givenUp';
      else this.#attempt(top, next);
    }
    return 'explained';
  }

  /** Puts `index` next where its answer fits and what comes of it is new. */
  #attempt(top: Configuration<State>, index: number): void {
    const operation = this.#operations[index] as Operation<Command, Result>;
    this.#steps += 1;
    const { state, result } = this.#model.step(top.state, operation.command);
    if (operation.result !== undefined && operation.result !== result) return;
    const stateKey = this.#model.stateKey(state);
    // First cut: without an answer and without effect, it is as if it had not happened.
    if (operation.completedAt === null && stateKey === top.stateKey) return;
    // Second cut: a read that may come now need not come later, so that nothing else need be tried here.
    if (this.#model.isRead?.(operation.command) === true) top.candidates.length = 0;
    this.#ordered[index] = true;
    const first = this.#firstMissing(top.first);
    const end = Math.max(top.end, index + 1);
    const key = `${first} ${this.#orderedBetween(first, end)} ${stateKey}`;
    if (this.#seen.has(key)) {
      this.#ordered[index] = false;
      return;
    }
    this.#seen.add(key);
    if (operation.completedAt !== null) this.#unexplained -= 1;
    this.#enter({ state, stateKey, first, end, by: index });
  }

  #enter(configuration: Omit<Configuration<State>, 'candidates'>): void {
    this.#stack.push({ ...configuration, candidates: this.#candidates(configuration.first) });
  }

  /** Takes the last operation out of the order again. */
  #leave({ first, by }: Configuration<State>): void {
    if (this.#stack.length > this.#deepest) {
      this.#deepest = this.#stack.length;
      const prefix = this.#stack.flatMap((configuration) => configuration.by ?? []);
      this.#failure = { prefix: this.#named(prefix), stuck: this.#named(this.#candidates(first).reverse()) };
    }
    this.#stack.pop();
    if (by === null) return;
    this.#ordered[by] = false;
    if (this.#operations[by]?.completedAt !== null) this.#unexplained += 1;
  }

  /**
   * What was called before anything that is missing was answered; all that is missing else comes after one of these. Last,
   * and hence tried first, stand those with an answer, by call.
   */
  #candidates(first: number): number[] {
    const answered: number[] = [];
    const open: number[] = [];
    let answeredAt = Number.POSITIVE_INFINITY;
    for (let index = first; index < this.#operations.length; index += 1) {
      if (this.#ordered[index] === true) continue;
      const { invokedAt, completedAt } = this.#operations[index] as Operation<Command, Result>;
      if (invokedAt > answeredAt) break;
      (completedAt === null ? open : answered).push(index);
      if (completedAt !== null && completedAt < answeredAt) answeredAt = completedAt;
    }
    return [...open.reverse(), ...answered.reverse()];
  }

  #firstMissing(from: number): number {
    let index = from;
    while (this.#ordered[index] === true) index += 1;
    return index;
  }

  /** Which operations with `first` ≤ index < `end` are in the order: in hexadecimal, four a digit. */
  #orderedBetween(first: number, end: number): string {
    let digits = '';
    for (let start = first; start < end; start += 4) {
      let digit = 0;
      for (let bit = 0; bit < 4; bit += 1) if (this.#ordered[start + bit] === true) digit |= 1 << bit;
      digits += digit.toString(16);
    }
    return digits;
  }

  #named(indices: readonly number[]): readonly Operation<Command, Result>[] {
    return indices.map((index) => this.#operations[index] as Operation<Command, Result>);
  }
}
