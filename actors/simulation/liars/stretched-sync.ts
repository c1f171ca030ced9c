import { limits } from '../../../src/config/limits.js';
import { asHeight, asView, type BlockHash, type ReplicaId } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { makeBlock } from '../../../src/wire/block.js';
import type { FetchAnswer, FetchRequest, PeerMessage } from '../../../src/wire/peer-messages.js';
import type { Liar, MakeStrategy } from './liar.js';

/** Blocks that it remembers. */
const KNOWN_MAX = 1024;

/**
 * It gives more than it was asked for. Where it can, the blocks are the right ones, each links and the last is certified, so
 * that nothing is wrong but their number; else they begin anew at the first, or a last one of its own has more bytes than an
 * answer may have.
 */
export const stretchedSync: MakeStrategy = (liar) => {
  const children = new Map<BlockHash, Block>();
  const asked = new Map<ReplicaId, FetchRequest>();

  function read(message: PeerMessage): void {
    if (message.type === 'proposal') remember(message.proposal.block);
    if (message.type === 'fetchAnswer') for (const block of message.answer.blocks) remember(block);
  }

  function remember(block: Block): void {
    children.set(block.header.parent, block);
    if (children.size > KNOWN_MAX) children.delete(children.keys().next().value as BlockHash);
  }

  /** The answer with as many of the blocks that follow as it may take to be certified; null where that is no more than asked. */
  function goneOn(answer: FetchAnswer, most: number): FetchAnswer | null {
    const blocks = [...answer.blocks];
    for (
      let next = childOf(blocks);
      next !== undefined && blocks.length <= limits.fetchBlocks;
      next = childOf(blocks)
    ) {
      blocks.push(next);
    }
    // The last one certifies the one before, and goes.
    const certificate = blocks.pop()?.header.justify ?? null;
    return blocks.length > most ? { ...answer, blocks, certificate } : null;
  }

  function childOf(blocks: readonly Block[]): Block | undefined {
    const last = blocks.at(-1);
    return last === undefined ? undefined : children.get(last.hash);
  }

  return {
    outgoing: (to, message) => {
      read(message);
      const most = asked.get(to)?.maxBlocks;
      if (message.type !== 'fetchAnswer' || most === undefined || message.answer.blocks.length === 0) return null;
      const answer = goneOn(message.answer, most) ?? again(message.answer, most) ?? fattened(liar, message.answer);
      if (answer === null) return null;
      liar.fired();
      return [{ type: 'fetchAnswer', answer }];
    },
    incoming: (from, message) => {
      read(message);
      if (message.type === 'fetchRequest') asked.set(from, message.request);
      return true;
    },
  };
};

/** The same blocks over and over; null where no message has room for so many. */
function again(answer: FetchAnswer, most: number): FetchAnswer | null {
  if (most >= limits.fetchBlocks) return null;
  const blocks = Array.from({ length: most + 1 }, (_, index) => answer.blocks[index % answer.blocks.length] as Block);
  return { ...answer, blocks };
}

/** One more block, with a body too large for an answer of several; null where there is no room for one. */
function fattened({ id, cluster }: Liar, answer: FetchAnswer): FetchAnswer | null {
  const last = answer.blocks.at(-1);
  if (last === undefined || answer.blocks.length >= limits.fetchBlocks) return null;
  const { view, height } = last.header;
  const justify = { view, block: last.hash, signatures: [] };
  const place = { view: asView(view + 1), height: asHeight(height + 1), parent: last.hash, justify, proposer: id };
  const fat = makeBlock(cluster.clusterId, place, new Uint8Array(limits.fetchBytes + 1));
  return { ...answer, blocks: [...answer.blocks, fat] };
}
