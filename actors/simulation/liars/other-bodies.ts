import type { Block, Proposal } from '../../../src/protocol/types.js';
import { Ballots } from './ballots.js';
import { isOwnProposal, reblock } from './forged-blocks.js';
import type { Liar, MakeStrategy } from './liar.js';

/**
 * A leader whose blocks hold other bodies than its own actors gave them. Where the others certify such a block its actors
 * are told so, fetch it, and go on from there: the lie becomes part of the chain. `bodyFor` answers null to leave a block alone.
 */
export function otherBodies(bodyFor: (liar: Liar, block: Block) => Uint8Array | null): MakeStrategy {
  return (liar) => {
    const ballots = new Ballots(liar);
    let last: { readonly block: Block; readonly forged: Proposal | null } | null = null;

    function forge({ block, tc }: Proposal): Proposal | null {
      const body = bodyFor(liar, block);
      if (body === null) return null;
      const forged = liar.pen.proposal(reblock(liar, block, {}, body), tc);
      ballots.open(forged.block);
      return forged;
    }

    return {
      outgoing: (_to, message) => {
        if (!isOwnProposal(liar, message)) return null;
        const { proposal } = message;
        // The same to all, and again where it is sent again.
        if (last?.block.hash !== proposal.block.hash) last = { block: proposal.block, forged: forge(proposal) };
        if (last.forged === null) return null;
        liar.fired();
        return [{ type: 'proposal', proposal: last.forged }];
      },
      incoming: (from, message) => {
        if (message.type !== 'vote' || !ballots.has(message.vote.block)) return true;
        const highQc = ballots.add(message.vote);
        if (highQc !== null) liar.hear(from, { type: 'certificates', certificates: { highQc, tc: null } });
        return false;
      },
    };
  };
}
