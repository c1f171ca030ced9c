/** What clients did and saw: the input of the checkers of histories, and the sequential machine that explains it. */

/** What a command may answer in a history: values that are equal when they are `===`. */
export type HistoryResult = string | number | bigint | boolean | null;

/** One command of one client. */
export interface Operation<Command, Result extends HistoryResult = HistoryResult> {
  /** Tells the operations of a history apart. */
  readonly id: number;
  /** Who called; it may have several commands under way. */
  readonly client: number;
  /** When it was called, in milliseconds or any other unit of one clock. */
  readonly invokedAt: number;
  /**
   * When its answer came, no earlier than `invokedAt`; null where none did: it may have happened at any time since the
   * call, or happen yet, or never.
   */
  readonly completedAt: number | null;
  readonly command: Command;
  /** What it answered; undefined where no answer came, or where any would do. */
  readonly result: Result | undefined;
}

/** A machine that runs one command at a time: what a correct cluster looks like from outside. */
export interface SequentialModel<State, Command, Result extends HistoryResult = HistoryResult> {
  initial(): State;
  /** Never changes `state`, and never throws: a command that cannot be done has a result that says so. */
  step(state: State, command: Command): { readonly state: State; readonly result: Result };
  /** The same text for two states exactly when no commands tell them apart. */
  stateKey(state: State): string;
  /**
   * Names the part of the state that a command reads and writes; commands of different parts never see each other. Without
   * it the state is one part.
   */
  partitionBy?(command: Command): string;
  /** Whether the command leaves every state as it is, not only the present one. Makes the search shorter. */
  isRead?(command: Command): boolean;
}

/** Whether `first` had its answer before `second` was called. At one instant they overlap, since nobody saw an order. */
export function precedes(first: Timing, second: Timing): boolean {
  return first.completedAt !== null && first.completedAt < second.invokedAt;
}

/** When an operation was called and answered. */
export type Timing = Pick<Operation<unknown>, 'invokedAt' | 'completedAt'>;
