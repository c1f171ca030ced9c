/** Votes that contradict what the liar's own actors voted for: a second one beside each, or another in its place. */

import { bytesToHex } from '../../../src/crypto/hash.js';
import { asBlockHash, type BlockHash } from '../../../src/protocol/numbers.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { Liar, MakeStrategy, Strategy } from './liar.js';

/** Two votes for each view: the true one, and one for another block. */
export const doubleVoter: MakeStrategy = (liar) => withRivals(liar, (own, rival) => [own, rival]);

/** Votes for a conflicting branch instead of the proposal: a block of an older view, or one that does not exist. */
export const conflictingVoter: MakeStrategy = (liar) => withRivals(liar, (_own, rival) => [rival]);

function withRivals(liar: Liar, say: (own: PeerMessage, rival: PeerMessage) => readonly PeerMessage[]): Strategy {
  const seen: BlockHash[] = [];
  let last: { readonly of: BlockHash; readonly rival: PeerMessage } | null = null;

  function rivalOf(view: Parameters<Liar['pen']['vote']>[0], block: BlockHash): PeerMessage {
    if (last?.of === block) return last.rival;
    const known = seen.filter((hash) => hash !== block);
    const invented = asBlockHash(bytesToHex(liar.random.bytes(32)));
    const other = known.length > 0 && liar.random.chance(0.5) ? liar.random.pick(known) : invented;
    const rival: PeerMessage = { type: 'vote', vote: liar.pen.vote(view, other) };
    last = { of: block, rival };
    return rival;
  }

  return {
    outgoing: (_to, message) => {
      if (message.type !== 'vote' || message.vote.signer !== liar.id) return null;
      liar.fired();
      return say(message, rivalOf(message.vote.view, message.vote.block));
    },
    incoming: (_from, message) => {
      if (message.type === 'proposal') {
        seen.push(message.proposal.block.hash);
        if (seen.length > 8) seen.shift();
      }
      return true;
    },
  };
}
