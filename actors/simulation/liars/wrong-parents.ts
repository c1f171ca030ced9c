/** Blocks that do not stand where they say. */

import { bytesToHex } from '../../../src/crypto/hash.js';
import { asBlockHash, asHeight } from '../../../src/protocol/numbers.js';
import type { Proposal } from '../../../src/protocol/types.js';
import { genesisQc } from '../../../src/wire/block.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { isOwnProposal, reproposal } from './forged-blocks.js';
import type { Liar, MakeStrategy } from './liar.js';

/** Every proposal begins the chain anew. */
export const forksGenesis: MakeStrategy = (liar) =>
  reproposed(liar, (proposal) => {
    const justify = genesisQc(liar.cluster.clusterId);
    return reproposal(liar, proposal, { height: asHeight(1), parent: justify.block, justify });
  });

/** A parent that nobody has. */
export const missingParent: MakeStrategy = (liar) =>
  reproposed(liar, (proposal) => {
    const parent = asBlockHash(bytesToHex(liar.random.bytes(32)));
    const { justify } = proposal.block.header;
    // With a certificate that names it too, or not.
    return reproposal(
      liar,
      proposal,
      liar.random.chance(0.5) ? { parent } : { parent, justify: { ...justify, block: parent } },
    );
  });

/** As near to a loop as hashes let one come: the parent is the block that the liar would have proposed. */
export const parentLoop: MakeStrategy = (liar) =>
  reproposed(liar, (proposal) => {
    const { hash, header } = proposal.block;
    const justify = { ...header.justify, view: header.view, block: hash };
    return reproposal(liar, proposal, liar.random.chance(0.5) ? { parent: hash } : { parent: hash, justify });
  });

/** A height that does not follow its parent's. */
export const wrongHeight: MakeStrategy = (liar) =>
  reproposed(liar, (proposal) => {
    const { height } = proposal.block.header;
    return reproposal(liar, proposal, {
      height: asHeight(liar.random.pick([0, height - 1, height + 1, height + 1000])),
    });
  });

function reproposed(liar: Liar, change: (proposal: Proposal) => PeerMessage) {
  let last: { readonly of: string; readonly said: readonly PeerMessage[] | null } = { of: '', said: null };
  return {
    outgoing: (_to: unknown, message: PeerMessage) => {
      if (!isOwnProposal(liar, message)) return null;
      const { hash } = message.proposal.block;
      // Now and then it is honest, so that its tenure lasts.
      if (hash !== last.of) last = { of: hash, said: liar.random.chance(0.5) ? [change(message.proposal)] : null };
      if (last.said !== null) liar.fired();
      return last.said;
    },
  };
}
