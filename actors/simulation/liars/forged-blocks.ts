/** Blocks and proposals as no correct leader makes them, signed by the liar that sends them. */
import type { Block, BlockHeader, Proposal } from '../../../src/protocol/types.js';
import { makeBlock } from '../../../src/wire/block.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { Liar } from './liar.js';

/** The block with another header, or another body, and so with another hash. */
export function reblock(
  { cluster }: Liar,
  { header, body }: Block,
  changes: Partial<Omit<BlockHeader, 'bodyHash'>>,
  newBody: Uint8Array = body,
): Block {
  const { bodyHash: _, ...rest } = header;
  return makeBlock(cluster.clusterId, { ...rest, ...changes }, newBody);
}

/** The proposal with other fields, signed again by the liar. */
export function reproposal(
  liar: Liar,
  proposal: Proposal,
  changes: Partial<Omit<BlockHeader, 'bodyHash'>>,
  body?: Uint8Array,
): PeerMessage {
  return {
    type: 'proposal',
    proposal: liar.pen.proposal(reblock(liar, proposal.block, changes, body), proposal.tc),
  };
}

/** Whether a message is the liar's own proposal, and not one that it hands on. */
export function isOwnProposal(
  { id }: Liar,
  message: PeerMessage,
): message is Extract<PeerMessage, { type: 'proposal' }> {
  return message.type === 'proposal' && message.proposal.block.header.proposer === id;
}
