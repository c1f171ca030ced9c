import type { Actor } from './actor.js';
import type { InspectionEvent } from './inspection.js';

/** What the parts of one inline host share. */
export interface HostState {
  phase: 'new' | 'running' | 'halted';
  /** Whose bug it is if something throws now. */
  current: Actor | null;
  /** Given to every behaviour, one object for all messages; `now` is when the present message was taken. */
  readonly turn: { now: number };
  /** Told of all that happens; undefined while nobody inspects. */
  inspect: ((event: InspectionEvent) => void) | undefined;
}
