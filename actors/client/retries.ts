/** When and whereto a command goes again. Pure arithmetic, the same for every command. */
import type { ReplicaId } from '../../src/protocol/numbers.js';

/** Doublings of the retry time at most. */
const GROWTH_MAX = 3;
/** Retries to f+1 replicas each, in turn; later ones go to all. */
const RETRIES_IN_TURN = 3;

/** Milliseconds until the next retry, when `retries` were made: the retry time doubled each time, up to eightfold. */
export function retryDelayMs(retryMs: number, retries: number): number {
  return retryMs * 2 ** Math.min(retries, GROWTH_MAX);
}

interface RetryQuestion {
  /** Ascending; not empty. */
  readonly reachable: readonly ReplicaId[];
  readonly leader: ReplicaId;
  /** 0 for the first one. */
  readonly retry: number;
  /** f+1: so many replicas hold a correct one. */
  readonly needed: number;
}

/** Whereto the next retry goes: f+1 replicas from the leader on, then the f+1 after those, at last to all. */
export function retryTargets({ reachable, leader, retry, needed }: RetryQuestion): readonly ReplicaId[] {
  if (retry >= RETRIES_IN_TURN || reachable.length <= needed) return reachable;
  const first = Math.max(
    0,
    reachable.findIndex((replica) => replica >= leader),
  );
  const targets: ReplicaId[] = [];
  for (let index = 0; index < needed; index += 1) {
    targets.push(reachable[(first + retry * needed + index) % reachable.length] as ReplicaId);
  }
  return targets;
}
