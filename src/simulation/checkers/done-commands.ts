/**
 * S11: nobody holds on to a command that it has executed. What ran, in whichever life, leaves the pool of a replica in the turn
 * in which its machine answers for the block, or says at a start what it remembers; and is not taken in again, as long as its
 * client is remembered, which in a run all are. Who held on to one would hand it on to each new leader, which drops it, and give
 * up each of their tenures for it.
 *
 * Between two events of a run all turns have been taken, of a process that is not paused. Only an answer of a machine whose calls
 * cost time has been seen before the replica hears of it, a small part of a base timeout later: judged is what stays for half of one.
 */
import type { Accuse } from '../violation.js';

interface DoneCommandsOptions {
  readonly baseTimeoutMs: number;
  readonly accuse: Accuse;
}

/** In base timeouts. */
const PATIENCE = 0.5;

/** Of one replica. */
class Watched {
  /** Its machine stands there, or beyond; null until it is rebuilt in this life. */
  height: number | null = null;
  /** What it holds although it has executed it, and since when that was seen. */
  held: { readonly command: string; readonly since: number } | null = null;
  accused = false;
}

/** Accuses a correct replica whose oldest pending command is one that it has executed; once. */
export class DoneCommandsChecker {
  readonly #options: DoneCommandsOptions;
  readonly #replicas = new Map<number, Watched>();
  /** The height at which a command ran first. */
  readonly #ranAt = new Map<string, number>();

  constructor(options: DoneCommandsOptions) {
    this.#options = options;
  }

  /** It begins a life, with an empty pool. */
  booted(replica: number): void {
    this.#replicas.set(replica, new Watched());
  }

  /** Its machine is rebuilt, up to this height. */
  initialized(replica: number, height: number): void {
    this.#of(replica).height = height;
  }

  /** It has executed a block, in which these commands ran. */
  executed(replica: number, height: number, ran: readonly string[]): void {
    this.#of(replica).height = height;
    for (const command of ran) if (!this.#ranAt.has(command)) this.#ranAt.set(command, height);
  }

  /** Looks at the oldest command that it took from a client of its own and holds; null for none, or while it is paused. */
  look(replica: number, oldest: string | null, now: number): void {
    const { baseTimeoutMs, accuse } = this.#options;
    const watched = this.#of(replica);
    if (oldest === null || !this.#isDone(watched, oldest)) {
      watched.held = null;
      return;
    }
    if (watched.held?.command !== oldest) watched.held = { command: oldest, since: now };
    const heldMs = now - watched.held.since;
    if (watched.accused || heldMs <= PATIENCE * baseTimeoutMs) return;
    watched.accused = true;
    const what = `replica ${replica} still holds command ${oldest} after ${Math.round(heldMs)} ms`;
    accuse('S11', `${what}, which it executed at height ${this.#ranAt.get(oldest)}`);
  }

  #isDone({ height }: Watched, command: string): boolean {
    const ranAt = this.#ranAt.get(command);
    return height !== null && ranAt !== undefined && ranAt <= height;
  }

  #of(replica: number): Watched {
    const watched = this.#replicas.get(replica) ?? new Watched();
    this.#replicas.set(replica, watched);
    return watched;
  }
}
