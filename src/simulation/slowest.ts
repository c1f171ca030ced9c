/** How slow the faults of a case make things, and how wrong clocks: what was begun so before the healing may end after it. */
import type { Fault } from './case.js';

/** The slowest write that a fault makes a disk have, milliseconds. */
export function slowestWriteMs(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map((fault) => (fault.type === 'disk' ? (fault.changes.latencyMs?.[1] ?? 0) : 0)));
}

/** The least rate of a replica's clock, 1 at most. */
export function slowestClock(faults: readonly Fault[]): number {
  return Math.min(1, ...faults.map((fault) => (fault.type === 'clockRate' ? fault.factor : 1)));
}

/** The greatest rate of a replica's clock, 1 at least. */
export function fastestClock(faults: readonly Fault[]): number {
  return Math.max(1, ...faults.map((fault) => (fault.type === 'clockRate' ? fault.factor : 1)));
}

/** When a replica's clock leaps for the last time; minus infinity where none does. */
export function lastClockJump(faults: readonly Fault[]): number {
  return Math.max(...faults.map((fault) => (fault.type === 'clockJump' ? fault.at : Number.NEGATIVE_INFINITY)));
}
