import type { BlockHash, Height } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import type { FetchAnswer } from '../../src/wire/peer-messages.js';

/** What is wrong with an answer. */
export type AnswerRefusal =
  /** More blocks than were asked for, or more bytes. */
  | 'tooLong'
  /** The first block does not extend the one that was named. */
  | 'unlinked'
  /** A later block does not extend the one before it. */
  | 'gap'
  /** No certificate for the last block, or one of another block. */
  | 'uncertified'
  /** The certificate does not verify. */
  | 'falseCertificate';

interface Asked {
  /** The block to build on: held, or certified. */
  readonly above: { readonly height: Height; readonly hash: BlockHash };
  /** A verified certificate of the block that is looked for. */
  readonly target: QuorumCertificate;
  readonly maxBlocks: number;
  readonly maxBytes: number;
}

type AnswerVerdict =
  /** The certificate is verified. Through the hashes it vouches for every block of the answer. */
  | { readonly ok: true; readonly certificate: QuorumCertificate }
  | { readonly ok: false; readonly reason: AnswerRefusal };

/** Judges an answer with at least one block; the hashes in it were computed where it was decoded. */
export function judgeAnswer(
  { above, target, maxBlocks, maxBytes }: Asked,
  { blocks, certificate }: FetchAnswer,
  verifyCertificate: (qc: QuorumCertificate) => boolean,
): AnswerVerdict {
  const last = blocks.at(-1) as Block;
  if (blocks.length > maxBlocks || (blocks.length > 1 && bodyBytes(blocks) > maxBytes)) return wrong('tooLong');
  let before = above;
  for (const [index, block] of blocks.entries()) {
    if (!follows(block, before)) return wrong(index === 0 ? 'unlinked' : 'gap');
    before = { height: block.header.height, hash: block.hash };
  }
  if (last.hash === target.block) return { ok: true, certificate: target };
  if (certificate?.block !== last.hash || certificate.view !== last.header.view) return wrong('uncertified');
  return verifyCertificate(certificate) ? { ok: true, certificate } : wrong('falseCertificate');
}

function follows({ header }: Block, before: Asked['above']): boolean {
  return header.height === before.height + 1 && header.parent === before.hash && header.justify.block === before.hash;
}

/** Returns how many bytes the bodies of `blocks` have together. */
export function bodyBytes(blocks: readonly Block[]): number {
  return blocks.reduce((bytes, block) => bytes + block.body.length, 0);
}

function wrong(reason: AnswerRefusal): AnswerVerdict {
  return { ok: false, reason };
}
