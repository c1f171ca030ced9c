/** When a client believes a reply: f+1 replicas, one of them correct, gave the same bytes at the same height. */
import { equalBytes } from '../../src/crypto/hash.js';
import type { Height, ReplicaId } from '../../src/protocol/numbers.js';

/** The replicas that gave one reply to one command. */
export interface ReplyVote {
  readonly height: Height;
  readonly reply: Uint8Array;
  readonly voters: ReplicaId[];
}

/** What one replica says of one command. */
export interface ReplyClaim {
  readonly from: ReplicaId;
  readonly height: Height;
  readonly reply: Uint8Array;
}

/**
 * Adds a claim to `votes` and tells whether it completed `needed` equal ones.
 * Each replica has one vote for a command: its first one counts, so `votes` never holds more than n voters.
 */
export function countReply(votes: ReplyVote[], claim: ReplyClaim, needed: number): boolean {
  for (const vote of votes) if (vote.voters.includes(claim.from)) return false;
  for (const vote of votes) {
    if (vote.height !== claim.height || !equalBytes(vote.reply, claim.reply)) continue;
    vote.voters.push(claim.from);
    return vote.voters.length >= needed;
  }
  votes.push({ height: claim.height, reply: claim.reply, voters: [claim.from] });
  return needed <= 1;
}
