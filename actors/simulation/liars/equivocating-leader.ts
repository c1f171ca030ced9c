import type { ReplicaId } from '../../../src/protocol/numbers.js';
import type { Block, Proposal, QuorumCertificate } from '../../../src/protocol/types.js';
import { Ballots } from './ballots.js';
import { isOwnProposal, reblock } from './forged-blocks.js';
import type { MakeStrategy } from './liar.js';

interface Shadow {
  readonly block: Block;
  qc: QuorumCertificate | null;
}

const BODY = new TextEncoder().encode('the other half is told this');

/**
 * A leader that tells two halves of the cluster two blocks of one view, and accomplices both. The second half gets a chain
 * of its own as long as votes certify it; where they do not, its next block stands beside the first half's again. With
 * enough accomplices both chains commit: no rule can stand f+1 liars.
 */
export const equivocatingLeader: MakeStrategy = (liar) => {
  const ballots = new Ballots(liar);
  const others = liar.random.shuffled(liar.peers.filter((peer) => !liar.accomplices.includes(peer)));
  const misled = new Set<ReplicaId>(others.slice(Math.ceil(others.length / 2)));
  let shadow: Shadow | null = null;
  let forged: Proposal | null = null;
  let of: Proposal | null = null;

  function forge(proposal: Proposal): Proposal {
    const { view, height } = proposal.block.header;
    const below = shadow?.qc?.view === view - 1 ? shadow : null;
    const changes =
      below?.qc == null
        ? {}
        : { height: (below.block.header.height + 1) as typeof height, parent: below.block.hash, justify: below.qc };
    const block = reblock(liar, proposal.block, changes, BODY);
    shadow = { block, qc: null };
    ballots.open(block);
    return liar.pen.proposal(block, proposal.tc);
  }

  return {
    outgoing: (to, message) => {
      if (!isOwnProposal(liar, message)) return null;
      if (of?.block.hash !== message.proposal.block.hash) {
        of = message.proposal;
        forged = forge(of);
      }
      if (forged === null) return null;
      liar.fired();
      const other = { type: 'proposal', proposal: forged } as const;
      if (liar.accomplices.includes(to)) return [message, other];
      return misled.has(to) ? [other] : null;
    },
    incoming: (_from, message) => {
      if (message.type !== 'vote' || !ballots.has(message.vote.block)) return true;
      const qc = ballots.add(message.vote);
      if (qc !== null && shadow?.block.hash === qc.block) shadow.qc = qc;
      return false;
    },
  };
};
