/** Chains of blocks for tests of storage and sync: certificates in them bear a recognisable signature, or none. */
import { asHeight, asReplicaId, asView, type BlockHash } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import { genesisBlock, makeBlock } from '../../src/wire/block.js';

export const CLUSTER_ID = 'ab'.repeat(32);
export const GENESIS = genesisBlock(CLUSTER_ID);

/** A certificate that {@link verifies} accepts. */
export function certify(block: Block): QuorumCertificate {
  const signature = new Uint8Array(64).fill(7);
  const signatures = [0, 1, 2].map((signer) => ({ signer: asReplicaId(signer), signature }));
  return { view: block.header.view, block: block.hash, signatures: block.header.height === 0 ? [] : signatures };
}

/** A certificate for anything that {@link verifies} refuses. */
export function forge(block: Block): QuorumCertificate {
  return { view: block.header.view, block: block.hash, signatures: [] };
}

export const verifies = (qc: QuorumCertificate): boolean =>
  qc.block === GENESIS.hash ||
  (qc.signatures.length === 3 && qc.signatures.every(({ signature }) => signature[0] === 7));

export interface ChildOptions {
  readonly view?: number;
  readonly body?: Uint8Array;
  readonly height?: number;
  readonly parent?: BlockHash;
}

export function childOf(parent: Block, options: ChildOptions = {}): Block {
  const { view = parent.header.view + 1, height = parent.header.height + 1 } = options;
  const header = {
    height: asHeight(height),
    view: asView(view),
    parent: options.parent ?? parent.hash,
    justify: certify(parent),
    proposer: asReplicaId(view % 4),
  };
  return makeBlock(CLUSTER_ID, header, options.body ?? new TextEncoder().encode(`block of view ${view}`));
}

/** `length` blocks above `from`, oldest first; `bodyBytes` long where given. */
export function chainOf(length: number, from: Block = GENESIS, bodyBytes?: number): readonly Block[] {
  const blocks: Block[] = [];
  let parent = from;
  for (let index = 0; index < length; index++) {
    parent = childOf(parent, bodyBytes === undefined ? {} : { body: new Uint8Array(bodyBytes).fill(index) });
    blocks.push(parent);
  }
  return blocks;
}

export function recordOf(number: number, bound: number, highQcOf: Block = GENESIS): SafetyRecord {
  return { number, bound: asView(bound), highQc: certify(highQcOf), entry: null };
}

/** The block at `index` of a chain, counted from its end where negative. */
export function at(blocks: readonly Block[], index: number): Block {
  const block = blocks.at(index);
  if (block === undefined) throw new Error(`the chain has no block ${index}`);
  return block;
}
