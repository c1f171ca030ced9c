/**
 * The cheap check of a history whose operations know their place in the committed log: nothing is searched for, since
 * there is but one order that may explain it.
 */
import { type HistoryResult, type Operation, precedes, type SequentialModel, type Timing } from './history.js';

/** A place in the committed log: the block, and the command in it. */
export interface LogPosition {
  readonly height: number;
  readonly index: number;
}

/** An operation, and where the log holds it; null where it does not, or where nobody knows. */
export interface LoggedOperation<Command, Result extends HistoryResult = HistoryResult>
  extends Operation<Command, Result> {
  readonly position: LogPosition | null;
}

/**
 * `notInLog`: answered, and the log does not hold it · `samePosition`: two in one place · `againstRealTime`: the first
 * was answered before the second was called, and stands behind it · `wrongResult`: a replay of the log answers otherwise.
 */
export type LogFault<Command, Result extends HistoryResult = HistoryResult> =
  | { readonly kind: 'notInLog'; readonly operation: LoggedOperation<Command, Result> }
  | {
      readonly kind: 'samePosition' | 'againstRealTime';
      readonly first: LoggedOperation<Command, Result>;
      readonly second: LoggedOperation<Command, Result>;
    }
  | { readonly kind: 'wrongResult'; readonly operation: LoggedOperation<Command, Result>; readonly expected: Result };

/**
 * Checks that the log explains `history`: it agrees with real time, and its replay with every answer. Returns the first
 * fault of each kind; none for a history that is linearizable by its log. The history must hold every operation that the
 * log does, those without an answer too: they are part of the replay. Keys play no part: the log orders all.
 */
export function logOrdered<State, Command, Result extends HistoryResult>(
  history: readonly LoggedOperation<Command, Result>[],
  model: SequentialModel<State, Command, Result>,
): readonly LogFault<Command, Result>[] {
  const lost = history.find(({ completedAt, position }) => completedAt !== null && position === null);
  const logged = history.filter(isLogged).sort((a, b) => comparePositions(a.position, b.position));
  const faults: (LogFault<Command, Result> | null)[] = [
    lost === undefined ? null : { kind: 'notInLog', operation: lost },
    samePosition(logged),
    againstRealTime(logged),
    wrongResult(logged, model),
  ];
  return faults.filter((fault) => fault !== null);
}

/** A reading of how far one server had committed. */
export interface ServerReading extends Timing {
  readonly server: number;
  readonly completedAt: number;
  readonly position: LogPosition;
}

/**
 * Returns two readings of one server of which the later tells an earlier position, or null when each server's never go
 * back. Readings that overlap may come in any order.
 */
export function readingGoneBack(readings: readonly ServerReading[]): readonly [ServerReading, ServerReading] | null {
  const servers = new Set(readings.map(({ server }) => server));
  for (const server of servers) {
    const ofServer = readings.filter((reading) => reading.server === server);
    const pair = contradiction(ofServer);
    if (pair !== null) return pair;
  }
  return null;
}

/** Negative when `first` stands before `second` in the log, 0 when they are one place. */
export function comparePositions(first: LogPosition, second: LogPosition): number {
  return first.height - second.height || first.index - second.index;
}

type Placed<Operation> = Operation & { readonly position: LogPosition };

function isLogged<Command, Result extends HistoryResult>(
  operation: LoggedOperation<Command, Result>,
): operation is Placed<LoggedOperation<Command, Result>> {
  return operation.position !== null;
}

function samePosition<Command, Result extends HistoryResult>(
  logged: readonly Placed<LoggedOperation<Command, Result>>[],
): LogFault<Command, Result> | null {
  for (const [index, second] of logged.entries()) {
    const first = logged[index - 1];
    if (first === undefined || comparePositions(first.position, second.position) !== 0) continue;
    return { kind: 'samePosition', first, second };
  }
  return null;
}

function againstRealTime<Command, Result extends HistoryResult>(
  logged: readonly Placed<LoggedOperation<Command, Result>>[],
): LogFault<Command, Result> | null {
  const pair = contradiction(logged);
  return pair === null ? null : { kind: 'againstRealTime', first: pair[0], second: pair[1] };
}

function wrongResult<State, Command, Result extends HistoryResult>(
  logged: readonly Placed<LoggedOperation<Command, Result>>[],
  model: SequentialModel<State, Command, Result>,
): LogFault<Command, Result> | null {
  const states = new Map<string, State>();
  for (const operation of logged) {
    const partition = model.partitionBy?.(operation.command) ?? '';
    const held = states.has(partition) ? (states.get(partition) as State) : model.initial();
    const { state, result } = model.step(held, operation.command);
    states.set(partition, state);
    if (operation.result === undefined || operation.result === result) continue;
    return { kind: 'wrongResult', operation, expected: result };
  }
  return null;
}

/**
 * Returns two of which the first was over before the second began and yet stands behind it, or null. Sweeps through time
 * with the furthest place that anything over by then had: whoever stands before any of those, stands before that.
 */
function contradiction<Placed extends Timing & { readonly position: LogPosition }>(
  placed: readonly Placed[],
): readonly [Placed, Placed] | null {
  const begun = [...placed].sort((a, b) => a.invokedAt - b.invokedAt);
  const over = placed.filter(({ completedAt }) => completedAt !== null).sort(byCompletion);
  let furthest: Placed | null = null;
  let next = 0;
  for (const second of begun) {
    for (let first = over[next]; first !== undefined && precedes(first, second); first = over[next]) {
      if (furthest === null || comparePositions(first.position, furthest.position) > 0) furthest = first;
      next += 1;
    }
    if (furthest !== null && comparePositions(furthest.position, second.position) > 0) return [furthest, second];
  }
  return null;
}

function byCompletion(first: Timing, second: Timing): number {
  return (first.completedAt ?? 0) - (second.completedAt ?? 0);
}
