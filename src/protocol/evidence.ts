/**
 * Proof that a replica signed two different things in one view. Plain data: with the cluster's public keys anybody can
 * check it. Timeouts are no evidence, since one that is sent again may name a newer QC.
 */
import type { BlockHash, ReplicaId, View } from './numbers.js';
import type { BlockHeader, Proposal, Vote } from './types.js';

/** A signed proposal without the body, which is not among the signed bytes (its hash is in the header). */
export interface SignedHeader {
  readonly hash: BlockHash;
  readonly header: BlockHeader;
  readonly signature: Uint8Array;
}

/** Two votes, or two proposals, of one replica for one view and different blocks, in the order in which they came. */
export type Equivocation =
  | {
      readonly kind: 'votes';
      readonly replica: ReplicaId;
      readonly view: View;
      readonly messages: readonly [Vote, Vote];
    }
  | {
      readonly kind: 'proposals';
      readonly replica: ReplicaId;
      readonly view: View;
      readonly messages: readonly [SignedHeader, SignedHeader];
    };

/** Returns what two verified votes prove, or null when they prove nothing. */
export function votesEquivocate(first: Vote, second: Vote): Equivocation | null {
  const sameSeat = first.signer === second.signer && first.view === second.view;
  if (!sameSeat || first.block === second.block) return null;
  return { kind: 'votes', replica: first.signer, view: first.view, messages: [first, second] };
}

/** Returns what two verified proposals prove, or null when they prove nothing. */
export function proposalsEquivocate(first: SignedHeader, second: SignedHeader): Equivocation | null {
  const { proposer, view } = first.header;
  const sameSeat = second.header.proposer === proposer && second.header.view === view;
  if (!sameSeat || first.hash === second.hash) return null;
  return { kind: 'proposals', replica: proposer, view, messages: [first, second] };
}

/** Returns the part of a proposal that its signature covers. */
export function signedHeaderOf({ block, signature }: Proposal): SignedHeader {
  return { hash: block.hash, header: block.header, signature };
}

/** How many proofs of equivocation are kept. */
export interface EvidenceStoreOptions {
  /** n, the number of replicas. */
  readonly replicas: number;
  /** How many proofs are kept against each replica; those that come later are counted only. */
  readonly proofsPerReplica: number;
  /** Those of an earlier life; they count like any other. */
  readonly kept?: readonly Equivocation[];
}

/** Keeps the first proofs against each replica and counts the rest, one a kind and view. */
export class EvidenceStore {
  readonly #proofs: Equivocation[][];
  readonly #counts: Record<Equivocation['kind'], number>[];
  readonly #proofsPerReplica: number;

  constructor({ replicas, proofsPerReplica, kept = [] }: EvidenceStoreOptions) {
    this.#proofs = Array.from({ length: replicas }, () => []);
    this.#counts = Array.from({ length: replicas }, () => ({ votes: 0, proposals: 0 }));
    this.#proofsPerReplica = proofsPerReplica;
    for (const proof of kept) this.record(proof);
  }

  /** Takes in a proof. `known`: one of this kind, replica and view is kept · `full`: counted, not kept. */
  record(proof: Equivocation): 'recorded' | 'known' | 'full' | 'notAMember' {
    const proofs = this.#proofs[proof.replica];
    const counts = this.#counts[proof.replica];
    if (proofs === undefined || counts === undefined) return 'notAMember';
    if (proofs.some(({ kind, view }) => kind === proof.kind && view === proof.view)) return 'known';
    counts[proof.kind] += 1;
    if (proofs.length >= this.#proofsPerReplica) return 'full';
    proofs.push(proof);
    return 'recorded';
  }

  /** Returns how many proofs of a kind against `replica` have come, kept or not. */
  countOf(replica: ReplicaId, kind: Equivocation['kind']): number {
    return this.#counts[replica]?.[kind] ?? 0;
  }

  /** Returns how many proofs of each kind have come, kept or not. */
  counts(): Readonly<Record<Equivocation['kind'], number>> {
    const total = { votes: 0, proposals: 0 };
    for (const { votes, proposals } of this.#counts) {
      total.votes += votes;
      total.proposals += proposals;
    }
    return total;
  }

  /** How many proofs are kept against the replica that most are kept against. */
  get mostKept(): number {
    return this.#proofs.reduce((most, { length }) => Math.max(most, length), 0);
  }

  /** Returns every proof kept, by replica in ascending order and then in the order in which they came. */
  all(): readonly Equivocation[] {
    return this.#proofs.flat();
  }
}
