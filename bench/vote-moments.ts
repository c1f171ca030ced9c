/** When something happened to votes. */
import type { Vote } from '../src/protocol/types.js';

/** When something happened to a vote, milliseconds of the machine's clock, which all its processes and threads share. */
export interface VoteMoment {
  /** Of its view, signer and recipient. */
  readonly vote: string;
  readonly at: number;
}

/** Votes of one replica: let go by consensus, written to a socket, arrived decoded, handled by consensus. */
export interface VoteMoments {
  readonly ready: readonly VoteMoment[];
  readonly written: readonly VoteMoment[];
  readonly arrived: readonly VoteMoment[];
  readonly handled: readonly VoteMoment[];
}

/** More are not kept: a run that long says nothing new. */
const MOMENTS_MAX = 100_000;

/** Makes an empty list of moments, bounded. */
export function momentsOf() {
  const list: VoteMoment[] = [];
  return {
    list,
    note(vote: string, at: number): void {
      if (list.length < MOMENTS_MAX) list.push({ vote, at });
    },
  };
}

/** Returns what tells one vote on its way to one recipient from every other. */
export function nameOf({ view, signer }: Vote, to: number): string {
  return `${view} ${signer} ${to}`;
}
