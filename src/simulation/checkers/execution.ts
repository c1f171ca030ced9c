/**
 * S2 and S9: replicas that have executed as many blocks hold equal states and gave equal replies; what was executed ran
 * once.
 */
import type { Accuse } from '../violation.js';

/** What one block did on one replica, as far as it is compared. */
export interface Execution {
  readonly height: number;
  /** Of the state after it, any text; null where it was not asked for. */
  readonly stateHash: string | null;
  /** What the replica itself says of it, with all that it remembers of its clients; null where it was not asked. */
  readonly reported: string | null;
  /** Client and sequence of each command that ran for the first time, with its reply as it is shown. */
  readonly ran: readonly { readonly command: string; readonly reply: string }[];
}

interface Known extends Omit<Execution, 'height'> {
  readonly replica: number;
}

/** Compares each execution with the first at its height (S2), and accuses where a command runs a second time (S9). */
export class ExecutionChecker {
  readonly #accuse: Accuse;
  readonly #known: Known[] = [];
  /** The height at which a command ran. */
  readonly #ranAt = new Map<string, number>();
  /** How often the states of two replicas were compared. */
  compared = 0;

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  executed(replica: number, execution: Execution): void {
    const { height, stateHash, reported, ran } = execution;
    const known = this.#known[height - 1];
    if (known === undefined) {
      this.#known[height - 1] = { replica, stateHash, reported, ran };
      for (const { command } of ran) {
        const earlier = this.#ranAt.get(command);
        if (earlier !== undefined) this.#accuse('S9', `command ${command} ran at height ${earlier} and at ${height}`);
        this.#ranAt.set(command, height);
      }
      return;
    }
    const who = `replicas ${known.replica} and ${replica} at height ${height}`;
    const differs = firstDifference(known.ran, ran);
    if (differs !== null) this.#accuse('S2', `${who} ${differs}`);
    if (known.reported !== null && reported !== null && known.reported !== reported) {
      this.#accuse('S2', `${who} report different states: ${known.reported} and ${reported}`);
    }
    if (known.stateHash === null || stateHash === null) return;
    this.compared += 1;
    if (known.stateHash !== stateHash) {
      this.#accuse('S2', `${who} hold different states: ${known.stateHash} and ${stateHash}`);
    }
  }
}

/** What two replicas did differently, as what comes after their names; null where they did the same. */
function firstDifference(one: Execution['ran'], other: Execution['ran']): string | null {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const [first, second] = [one[index], other[index]];
    if (first === undefined || second === undefined || first.command !== second.command) {
      return `ran different commands: ${first?.command ?? 'none'} and ${second?.command ?? 'none'}`;
    }
    if (first.reply !== second.reply) {
      return `answered command ${first.command} differently: ${first.reply} and ${second.reply}`;
    }
  }
  return null;
}
