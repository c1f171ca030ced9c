/** Which of the frames that were handed to sockets hold votes, and when those are written. */
import { limits } from '../src/config/limits.js';
import type { ConnectionId } from '../src/wire/sockets.js';

interface Frame {
  /** The name of the vote in it; null for any other frame, and for a vote that was told of. */
  vote: string | null;
}

interface Way {
  /** Under way, first come first. */
  readonly frames: Frame[];
  /** How many of them had been handed over before the present turn. */
  earlier: number;
  turnBytes: number;
}

/**
 * Follows frames from the network actor to its sockets. What a turn has for a socket is written at the turn's end, in one
 * call, where nothing is under way before it; the news of that comes with a later turn of the event loop, when the turns of
 * other actors are over. Where anything is under way, or more than goes into one call, the news is all there is to go by.
 */
export class VoteFrames {
  readonly #ways = new Map<ConnectionId, Way>();

  /** A frame is handed to a socket; `vote` names the vote in it. */
  handedOver(connection: ConnectionId, bytes: number, vote: string | null): void {
    const way = this.#ways.get(connection) ?? { frames: [], earlier: 0, turnBytes: 0 };
    this.#ways.set(connection, way);
    way.frames.push({ vote });
    way.turnBytes += bytes;
  }

  /** The actor's turn is over: returns the votes whose bytes go to their sockets now. */
  turnEnded(): readonly string[] {
    const written: string[] = [];
    for (const way of this.#ways.values()) {
      const atOnce = way.earlier === 0 && way.turnBytes <= limits.gatheredBytes;
      for (const frame of atOnce ? way.frames : []) {
        if (frame.vote !== null) written.push(frame.vote);
        frame.vote = null;
      }
      way.earlier = way.frames.length;
      way.turnBytes = 0;
    }
    return written;
  }

  /** The news that the oldest frame of a connection is written: returns the vote in it that was not told of yet, or null. */
  written(connection: ConnectionId): string | null {
    const way = this.#ways.get(connection);
    const frame = way?.frames.shift();
    if (way === undefined || frame === undefined) return null;
    way.earlier = Math.max(0, way.earlier - 1);
    return frame.vote;
  }

  /** The connection is gone, and what was under way with it. */
  closed(connection: ConnectionId): void {
    this.#ways.delete(connection);
  }
}
