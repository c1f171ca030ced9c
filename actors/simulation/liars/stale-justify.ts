import { asHeight } from '../../../src/protocol/numbers.js';
import type { QuorumCertificate } from '../../../src/protocol/types.js';
import { isOwnProposal, reproposal } from './forged-blocks.js';
import type { MakeStrategy } from './liar.js';

/** A certificate, and the height of the block that it certifies. */
interface Certified {
  readonly qc: QuorumCertificate;
  readonly height: number;
}

/** Among so many certificates before the newest it looks for one to stand on. */
const REACH = 4;

/**
 * Where a TC lets it begin a tenure, it proposes on an older certificate than the highest: a fork below what others may have
 * locked. Nothing about such a block is malformed; only the lock, or the high QC that the TC names, is against it.
 */
export const staleJustify: MakeStrategy = (liar) => {
  const known: Certified[] = [];
  return {
    outgoing: (_to, message) => {
      const older = known.slice(-REACH - 1, -1);
      if (!isOwnProposal(liar, message) || message.proposal.tc === null || older.length === 0) return null;
      // The same one for all receivers, so that it may be certified.
      const { qc, height } = older[message.proposal.block.header.view % older.length] as Certified;
      liar.fired();
      return [reproposal(liar, message.proposal, { justify: qc, parent: qc.block, height: asHeight(height + 1) })];
    },
    incoming: (_from, message) => {
      if (message.type !== 'proposal') return true;
      const { justify, height } = message.proposal.block.header;
      if (justify.view > (known.at(-1)?.qc.view ?? 0)) known.push({ qc: justify, height: height - 1 });
      if (known.length > REACH + 1) known.shift();
      return true;
    },
  };
};
