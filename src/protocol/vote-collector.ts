/**
 * Gathers votes into quorum certificates. Bounded by author and view: of each replica at most one vote in each of
 * `window` views is kept, the first that came; nothing of a peer's choosing makes it grow beyond. One that nobody needs is
 * kept without a look at its signature, only to be told from another.
 */
import { invariant } from '../errors.js';
import { asView, type BlockHash, type ReplicaId, type View } from './numbers.js';
import { quorumSize } from './quorum.js';
import type { QuorumCertificate, SignerSignature, Vote } from './types.js';

/** For how large a cluster votes are gathered, and for how many views. */
export interface VoteCollectorOptions {
  /** n, the number of replicas. */
  readonly replicas: number;
  /** How many views, from the one last given to `advance`, votes are kept for. */
  readonly window: number;
}

/**
 * `duplicate`: of this signer for this block in this view one is held · `conflicting`: one for another block is held,
 * see `conflictOf`, looked at or not · `excluded`: the signer sent a bad signature, or conflicting votes, for this view.
 */
export type VoteScreening = 'new' | 'duplicate' | 'conflicting' | 'outsideWindow' | 'excluded' | 'notAMember';

interface ViewVotes {
  readonly bySigner: Map<ReplicaId, Vote>;
  /** Of signers who have none in `bySigner`. */
  readonly unverified: Map<ReplicaId, Vote>;
  readonly excluded: Set<ReplicaId>;
}

/** The first vote of each replica in each view of the window, and the certificates that they make. */
export class VoteCollector {
  readonly #views = new Map<View, ViewVotes>();
  readonly #replicas: number;
  readonly #window: number;
  #lowest = asView(0);
  #size = 0;

  constructor({ replicas, window }: VoteCollectorOptions) {
    this.#replicas = replicas;
    this.#window = window;
  }

  /** How many votes are held: never more than replicas · window. */
  get size(): number {
    return this.#size;
  }

  /** Says, before anybody verifies it, whether a vote is worth verifying. Changes nothing. */
  screen(vote: Vote): VoteScreening {
    if (!Number.isInteger(vote.signer) || vote.signer < 0 || vote.signer >= this.#replicas) return 'notAMember';
    if (!this.#inWindow(vote.view)) return 'outsideWindow';
    const votes = this.#views.get(vote.view);
    if (votes === undefined) return 'new';
    const earlier = votes.bySigner.get(vote.signer);
    if (earlier?.block === vote.block) return 'duplicate';
    if (votes.excluded.has(vote.signer)) return 'excluded';
    const first = earlier ?? votes.unverified.get(vote.signer);
    return first === undefined || first.block === vote.block ? 'new' : 'conflicting';
  }

  /** Keeps a verified vote that screens as new. */
  add(vote: Vote): void {
    invariant(this.screen(vote) === 'new', 'only a vote that screens as new is added');
    const { bySigner, unverified } = this.#votesOf(vote.view);
    bySigner.set(vote.signer, vote);
    if (!unverified.delete(vote.signer)) this.#size += 1;
  }

  /** Keeps a vote that screens as new and that nobody has verified: it counts for nothing, but a later one may conflict. */
  setAside(vote: Vote): void {
    invariant(this.screen(vote) === 'new', 'only a vote that screens as new is set aside');
    const { unverified } = this.#votesOf(vote.view);
    if (unverified.has(vote.signer)) return;
    unverified.set(vote.signer, vote);
    this.#size += 1;
  }

  /** Returns the signatures for `block` in `view`, in ascending order of signer. */
  votesFor(view: View, block: BlockHash): readonly SignerSignature[] {
    const signatures: SignerSignature[] = [];
    for (const { signer, signature, block: voted } of this.#views.get(view)?.bySigner.values() ?? []) {
      if (voted === block) signatures.push({ signer, signature });
    }
    return signatures.sort((a, b) => a.signer - b.signer);
  }

  /**
   * Returns the certificate for `block` in `view`, null without a quorum. It holds every vote that is here by now.
   * Source: HotStuff, arXiv:1803.05069, Alg. 4 onReceiveVote.
   */
  certificate(view: View, block: BlockHash): QuorumCertificate | null {
    const signatures = this.votesFor(view, block);
    return signatures.length < quorumSize(this.#replicas) ? null : { view, block, signatures };
  }

  /**
   * Returns `qc` with every other vote for its block that is here, and `qc` itself where there is none: a leader puts all
   * of them into what it proposes on, so that the schedule by reputation sees who signs.
   */
  strengthened(qc: QuorumCertificate): QuorumCertificate {
    const signers = new Set(qc.signatures.map(({ signer }) => signer));
    const further = this.votesFor(qc.view, qc.block).filter(({ signer }) => !signers.has(signer));
    if (further.length === 0) return qc;
    return { ...qc, signatures: [...qc.signatures, ...further].sort((a, b) => a.signer - b.signer) };
  }

  /**
   * Refuses further votes of `signer` for `view`, whatever they say: it sent a bad signature or two votes, and each costs
   * a verification. What it has voted before still counts. Only for a vote that came from its signer itself, so that
   * nobody can have another replica excluded.
   */
  exclude(signer: ReplicaId, view: View): void {
    if (this.#inWindow(view)) this.#votesOf(view).excluded.add(signer);
  }

  /** Returns the vote that is held of the same signer and view for another block: once both are verified, evidence. */
  conflictOf(vote: Vote): Vote | null {
    const votes = this.#views.get(vote.view);
    const earlier = votes?.bySigner.get(vote.signer) ?? votes?.unverified.get(vote.signer);
    return earlier === undefined || earlier.block === vote.block ? null : earlier;
  }

  /** Forgets everything below `view`, from which the window now counts. It never goes back. */
  advance(view: View): void {
    if (view <= this.#lowest) return;
    this.#lowest = view;
    for (const [past, votes] of this.#views) {
      if (past >= view) continue;
      this.#size -= votes.bySigner.size + votes.unverified.size;
      this.#views.delete(past);
    }
  }

  #inWindow(view: View): boolean {
    return view >= this.#lowest && view < this.#lowest + this.#window;
  }

  #votesOf(view: View): ViewVotes {
    let votes = this.#views.get(view);
    if (votes === undefined) {
      votes = { bySigner: new Map(), unverified: new Map(), excluded: new Set() };
      this.#views.set(view, votes);
    }
    return votes;
  }
}
