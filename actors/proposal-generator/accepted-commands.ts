import type { PendingCommand } from './pending-command.js';

/** In how many times the patience for one command a leader must have served all that waited when it was begun to be counted. */
const PARTS = 64;

/**
 * The commands of this replica's own clients, oldest first, and since when their leader is waited for. The patience (`commandTimeoutMs`)
 * is there against a leader that leaves a client out, and a leader that does all it can may have more to do than fits into it: so it
 * does not count from the acceptance of the oldest command, but is begun anew for each part of the backlog that is done.
 *
 * A backlog is what waits when a tenure begins, or when the backlog before is done; a part of it is a 64th, one command at least. What
 * comes meanwhile is not of it: so nobody whom a leader leaves out waits longer because others go on coming, and a leader that
 * serves one command now and then is given up when it is slower than a 64th of what it has to do in the time for one command. A command
 * waits for two backlogs at most, that before it and its own: 128 times the patience, from a leader that goes as slowly as it may,
 * and from one that serves the others and leaves it out, the patience from when they are done.
 *
 * Leaders serve each client in the order of its sequences. Where a later command of a client is done by this leader and an earlier one is
 * not, that one is left out, and nothing is granted: its patience counts from its acceptance. Between clients the order of
 * acceptance says nothing, since leaders serve them in turn.
 */
export class AcceptedCommands {
  /** And of which backlog each is. */
  readonly #backlogOf = new Map<PendingCommand, number>();
  /** Numbers the backlogs; a command that comes is of the next one. */
  #backlog = 0;
  /** Commands of the present backlog that are not done, and those that were done in the present part. */
  #left = 0;
  #done = 0;
  /** Commands of a part. */
  #part = 1;
  #since = 0;
  #leftOut: PendingCommand | null = null;

  [Symbol.iterator](): IterableIterator<PendingCommand> {
    return this.#backlogOf.keys();
  }

  add(pending: PendingCommand): void {
    this.#backlogOf.set(pending, this.#backlog + 1);
  }

  /** Forgets one that is done; one that is not of these is nothing to it. */
  delete(pending: PendingCommand): void {
    const backlog = this.#backlogOf.get(pending);
    if (backlog === undefined) return;
    this.#backlogOf.delete(pending);
    if (pending === this.#leftOut) this.#leftOut = null;
    if (backlog > this.#backlog) return;
    this.#left -= 1;
    this.#done += 1;
  }

  /** Another leads: it owes all that waits, and has left nothing out. */
  newLeader(now: number): void {
    this.#leftOut = null;
    this.#begin(now);
  }

  /** The leader has done later commands of the client of this one, which it was sent before them. */
  leftOut(pending: PendingCommand): void {
    if (this.#leftOut === null && this.#backlogOf.has(pending)) this.#leftOut = pending;
  }

  /** Since when the leader is waited for, by the clock of the turns; null where nothing waits. Asked in each turn. */
  waitsSince(now: number): number | null {
    if (this.#backlogOf.size === 0) return null;
    if (this.#left === 0) this.#begin(now);
    else if (this.#done >= this.#part) {
      this.#done = 0;
      this.#since = now;
    }
    return this.#leftOut === null ? this.#since : Math.min(this.#leftOut.acceptedAt, this.#since);
  }

  #begin(now: number): void {
    this.#backlog += 1;
    this.#left = this.#backlogOf.size;
    this.#part = Math.max(1, Math.ceil(this.#left / PARTS));
    this.#done = 0;
    this.#since = now;
  }
}
