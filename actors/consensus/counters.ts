/** What the consensus actor counts, for metrics and tests. */
import type { Equivocation } from '../../src/protocol/evidence.js';
import type { ConsensusContext } from './context.js';
import type { Refusal } from './peer-refusals.js';
import { type ConsensusTally, newTally } from './tally.js';

/** What consensus has counted since the replica started, and what it holds at this moment. */
export interface ConsensusCounters extends Readonly<ConsensusTally> {
  /** How often a message of a peer was not acted on, by its literal reason; what never happened is left out. */
  readonly refusals: Readonly<Partial<Record<Refusal, number>>>;
  /** Proofs of misbehaviour that have come, kept or not, by kind. */
  readonly evidence: Readonly<Record<Equivocation['kind'], number>>;
  /** What is held at this moment of what peers can cause; `limits` bounds each. */
  readonly held: {
    /** Uncommitted blocks, of which no bound but that of the tips says how many; and the most of them in this life. */
    readonly treeBlocks: number;
    readonly treeBlocksMost: number;
    /** Those on which no other stands. */
    readonly treeTips: number;
    readonly treeBodyBytes: number;
    readonly pendingProposals: number;
    readonly pendingBodyBytes: number;
    readonly seenProposals: number;
    /** Messages whose certificates the pool looks at or that wait behind one, and the bytes of their bodies. */
    readonly offloadedMessages: number;
    readonly offloadedBodyBytes: number;
    readonly votes: number;
    readonly timeouts: number;
    /** Signed messages that wait for the disk. */
    readonly outbox: number;
    /** Proofs of misbehaviour that are kept against the replica that most are kept against. */
    readonly proofs: number;
    /** Certificates that were verified, and blocks whose votes were, that are remembered. */
    readonly verifiedCertificates: number;
    readonly verifiedVoteBlocks: number;
  };
}

/** Returns the counters at this moment; all zero where `context` is null, before storage has told what it held. */
export function countersOf(context: ConsensusContext | null): ConsensusCounters {
  const remembered = context?.settings.verifier.remembered();
  const { viewsEntered, signed, committed } = context?.tally ?? newTally();
  return {
    viewsEntered: { ...viewsEntered },
    signed: { ...signed },
    committed: { ...committed },
    refusals: context?.refusals.totals() ?? {},
    evidence: context?.evidence.counts() ?? { votes: 0, proposals: 0 },
    held: {
      treeBlocks: context?.tree.size ?? 0,
      treeBlocksMost: context?.tree.sizeMost ?? 0,
      treeTips: context?.tree.tips ?? 0,
      treeBodyBytes: context?.tree.bodyBytes ?? 0,
      pendingProposals: context?.pending.size ?? 0,
      pendingBodyBytes: context?.pending.bodyBytes ?? 0,
      seenProposals: context?.seen.size ?? 0,
      offloadedMessages: context?.checks.size ?? 0,
      offloadedBodyBytes: context?.checks.bodyBytes ?? 0,
      votes: context?.votes.size ?? 0,
      timeouts: context?.timeouts.all().length ?? 0,
      outbox: context?.durability.heldCount ?? 0,
      proofs: context?.evidence.mostKept ?? 0,
      verifiedCertificates: remembered?.certificates ?? 0,
      verifiedVoteBlocks: remembered?.voteBlocks ?? 0,
    },
  };
}
