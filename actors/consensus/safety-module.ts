/**
 * The one signer (DESIGN section 4). Nobody else holds the key, and nothing is signed but what the safety rules allow;
 * each signed message is returned with what must be durable before it may leave.
 */
import type { Signer } from '../../src/crypto/signing.js';
import type { BlockHash, ReplicaId, Tenure, View } from '../../src/protocol/numbers.js';
import type { CommitRule, Lock, ProposalFacts } from '../../src/protocol/rules/rule.js';
import {
  castVote,
  proposalRefusal,
  raiseHighQc,
  raiseLock,
  recordProposal,
  recordTimeout,
  type SafetyState,
  tenureToGiveUp,
  type VoteRefusal,
  voteRefusal,
} from '../../src/protocol/safety.js';
import { lastViewOf } from '../../src/protocol/tenure.js';
import type {
  Block,
  Proposal,
  QuorumCertificate,
  Timeout,
  TimeoutCertificate,
  Vote,
} from '../../src/protocol/types.js';
import type { SigningBytes } from '../../src/wire/signing-bytes.js';
import { type Needs, needsBound } from './durability.js';

/** A message that this replica has signed. A vote goes to who gathers those of its view, the others go to all. */
export type SignedMessage =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'timeout'; readonly timeout: Timeout };

/** A signed message that waits for `needs`. Kept, so that the same view always gets the same message. */
export interface Signed<Kind extends SignedMessage['kind']> {
  readonly view: View;
  readonly needs: Needs;
  readonly message: Extract<SignedMessage, { kind: Kind }>;
}

interface SafetyModuleOptions {
  readonly id: ReplicaId;
  readonly tenureLength: number;
  readonly rule: CommitRule;
  readonly signer: Signer;
  readonly signingBytes: SigningBytes;
}

/** Signs proposals, votes and Timeouts, each only where {@link SafetyState} allows it. */
export class SafetyModule {
  readonly #options: SafetyModuleOptions;
  #state: SafetyState;
  #lastVote: Signed<'vote'> | null = null;
  #lastProposal: Signed<'proposal'> | null = null;

  constructor(options: SafetyModuleOptions, recovered: SafetyState) {
    this.#options = options;
    this.#state = recovered;
  }

  /** As of now; what of it is durable, `durability.ts` knows. */
  get state(): SafetyState {
    return this.#state;
  }

  /** The last vote of this life, to be sent again. */
  get lastVote(): Signed<'vote'> | null {
    return this.#lastVote;
  }

  /** The last proposal of this life, to be sent again. */
  get lastProposal(): Signed<'proposal'> | null {
    return this.#lastProposal;
  }

  /** The highest view in which this replica has signed, or may have signed in an earlier life. */
  get signedView(): View {
    const { votedView, proposedView, timedOutTenure } = this.#state;
    const givenUp = timedOutTenure < 0 ? votedView : lastViewOf(timedOutTenure, this.#options.tenureLength);
    return Math.max(votedView, proposedView, givenUp) as View;
  }

  /** Takes a verified certificate; one that is no higher changes nothing. */
  raiseHighQc(qc: QuorumCertificate): void {
    this.#state = raiseHighQc(this.#state, qc);
  }

  /**
   * Locks; a lock of no higher view changes nothing.
   * @throws InvariantViolation for one above the high QC, which is raised first: a restart locks on that alone.
   */
  raiseLock(lock: Lock): void {
    this.#state = raiseLock(this.#state, lock);
  }

  /** Why it must not vote for the proposal, or null when it may; the leader, certificates and ancestors are looked at before. */
  voteRefusal(proposal: ProposalFacts): VoteRefusal | null {
    return voteRefusal(this.#state, this.#options.rule, proposal, this.#options.tenureLength);
  }

  /** Votes for a block that {@link voteRefusal} does not refuse. @throws InvariantViolation for another. */
  vote(block: BlockHash, proposal: ProposalFacts): Signed<'vote'> {
    const { id, rule, signer, signingBytes, tenureLength } = this.#options;
    const { view } = proposal;
    this.#state = castVote(this.#state, rule, proposal, tenureLength);
    const vote = { signer: id, view, block, signature: signer.sign(signingBytes.vote(view, block)) };
    const needs = {
      bound: view,
      highQcView: rule.durableHighQcView(proposal, this.#state.lock),
      block: rule.voteNeedsBody ? block : null,
    };
    this.#lastVote = { view, needs, message: { kind: 'vote', vote } };
    return this.#lastVote;
  }

  /** Whether `view` is above all that was proposed, and above the bound of an earlier life, in a tenure that was not given up. */
  mayPropose(view: View): boolean {
    return proposalRefusal(this.#state, view, this.#options.tenureLength) === null;
  }

  /** Signs the one proposal of its view, where {@link mayPropose} allows it. @throws InvariantViolation where it does not. */
  propose(block: Block, tc: TimeoutCertificate | null): Signed<'proposal'> {
    const { signer, signingBytes, tenureLength } = this.#options;
    const { view } = block.header;
    this.#state = recordProposal(this.#state, view, tenureLength);
    const signature = signer.sign(signingBytes.proposal(view, block.hash));
    this.#lastProposal = {
      view,
      needs: needsBound(view),
      message: { kind: 'proposal', proposal: { block, signature, tc } },
    };
    return this.#lastProposal;
  }

  /** Whether a Timeout was signed for `tenure` or a later one. */
  gaveUp(tenure: Tenure): boolean {
    return this.#state.timedOutTenure >= tenure;
  }

  /** Gives up `current` and signs a Timeout, which names the high QC of this moment. */
  giveUp(current: Tenure): Signed<'timeout'> {
    const { id, signer, signingBytes, tenureLength } = this.#options;
    const tenure = tenureToGiveUp(this.#state, current, tenureLength);
    this.#state = recordTimeout(this.#state, tenure, tenureLength);
    const { highQc } = this.#state;
    const signature = signer.sign(signingBytes.timeout(tenure, highQc.view));
    const timeout = { signer: id, tenure, highQcView: highQc.view, signature, highQc };
    const view = lastViewOf(tenure, tenureLength);
    return { view, needs: needsBound(view), message: { kind: 'timeout', timeout } };
  }
}
