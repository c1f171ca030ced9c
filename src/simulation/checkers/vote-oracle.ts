/**
 * Watches what each replica signs, over all its lives, and tells what no correct replica would have signed. Written from
 * DESIGN section 4 alone; with the code that it judges it shares types and nothing else.
 *
 * It sees messages, not the replica's state, and never accuses a correct replica. Its lock is a lower bound: of the
 * certificates that a replica was sent only those count that it must have processed, which are those below a block that it
 * voted for. Messages may leave in another order than they were signed in: something was signed after a Timeout for certain
 * when its block came only after that, when it stands on a QC above the one named there, or when a restart lies between.
 */
import type { BlockHash, ReplicaId, View } from '../../protocol/numbers.js';
import type { Block, Proposal, Timeout, Vote } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import { type LedBlock, type LedCluster, mayHaveLed } from './leader-oracle.js';

/** What an oracle is told, in the order in which it happened. */
export type ObservedEvent =
  | {
      readonly replica: ReplicaId;
      readonly kind: 'received' | 'sent';
      readonly message: PeerMessage;
      readonly at: number;
    }
  /** The replica begins another life. */
  | { readonly replica: ReplicaId; readonly kind: 'restarted'; readonly at: number };

/** What the replicas of a cluster have agreed on. */
export interface OracleCluster extends LedCluster {
  readonly rule: 'three-chain' | 'two-chain';
}

/**
 * `S4`: two votes or two proposals for one view, or a vote below one that was signed before · `S5`: a vote against the voting
 * rule · `S7`: a vote or proposal in a tenure that was given up or signed up to in an earlier life, or a Timeout that names a
 * QC below what it must.
 */
export interface OracleViolation {
  readonly invariant: 'S4' | 'S5' | 'S7';
  readonly replica: ReplicaId;
  readonly view: View;
  readonly detail: string;
}

/** A certificate, as far as rules compare it. */
interface Certified {
  readonly view: number;
  readonly block: BlockHash | null;
}

interface KnownBlock extends LedBlock {
  readonly height: number;
  readonly justify: Certified;
}

const NOTHING: Certified = { view: 0, block: null };

/** What one replica was offered and has signed. */
class Watched {
  /** Nothing up to it may be signed in this life. */
  floor = -1;
  signedUpTo = -1;
  /** By block: when it was first offered, and the lowest high QC of a TC that entered its view with it. */
  readonly offers = new Map<BlockHash, { readonly order: number; enteredAbove: number }>();
  /** In ascending order of view. `lock` is that of this vote and all below, null until it is judged. */
  readonly votes: { readonly vote: Vote; readonly order: number; lock: Certified | null }[] = [];
  /** Blocks of votes that are not judged. */
  readonly unjudged = new Set<BlockHash>();
  readonly proposals = new Map<number, BlockHash>();
  /** Of this life: Timeouts, and by tenure the highest QC that something signed in it stands on. */
  timeouts: { readonly tenure: number; readonly highQcView: number; readonly order: number }[] = [];
  stoodOn = new Map<number, number>();
}

type Judgement = readonly [invariant: OracleViolation['invariant'], detail: string];

/** An independent judge of votes, proposals and Timeouts. It keeps every block it hears of: for simulated runs. */
export class VoteOracle {
  readonly #cluster: OracleCluster;
  readonly #blocks = new Map<BlockHash, KnownBlock>();
  readonly #replicas = new Map<ReplicaId, Watched>();
  #order = 0;

  constructor(cluster: OracleCluster) {
    this.#cluster = cluster;
  }

  /** Takes in what happened; returns what it proves that the replica did wrong. */
  observe(event: ObservedEvent): readonly OracleViolation[] {
    this.#order += 1;
    const watched = this.#replicas.get(event.replica) ?? new Watched();
    this.#replicas.set(event.replica, watched);
    if (event.kind === 'sent') return this.#send(event.replica, watched, event.message);
    if (event.kind === 'received') return this.#receive(event.replica, watched, event.message);
    this.#restart(watched);
    return [];
  }

