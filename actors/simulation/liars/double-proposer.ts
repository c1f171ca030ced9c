import { isOwnProposal, reproposal } from './forged-blocks.js';
import type { MakeStrategy } from './liar.js';

const BODY = new TextEncoder().encode('another block of this view');

/** A leader that sends everybody both of two blocks of each view, in an order of chance. Everybody can prove it. */
export const doubleProposer: MakeStrategy = (liar) => {
  return {
    outgoing: (_to, message) => {
      if (!isOwnProposal(liar, message)) return null;

      liar.fired();
      const other = reproposal(liar, message.proposal, {}, BODY);
      return liar.random.chance(0.5) ? [message, other] : [other, message];
    },
  };
};
