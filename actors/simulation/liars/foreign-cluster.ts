import type { MakeStrategy } from './liar.js';

/** Beside each signed message goes the same one as signed for a cluster of another id: a replay of an earlier deployment. */
export const foreignCluster: MakeStrategy = (liar) => ({
  outgoing: (_to, message) => {
    const { foreignPen } = liar;
    switch (message.type) {
      case 'vote':
        liar.fired();
        return [{ type: 'vote', vote: foreignPen.vote(message.vote.view, message.vote.block) }, message];
      case 'timeout': {
        if (message.timeout.signer !== liar.id) return null;
        liar.fired();
        const { tenure, highQc } = message.timeout;
        return [{ type: 'timeout', timeout: foreignPen.timeout(tenure, highQc) }, message];
      }
      case 'proposal': {
        const { block, tc } = message.proposal;
        if (block.header.proposer !== liar.id) return null;
        liar.fired();
        return [{ type: 'proposal', proposal: foreignPen.proposal(block, tc) }, message];
      }
      default:
        return null;
    }
  },
});