  #restart(watched: Watched): void {
    watched.floor = watched.signedUpTo;
    watched.timeouts = [];
    watched.stoodOn = new Map();
  }

  #receive(replica: ReplicaId, watched: Watched, message: PeerMessage): readonly OracleViolation[] {
    if (message.type === 'fetchAnswer') for (const block of message.answer.blocks) this.#know(block);
    if (message.type !== 'proposal') return [];
    const { hash, header } = message.proposal.block;
    this.#offer(watched, message.proposal, this.#order);
    return told(replica, header.view, header.proposer === replica ? [] : this.#judgeWaiting(watched, hash));
  }

  #send(replica: ReplicaId, watched: Watched, message: PeerMessage): readonly OracleViolation[] {
    if (message.type === 'vote' && message.vote.signer === replica)
      return told(replica, message.vote.view, this.#vote(watched, message.vote));
    if (message.type === 'timeout' && message.timeout.signer === replica)
      return told(replica, this.#lastView(message.timeout.tenure), this.#timeout(watched, message.timeout));
    if (message.type === 'proposal' && message.proposal.block.header.proposer === replica)
      return told(replica, message.proposal.block.header.view, this.#propose(watched, message.proposal));
    return [];
  }

  #know({ hash, header: { height, view, parent, proposer, justify } }: Block): void {
    const signers = justify.signatures.map(({ signer }) => signer);
    const known = { height, view, parent, proposer, signers, justify: { view: justify.view, block: justify.block } };
    this.#blocks.set(hash, known);
  }

  #offer(watched: Watched, { block, tc }: Proposal, order: number): void {
    this.#know(block);
    const offer = watched.offers.get(block.hash) ?? { order, enteredAbove: Number.POSITIVE_INFINITY };
    const enters = tc !== null && (tc.tenure + 1) * this.#cluster.tenureLength === block.header.view;
    if (enters) offer.enteredAbove = Math.min(offer.enteredAbove, tc.highQc.view);
    watched.offers.set(block.hash, offer);
  }

  #vote(watched: Watched, vote: Vote): readonly Judgement[] {
    const { votes } = watched;
    const at = votes.findLastIndex((other) => other.vote.view <= vote.view);
    const last = votes[at];
    if (last?.vote.view === vote.view) {
      return last.vote.block === vote.block ? [] : [['S4', `voted for ${last.vote.block} and for ${vote.block}`]];
    }
    votes.splice(at + 1, 0, { vote, order: this.#order, lock: null });
    watched.unjudged.add(vote.block);
    const again: readonly Judgement[] = vote.view <= watched.floor ? [['S7', signedBefore(watched)]] : [];
    watched.signedUpTo = Math.max(watched.signedUpTo, vote.view);
    return [...again, ...this.#judge(watched, at + 1)];
  }

  #judgeWaiting(watched: Watched, block: BlockHash): readonly Judgement[] {
    if (!watched.unjudged.has(block)) return [];
    const index = watched.votes.findLastIndex(({ vote, lock }) => vote.block === block && lock === null);
    return this.#judge(watched, index);
  }

  /** Judges the vote at `index`, unless its block is not known yet: the own proposal may come behind the vote for it. */
  #judge(watched: Watched, index: number): readonly Judgement[] {
    const { votes } = watched;
    const signed = votes[index];
    const block = signed && this.#blocks.get(signed.vote.block);
    const offer = signed && watched.offers.get(signed.vote.block);
    if (signed === undefined || block === undefined || offer === undefined) return [];
    const below = votes[index - 1]?.lock ?? NOTHING;
    const judgements: Judgement[] = [];
    for (const detail of this.#ruleBroken(signed.vote, block, { ...offer, lock: below }))
      judgements.push(['S5', detail]);
    if (offer.order > signed.order) judgements.push(['S5', 'voted for a block before anybody sent it']);
    const later = votes.slice(index + 1).find(({ order }) => order < offer.order);
    if (later) judgements.push(['S4', `its block came after the vote for view ${later.vote.view} had left`]);
    for (const { tenure, highQcView, order } of watched.timeouts) {
      if (tenure < this.#tenureOf(block.view)) continue;
      if (order > offer.order && highQcView >= block.justify.view) continue;
      judgements.push(['S7', `signed after the Timeout for tenure ${tenure}`]);
    }
    this.#standOn(watched, block);
    const lock = this.#lockOf(block);
    signed.lock = lock.view > below.view ? lock : below;
    watched.unjudged.delete(signed.vote.block);
    for (const vote of votes.slice(index + 1))
      if (vote.lock && vote.lock.view < signed.lock.view) vote.lock = signed.lock;
    return judgements;
  }

  /** The voting rule. That a block extends the lock shows in its justify: below the locked block it could not be. */
  #ruleBroken(vote: Vote, block: KnownBlock, given: { enteredAbove: number; lock: Certified }): readonly string[] {
    const { rule } = this.#cluster;
    const { justify, parent, view } = block;
    const under = this.#blocks.get(parent);
    const follows = view === justify.view + 1;
    const entered = given.enteredAbove < Number.POSITIVE_INFINITY;
    const unlocked = justify.view > given.lock.view || justify.block === given.lock.block || given.lock === NOTHING;
    const broken: string[] = [];
    if (vote.view !== view) broken.push(`the block is of view ${view}`);
    if (parent !== justify.block) broken.push('the block does not extend what its justify certifies');
    if (under !== undefined && block.height !== under.height + 1) broken.push('the height is not one above the parent');
    if (!mayHaveLed(block, this.#cluster, this.#blocks))
      broken.push(`replica ${block.proposer} does not lead the view`);
    if (!follows && !entered) broken.push(`justify is of view ${justify.view}, and no TC enters view ${view}`);
    if (rule === 'two-chain' && !follows && entered && given.enteredAbove > justify.view)
      broken.push(`the TC names a QC of view ${given.enteredAbove}, above justify ${justify.view}`);
    if (rule === 'three-chain' && !unlocked)
      broken.push(`locked in view ${given.lock.view}, and justify is of view ${justify.view}`);
    return broken;
  }

  /** What a vote for `block` binds its voter to: three-chain the block that the parent's justify certifies, two-chain the parent. */
  #lockOf({ justify }: KnownBlock): Certified {
    if (this.#cluster.rule === 'two-chain') return justify;
    return (justify.block && this.#blocks.get(justify.block)?.justify) || NOTHING;
  }

  #propose(watched: Watched, proposal: Proposal): readonly Judgement[] {
    const { hash, header } = proposal.block;
    const first = watched.proposals.get(header.view);
    if (first === hash) return [];
    this.#offer(watched, proposal, 0);
    if (first !== undefined) return [['S4', `proposed ${first} and ${hash}`]];
    watched.proposals.set(header.view, hash);
    const judgements: Judgement[] = header.view <= watched.floor ? [['S7', signedBefore(watched)]] : [];
    watched.signedUpTo = Math.max(watched.signedUpTo, header.view);
    const given = watched.timeouts.find(({ tenure, highQcView }) => {
      return tenure >= this.#tenureOf(header.view) && highQcView < header.justify.view;
    });
    if (given) judgements.push(['S7', `proposed after the Timeout for tenure ${given.tenure}`]);
    this.#standOn(watched, { view: header.view, justify: header.justify });
    return [...judgements, ...this.#judgeWaiting(watched, hash)];
  }

  #timeout(watched: Watched, { tenure, highQcView }: Timeout): readonly Judgement[] {
    const last = watched.votes.findLast(({ vote, lock }) => lock && this.#tenureOf(vote.view) <= tenure);
    let least = last?.lock?.view ?? 0;
    for (const [signedIn, view] of watched.stoodOn) if (signedIn <= tenure) least = Math.max(least, view);
    watched.timeouts.push({ tenure, highQcView, order: this.#order });
    watched.signedUpTo = Math.max(watched.signedUpTo, this.#lastView(tenure));
    this.#raise(watched, tenure, highQcView);
    if (highQcView >= least) return [];
    return [
      ['S7', `the Timeout for tenure ${tenure} names a QC of view ${highQcView}, and must name ${least} or more`],
    ];
  }

  #standOn(watched: Watched, { view, justify }: Pick<KnownBlock, 'view' | 'justify'>): void {
    this.#raise(watched, this.#tenureOf(view), justify.view);
  }

  #raise({ stoodOn }: Watched, tenure: number, view: number): void {
    stoodOn.set(tenure, Math.max(stoodOn.get(tenure) ?? 0, view));
  }

  #tenureOf(view: number): number {
    return Math.floor(view / this.#cluster.tenureLength);
  }

  #lastView(tenure: number): View {
    return ((tenure + 1) * this.#cluster.tenureLength - 1) as View;
  }
}

function told(replica: ReplicaId, view: View, judgements: readonly Judgement[]): readonly OracleViolation[] {
  return judgements.map(([invariant, detail]) => ({ invariant, replica, view, detail }));
}

function signedBefore({ floor }: Watched): string {
  return `in an earlier life everything up to view ${floor} was signed`;
}
