/** Waits until all replicas stand at one height with one state. */
import type { Client, StatusAnswer } from '../actors/create-client.js';
import { pause } from './lifecycle.js';
import { Failure } from './outcome.js';

export interface ReplicaState {
  readonly id: number;
  readonly committedHeight: number;
  readonly stateHash: string;
}

/** A replica as it was last seen; null for what one that does not answer cannot say. */
export interface SeenState {
  readonly id: number;
  readonly committedHeight: number | null;
  readonly stateHash: string | null;
}

const POLL_MS = 50;
/** After this long without any replica getting further, waiting does not mend it. */
const STALL_MS = 60_000;

/**
 * Resolves with the common state of all replicas at `height` or above.
 * Rejects when two replicas name different states for one height, or when nothing moves any more; resolves with null
 * when `stopping` is aborted first.
 */
export async function agreement(
  client: Client,
  height: number,
  stopping: AbortSignal,
): Promise<readonly ReplicaState[] | null> {
  let furthest = -1;
  let movedAt = performance.now();
  while (!stopping.aborted) {
    const answers = await client.status({ withinMs: 2000 });
    const states = answers.flatMap(stateOf);
    refuseDivergence(states);
    const together = states.every((state) => state.committedHeight === states[0]?.committedHeight);
    if (states.length === answers.length && together && (states[0]?.committedHeight ?? -1) >= height) return states;
    const reached = states.reduce((sum, state) => sum + state.committedHeight, 0);
    if (reached !== furthest) movedAt = performance.now();
    furthest = reached;
    if (performance.now() - movedAt > STALL_MS) throw new Failure(describeStall(answers, height));
    await pause(POLL_MS, stopping);
  }
  return null;
}

/** How long replicas have to say where they stand, when a cluster is about to end. */
const LAST_ANSWER_MS = 500;

/** Asks all replicas once where they stand. */
export async function seenStates(client: Client): Promise<readonly SeenState[]> {
  const answers = await client.status({ withinMs: LAST_ANSWER_MS });
  return answers.map((answer) => stateOf(answer)[0] ?? { id: answer.id, committedHeight: null, stateHash: null });
}

function stateOf(answer: StatusAnswer): ReplicaState[] {
  if (!answer.reachable) return [];
  return [{ id: answer.id, committedHeight: answer.committedHeight, stateHash: answer.stateHash }];
}

function refuseDivergence(states: readonly ReplicaState[]): void {
  const byHeight = new Map<number, ReplicaState>();
  for (const state of states) {
    const other = byHeight.get(state.committedHeight);
    if (other !== undefined && other.stateHash !== state.stateHash) {
      throw new Failure(
        `replicas ${other.id} and ${state.id} have different states at height ${state.committedHeight}`,
      );
    }
    byHeight.set(state.committedHeight, state);
  }
}

function describeStall(answers: readonly StatusAnswer[], height: number): string {
  const shown = answers.map((answer) => `${answer.id}: ${answer.reachable ? answer.committedHeight : 'not reachable'}`);
  return `the replicas do not reach height ${height} together; they stand at ${shown.join(', ')}`;
}
