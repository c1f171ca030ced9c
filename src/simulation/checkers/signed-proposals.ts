/**
 * S5: a correct replica votes for what the proposer of the block has signed, and not for what somebody says that it has
 * proposed. Verifies the signatures itself.
 */
import { equalBytes } from '../../crypto/hash.js';
import type { BlockHash, ReplicaId } from '../../protocol/numbers.js';
import type { Proposal } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { Accuse } from '../violation.js';

interface SignedProposalsOptions {
  /** Whether the signature is that of the block's proposer, over its view and hash. */
  readonly isProposal: (proposal: Proposal) => boolean;
  readonly accuse: Accuse;
}

/** What is known of one block. */
interface Proposed {
  readonly proposer: ReplicaId;
  /** That of its proposer, once one has been found good. */
  signature: Uint8Array | null;
  /** Who has been sent a proposal of it that is signed. */
  readonly offeredTo: Set<number>;
}

/**
 * Judges each proposal once, and each vote of a correct replica by what it has been sent before: the proposal may have been
 * lost on its way, so that no vote is accused wrongly. Who votes for its own block needs no message; and of a block that
 * nobody has sent, it may be the proposer.
 */
export class SignedProposalsChecker {
  readonly #options: SignedProposalsOptions;
  readonly #blocks = new Map<BlockHash, Proposed>();
  /** The message that was judged last, sent to one after the other, and whether it is signed. */
  #last: { readonly message: PeerMessage; readonly signed: boolean } | null = null;

  constructor(options: SignedProposalsOptions) {
    this.#options = options;
  }

  /** Anybody, liars too, sends a proposal to somebody. */
  proposed(to: number, message: PeerMessage & { readonly type: 'proposal' }): void {
    const { block } = message.proposal;
    let known = this.#blocks.get(block.hash);
    if (known === undefined) {
      known = { proposer: block.header.proposer, signature: null, offeredTo: new Set() };
      this.#blocks.set(block.hash, known);
    }
    if (this.#last?.message !== message) this.#last = { message, signed: this.#isSigned(known, message.proposal) };
    if (this.#last.signed) known.offeredTo.add(to);
  }

  /** A correct replica sends a vote of its own for this block. */
  voted(replica: number, block: BlockHash): void {
    const known = this.#blocks.get(block);
    if (known === undefined || known.proposer === replica || known.offeredTo.has(replica)) return;
    const who = `replica ${replica} voted for block ${block} of replica ${known.proposer}`;
    this.#options.accuse('S5', `${who}, and was sent no proposal of it that is signed`);
  }

  #isSigned(known: Proposed, proposal: Proposal): boolean {
    if (known.signature !== null && equalBytes(known.signature, proposal.signature)) return true;
    if (!this.#options.isProposal(proposal)) return false;
    known.signature = proposal.signature;
    return true;
  }
}
