import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { CommandPool } from './command-pool.js';
import type { Space } from './pending-command.js';

/**
 * What is owed to each peer for the commands that it forwarded: their credit goes back when they are executed, not when
 * they are read, so that a peer whose commands wait is held back at its own socket. Commands that came to nothing
 * (executed before, no room, invalid) are paid back a share of a body at each block, as if they had been executed:
 * sending rubbish gets no peer more of this replica's time than sending commands.
 */
export class ForwardedCredit {
  readonly #pool: CommandPool;
  readonly #own: ReplicaId;
  /** Of commands that came to nothing, by peer. */
  readonly #wasted = new Map<ReplicaId, { commands: number; bytes: number }>();

  constructor(pool: CommandPool, own: ReplicaId) {
    this.#pool = pool;
    this.#own = own;
  }

  /** Notes commands of a peer that the pool did not take. */
  wasted(peer: ReplicaId, { commands, bytes }: Space): void {
    const owed = this.#wasted.get(peer) ?? { commands: 0, bytes: 0 };
    this.#wasted.set(peer, { commands: owed.commands + commands, bytes: owed.bytes + bytes });
  }

  /** Takes out what goes back now that a block was executed; `body` bounds what a body holds. */
  afterBlock(body: Space): readonly ConsumedCommands[] {
    return this.#take((peer) => this.#pool.shareOf(peer, body));
  }

  /** Takes out all of it: after a change of leaders peers send again what they sent before, and mean no harm. */
  afterLeaderChange(): readonly ConsumedCommands[] {
    return this.#take(() => UNBOUNDED);
  }

  #take(boundFor: (peer: ReplicaId) => Space): readonly ConsumedCommands[] {
    const consumed = new Map<ReplicaId, Space>();
    for (const [peer, space] of this.#pool.takeConsumed()) if (peer !== this.#own) consumed.set(peer, space);
    for (const [peer, owed] of this.#wasted) {
      const bound = boundFor(peer);
      const back = { commands: Math.min(owed.commands, bound.commands), bytes: Math.min(owed.bytes, bound.bytes) };
      const { commands, bytes } = consumed.get(peer) ?? NOTHING;
      consumed.set(peer, { commands: commands + back.commands, bytes: bytes + back.bytes });
      if (back.commands === owed.commands && back.bytes === owed.bytes) this.#wasted.delete(peer);
      else this.#wasted.set(peer, { commands: owed.commands - back.commands, bytes: owed.bytes - back.bytes });
    }
    return Array.from(consumed, ([peer, { commands, bytes }]) => ({ peer, commands, bytes }));
  }
}

/** Commands of one peer that take no room here any more. */
export interface ConsumedCommands extends Space {
  readonly peer: ReplicaId;
}

const NOTHING: Space = { commands: 0, bytes: 0 };
const UNBOUNDED: Space = { commands: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
