import type { Proposal } from '../../../src/protocol/types.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { isOwnProposal, reblock } from './forged-blocks.js';
import type { MakeStrategy } from './liar.js';

/** That a proposal of its own comes unsigned to one of its peers. */
const UNSIGNED = 0.25;

/**
 * Its proposals come to some with a made-up signature, so that it could deny them. And beside what others propose it sends
 * another block of that view in their name: an empty one, so that no client misses anything if somebody votes for it.
 */
export const forgedProposals: MakeStrategy = (liar) => {
  const { random } = liar;
  let imitated = 0;

  const unsigned = (proposal: Proposal): PeerMessage => {
    return { type: 'proposal', proposal: { ...proposal, signature: random.bytes(64) } };
  };

  return {
    outgoing: (_to, message) => {
      if (!isOwnProposal(liar, message) || !random.chance(UNSIGNED)) return null;
      liar.fired();
      return [unsigned(message.proposal)];
    },
    incoming: (from, message) => {
      if (message.type !== 'proposal') return true;
      const { block } = message.proposal;
      if (block.header.proposer !== from || block.header.view <= imitated || block.body.length === 0) return true;
      imitated = block.header.view;
      liar.fired();
      const other = unsigned({ ...message.proposal, block: reblock(liar, block, {}, new Uint8Array(0)) });
      for (const peer of liar.peers) liar.tell(peer, other);
      return true;
    },
  };
};
