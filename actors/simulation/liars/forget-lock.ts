import type { BlockHash } from '../../../src/protocol/numbers.js';
import { collectorsOf, type MakeStrategy } from './liar.js';

/** Signs a vote for every proposal that it is sent, whatever it has voted for and is locked on. */
export const forgetLock: MakeStrategy = (liar) => {
  const voted = new Map<BlockHash, number>();
  return {
    incoming: (from, message) => {
      if (message.type !== 'proposal') return true;
      const { hash, header } = message.proposal.block;
      if (header.proposer !== from || voted.has(hash)) return true;
      voted.set(hash, header.view);
      const vote = liar.pen.vote(header.view, hash);
      liar.fired();
      for (const peer of new Set([from, ...collectorsOf(liar.cluster, header.view)])) {
        if (peer !== liar.id) liar.tell(peer, { type: 'vote', vote });
      }
      return true;
    },
  };
};
