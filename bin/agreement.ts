/** Waits until all replicas that live stand at one height with one state. */
import type { Client, StatusAnswer } from '../actors/create-client.js';
import { pause } from './lifecycle.js';
import { Failure } from './outcome.js';

/** Where one replica stands, by its own word. */
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

/** What is known of the replicas' processes. */
export interface Supervision {
  /** Those that will not answer any more. */
  givenUp(): readonly { readonly id: number }[];
  /** When one that starts again last got on with it, as `performance.now()` tells the time; 0 where none does. */
  workedAt(): number;
}

const POLL_MS = 50;
/** After this long without any replica getting further, waiting does not mend it. */
const STALL_MS = 60_000;

/** Who is to agree, and for how long that is waited for. */
export interface AgreementOptions {
  readonly client: Pick<Client, 'status'>;
  /** That all must have committed. */
  readonly height: number;
  readonly supervision: Supervision;
  readonly stopping: AbortSignal;
  /** In place of a minute. */
  readonly stallMs?: number;
}

/**
 * Resolves with the states of all replicas once those that were not given up have one, at `height` or above.
 * Rejects when two replicas name different states for one height, or when nothing gets further any more; heights above
 * `height` are no progress, since heartbeats alone raise them. Resolves with null when `stopping` is aborted first.
 */
export async function agreement(options: AgreementOptions): Promise<readonly SeenState[] | null> {
  const { client, height, supervision, stopping, stallMs = STALL_MS } = options;
  let furthest = -1;
  let movedAt = performance.now();
  while (!stopping.aborted) {
    const answers = await client.status({ withinMs: 2000 });
    const states = answers.flatMap(stateOf);
    refuseDivergence(states);
    const missing = new Set(supervision.givenUp().map(({ id }) => id));
    const awaited = answers.filter(({ id }) => !missing.has(id));
    if (awaited.every((answer) => answer.reachable) && areTogether(states, height)) return answers.map(seen);
    const reached = states.reduce((sum, state) => sum + 1 + Math.min(height, state.committedHeight), 0);
    movedAt = reached > furthest ? performance.now() : Math.max(movedAt, supervision.workedAt());
    furthest = Math.max(furthest, reached);
    if (performance.now() - movedAt > stallMs) throw new Failure(describeStall(awaited, height));
    await pause(POLL_MS, stopping);
  }
  return null;
}

function areTogether(states: readonly ReplicaState[], height: number): boolean {
  const [first] = states;
  return states.every(({ committedHeight }) => committedHeight >= height && committedHeight === first?.committedHeight);
}

/** How long replicas have to say where they stand, when a cluster is about to end. */
const LAST_ANSWER_MS = 500;

/** Asks all replicas once where they stand. */
export async function seenStates(client: Client): Promise<readonly SeenState[]> {
  return (await client.status({ withinMs: LAST_ANSWER_MS })).map(seen);
}

function seen(answer: StatusAnswer): SeenState {
  return stateOf(answer)[0] ?? { id: answer.id, committedHeight: null, stateHash: null };
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

function describeStall(awaited: readonly StatusAnswer[], height: number): string {
  const shown = awaited.map((answer) => `${answer.id}: ${answer.reachable ? answer.committedHeight : 'not reachable'}`);
  return `the replicas do not reach height ${height} together; they stand at ${shown.join(', ')}`;
}
