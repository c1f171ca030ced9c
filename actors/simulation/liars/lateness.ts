/** Leaders that are slow on purpose. */
import { isOwnProposal } from './forged-blocks.js';
import type { Liar, MakeStrategy, Strategy } from './liar.js';

/** Some proposals come just before the view timer runs out, or just after. */
export const lateProposals: MakeStrategy = (liar) =>
  delayed(liar, () => (liar.random.chance(0.3) ? liar.random.between(0.85, 1.05) : 0));

/** Every proposal comes as late as followers will just stand: the tenure is the leader's until somebody complains. */
export const slowLeader: MakeStrategy = (liar) => delayed(liar, () => 0.8);

/** `share`: of the base timeout. A late one may be overtaken by what the replica says after it. */
function delayed(liar: Liar, share: () => number): Strategy {
  let last = { view: -1, delayMs: 0 };
  return {
    outgoing: (to, message) => {
      if (!isOwnProposal(liar, message)) return null;
      const { view } = message.proposal.block.header;
      if (view !== last.view) last = { view, delayMs: share() * liar.cluster.baseTimeoutMs };
      if (last.delayMs === 0) return null;
      liar.fired();
      liar.later(last.delayMs, () => liar.tell(to, message));
      return [];
    },
  };
}
