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
 * The order in which commands are done says nothing: leaders serve clients, and whoever brings their commands, in turn, and
 * somebody else may have brought the later command of a client first.
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
    if (backlog > this.#backlog) return;
    this.#left -= 1;
    this.#done += 1;
  }

  /** Another leads, and owes all that waits. */
  newLeader(now: number): void {
    this.#begin(now);
  }

  /** Since when the leader is waited for, by the clock of the turns; null where nothing waits. Asked in each turn. */
  waitsSince(now: number): number | null {
    if (this.#backlogOf.size === 0) return null;
    if (this.#left === 0) this.#begin(now);
    else if (this.#done >= this.#part) {
      this.#done = 0;
      this.#since = now;
    }
    return this.#since;
  }

  #begin(now: number): void {
    this.#backlog += 1;
    this.#left = this.#backlogOf.size;
    this.#part = Math.max(1, Math.ceil(this.#left / PARTS));
    this.#done = 0;
    this.#since = now;
  }
}
