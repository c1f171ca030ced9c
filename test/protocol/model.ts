/**
 * A small model of a cluster that uses nothing but the pure rules. The adversary owns the network, every leader and f
 * replicas: it proposes whatever certificates allow, shows it to whom it likes, forms each certificate as soon
 * as the signatures exist, and restarts correct replicas. Correct replicas do what their parts say. A mutant
 * replaces one part; the agreement property must then find a fork.
 */
import { entersView, highestQc, qcProblem, tcProblem } from '../../src/protocol/certificates.js';
import {
  asBlockHash,
  asHeight,
  asReplicaId,
  asTenure,
  asView,
  type BlockHash,
  type ReplicaId,
  type Tenure,
  type View,
} from '../../src/protocol/numbers.js';
import { faultBound, quorumSize } from '../../src/protocol/quorum.js';
import type { CommitRule, Lock, ProposalFacts } from '../../src/protocol/rules/rule.js';
import {
  castVote,
  proposalFacts,
  raiseHighQc,
  raiseLock,
  recordTimeout,
  recoverSafety,
  type SafetyState,
  timeoutRefusal,
  voteRefusal,
} from '../../src/protocol/safety.js';
import { lastViewOf, nextView, tenureOf } from '../../src/protocol/tenure.js';
import type {
  Block,
  BlockHeader,
  QuorumCertificate,
  SafetyRecord,
  TimeoutCertificate,
  TimeoutStatement,
} from '../../src/protocol/types.js';
import { GENESIS, genesisBlock, genesisQc, NO_BYTES, signedBy } from './builders.js';

/** What a correct replica consists of; each part can be replaced by a broken one. */
export interface Parts {
  readonly rule: CommitRule;
  readonly qcProblem: typeof qcProblem;
  readonly tcProblem: typeof tcProblem;
  /** The state after a vote, null when the vote is refused. */
  vote(safety: SafetyState, rule: CommitRule, facts: ProposalFacts, tenureLength: number): SafetyState | null;
  /** The state after a Timeout, null when it is refused. */
  giveUp(safety: SafetyState, tenure: Tenure, tenureLength: number): SafetyState | null;
  /** The state after a certificate and what it locks. */
  learn(safety: SafetyState, qc: QuorumCertificate, lock: Lock): SafetyState;
  recover(record: SafetyRecord, genesis: BlockHash): SafetyState;
  /** The bound that must be durable before a Timeout leaves. */
  timeoutBound(tenure: Tenure, tenureLength: number): View;
}

export function correctParts(rule: CommitRule): Parts {
  return {
    rule,
    qcProblem,
    tcProblem,
    vote: (safety, by, facts, length) =>
      voteRefusal(safety, by, facts, length) === null ? castVote(safety, by, facts, length) : null,
    giveUp: (safety, tenure, length) =>
      timeoutRefusal(safety, tenure, length) === null ? recordTimeout(safety, tenure, length) : null,
    learn: (safety, qc, lock) => raiseLock(raiseHighQc(safety, qc), lock),
    recover: recoverSafety,
    timeoutBound: lastViewOf,
  };
}

/** One step of the adversary. Small numbers are read modulo what there is to choose from. */
export interface Action {
  readonly kind: 'propose' | 'proposeAfterTc' | 'proposeAhead' | 'showAgain' | 'giveUp' | 'restart';
  /** Which certificate to build on, counted from the highest; or which block, counted from the newest. */
  readonly pick: number;
  /** Bit i: correct replica i is shown the proposal, or gives up, or restarts. */
  readonly reached: number;
  /** Bit i: correct replica i learns the certificate that the step completes. */
  readonly informed: number;
}

export interface Setup {
  readonly replicas: number;
  readonly tenureLength: number;
}

export interface Outcome {
  /** Two blocks, neither of which descends from the other, that certificates commit; null when there are none. */
  readonly fork: readonly [BlockHash, BlockHash] | null;
  /** How many blocks certificates commit directly, genesis not counted. */
  readonly committed: number;
}

interface Correct {
  readonly id: ReplicaId;
  safety: SafetyState;
  durable: SafetyRecord;
  /** Every certificate that this replica has seen in this life. */
  seen: QuorumCertificate[];
}

interface SignedTimeout extends TimeoutStatement {
  readonly highQc: QuorumCertificate;
}

export function runSchedule(parts: Parts, setup: Setup, actions: readonly Action[]): Outcome {
  const world = new World(parts, setup);
  for (const action of actions) {
    world.step(action);
    if (world.fork !== null) break;
  }
  return { fork: world.fork, committed: world.committed.length };
}

class World {
  fork: readonly [BlockHash, BlockHash] | null = null;
  readonly committed: BlockHash[] = [];
  readonly #parts: Parts;
  readonly #setup: Setup;
  readonly #blocks = new Map<BlockHash, Block>();
  /** The TC that came with a proposal. */
  readonly #tcs = new Map<BlockHash, TimeoutCertificate>();
  readonly #voters = new Map<BlockHash, Set<ReplicaId>>();
  readonly #certificates = new Map<BlockHash, QuorumCertificate>();
  readonly #timeouts: SignedTimeout[] = [];
  readonly #correct: readonly Correct[];
  readonly #faulty: readonly ReplicaId[];

  constructor(parts: Parts, setup: Setup) {
    this.#parts = parts;
    this.#setup = setup;
    const correct = setup.replicas - faultBound(setup.replicas);
    const durable = { number: 0, bound: asView(0), highQc: genesisQc, entry: null };
    this.#correct = Array.from({ length: correct }, (_, id) => ({
      id: asReplicaId(id),
      safety: recoverSafety(null, GENESIS),
      durable,
      seen: [genesisQc],
    }));
    this.#faulty = Array.from({ length: setup.replicas - correct }, (_, i) => asReplicaId(correct + i));
    this.#blocks.set(GENESIS, genesisBlock());
    this.#certificates.set(GENESIS, genesisQc);
  }

  step(action: Action): void {
    if (action.kind === 'restart') return this.#restart(action);
    if (action.kind === 'giveUp') return this.#giveUp(action);
    const block = action.kind === 'showAgain' ? this.#blockAt(action.pick) : this.#propose(action);
    if (block === null) return;
    for (const replica of this.#chosen(action.reached)) this.#show(replica, block);
    const qc = this.#certify(block);
    if (qc !== null) for (const replica of this.#chosen(action.informed)) this.#learn(replica, qc);
  }

  #propose({ kind, pick }: Action): Block | null {
    const known = [...this.#certificates.values()].sort((a, b) => b.view - a.view);
    const justify = known[pick % known.length];
    if (justify === undefined) return null;
    if (kind === 'propose') return this.#addBlock(justify, asView(justify.view + 1), null);
    const tc = this.#timeoutCertificate(kind === 'proposeAhead' ? 'oldest' : 'newest');
    if (kind === 'proposeAhead') return this.#addBlock(justify, nextView(this.#highestView()), tc);
    if (tc === null) return null;
    const view = entersView({ kind: 'tc', tc }, this.#setup.tenureLength);
    return view > justify.view ? this.#addBlock(justify, view, tc) : null;
  }

  #addBlock(justify: QuorumCertificate, view: View, tc: TimeoutCertificate | null): Block {
    const parent = this.#header(justify.block);
    const hash = asBlockHash(`${view}.${this.#blocks.size}`);
    const header = {
      height: asHeight(parent.height + 1),
      view,
      parent: justify.block,
      justify,
      proposer: asReplicaId(0),
      bodyHash: '',
    };
    const block = { hash, header, body: NO_BYTES };
    this.#blocks.set(hash, block);
    this.#voters.set(hash, new Set());
    if (tc !== null) this.#tcs.set(hash, tc);
    return block;
  }

  #blockAt(pick: number): Block | null {
    const newest = [...this.#blocks.values()].slice(1).reverse();
    return newest[pick % newest.length] ?? null;
  }

  #show(replica: Correct, block: Block): void {
    const { rule } = this.#parts;
    this.#learn(replica, block.header.justify);
    const facts = proposalFacts(
      { block, tc: this.#tcs.get(block.hash) ?? null },
      {
        tenureLength: this.#setup.tenureLength,
        extendsLock: this.#descends(block.hash, replica.safety.lock.block),
      },
    );
    const after = this.#parts.vote(replica.safety, rule, facts, this.#setup.tenureLength);
    if (after === null) return;
    this.#persist(replica, facts.view, rule.durableHighQcView(facts, replica.safety.lock));
    replica.safety = after;
    this.#voters.get(block.hash)?.add(replica.id);
  }

  /** Writes no more than must be durable: the bound, and the lowest certificate that is high enough. */
  #persist(replica: Correct, bound: View, highQcView: View): void {
    const { durable } = replica;
    const enough = replica.seen.filter((qc) => qc.view >= highQcView).sort((a, b) => a.view - b.view)[0];
    const highQc = durable.highQc.view >= highQcView || enough === undefined ? durable.highQc : enough;
    const number = durable.number + 1;
    replica.durable = { number, bound: asView(Math.max(bound, durable.bound)), highQc, entry: null };
  }

  #learn(replica: Correct, qc: QuorumCertificate): void {
    const header = this.#header(qc.block);
    const lock = this.#parts.rule.lockAfter({ view: qc.view, block: qc.block, header });
    replica.safety = this.#parts.learn(replica.safety, qc, lock);
    replica.seen.push(qc);
  }

  #giveUp({ pick, reached }: Action): void {
    const { tenureLength } = this.#setup;
    const offset = [0, -1, 1, -2][pick % 4] ?? 0;
    const tenure = asTenure(Math.max(0, tenureOf(this.#highestView(), tenureLength) + offset));
    for (const replica of this.#chosen(reached)) {
      const after = this.#parts.giveUp(replica.safety, tenure, tenureLength);
      if (after === null) continue;
      this.#persist(replica, this.#parts.timeoutBound(tenure, tenureLength), asView(0));
      replica.safety = after;
      const { highQc } = after;
      const statement = { signer: replica.id, signature: NO_BYTES, tenure, highQcView: highQc.view };
      this.#timeouts.push({ ...statement, highQc });
    }
  }

  #restart({ reached }: Action): void {
    for (const replica of this.#chosen(reached)) {
      replica.safety = this.#parts.recover(replica.durable, GENESIS);
      replica.seen = [replica.durable.highQc];
    }
  }

  /** Forms the certificate for a block if the signatures suffice, and looks at what it commits. */
  #certify(block: Block): QuorumCertificate | null {
    const known = this.#certificates.get(block.hash);
    if (known !== undefined) return known;
    const signers = [...(this.#voters.get(block.hash) ?? []), ...this.#faulty];
    const qc = this.#accepted(block, signers);
    if (qc === null) return null;
    this.#certificates.set(block.hash, qc);
    const committed = this.#parts.rule.committedBy(qc, (hash) => this.#blocks.get(hash)?.header);
    if (committed !== null && committed !== GENESIS) this.#commit(committed);
    return qc;
  }

  /** As it should be, and with one faulty signer repeated until it looks like a quorum. */
  #accepted({ hash, header }: Block, signers: readonly ReplicaId[]): QuorumCertificate | null {
    for (const set of [signers, padded(signers, this.#setup.replicas)]) {
      const qc = { view: header.view, block: hash, signatures: signedBy([...set].sort((a, b) => a - b)) };
      if (this.#parts.qcProblem(qc, { replicas: this.#setup.replicas, genesis: GENESIS }) === null) return qc;
    }
    return null;
  }

  #commit(hash: BlockHash): void {
    const other = this.committed.find((earlier) => !this.#descends(earlier, hash) && !this.#descends(hash, earlier));
    if (other !== undefined) this.fork = [other, hash];
    if (!this.committed.includes(hash)) this.committed.push(hash);
  }

  /** A TC that can be made to pass, of the highest tenure or the lowest, as far below the truth as the parts allow. */
  #timeoutCertificate(age: 'newest' | 'oldest'): TimeoutCertificate | null {
    const shape = { replicas: this.#setup.replicas, genesis: GENESIS, tenureLength: this.#setup.tenureLength };
    const tenures = [...new Set(this.#timeouts.map(({ tenure }) => tenure))];
    tenures.sort((a, b) => (age === 'newest' ? b - a : a - b));
    for (const tenure of tenures) {
      for (const tc of this.#candidates(tenure)) if (this.#parts.tcProblem(tc, shape) === null) return tc;
    }
    return null;
  }

  /** From the most dishonest to the honest: a hidden high QC, Timeouts of earlier tenures, a repeated signer, none of it. */
  *#candidates(tenure: Tenure): Generator<TimeoutCertificate> {
    const late = this.#weakest(({ tenure: named }) => named >= tenure);
    const all = this.#weakest(() => true);
    yield { ...this.#tcOf(tenure, late), highQc: genesisQc };
    yield this.#tcOf(tenure, all);
    yield this.#tcOf(tenure, late, true);
    yield this.#tcOf(tenure, late);
  }

  #tcOf(tenure: Tenure, timeouts: readonly SignedTimeout[], pad = false): TimeoutCertificate {
    const zero = { tenure, highQcView: asView(0), signature: NO_BYTES };
    const faulty = this.#faulty.map((signer) => ({ ...zero, signer }));
    const statements: TimeoutStatement[] = [...timeouts.map(({ highQc: _, ...statement }) => statement), ...faulty];
    const last = statements.at(-1);
    if (pad && last !== undefined) while (statements.length < quorumSize(this.#setup.replicas)) statements.push(last);
    const highQc = timeouts.map((timeout) => timeout.highQc).reduce(highestQc, genesisQc);
    return { tenure, timeouts: statements, highQc };
  }

  /** Of each correct signer its Timeout of the lowest certificate, and of those as few, and as low, as make a quorum. */
  #weakest(counts: (timeout: TimeoutStatement) => boolean): readonly SignedTimeout[] {
    const bySigner = new Map<ReplicaId, SignedTimeout>();
    for (const timeout of this.#timeouts) {
      const held = bySigner.get(timeout.signer);
      if (counts(timeout) && (held === undefined || timeout.highQcView < held.highQcView)) {
        bySigner.set(timeout.signer, timeout);
      }
    }
    const wanted = quorumSize(this.#setup.replicas) - this.#faulty.length;
    const weakest = [...bySigner.values()].sort((a, b) => a.highQcView - b.highQcView).slice(0, wanted);
    return weakest.sort((a, b) => a.signer - b.signer);
  }

  #highestView(): View {
    return asView(Math.max(...[...this.#blocks.values()].map(({ header }) => header.view)));
  }

  #chosen(mask: number): readonly Correct[] {
    return this.#correct.filter((_, i) => ((mask >> i) & 1) === 1);
  }

  #header(hash: BlockHash): BlockHeader {
    const block = this.#blocks.get(hash);
    if (block === undefined) throw new Error(`the model made no block ${hash}`);
    return block.header;
  }

  #descends(descendant: BlockHash, ancestor: BlockHash): boolean {
    let hash = descendant;
    while (hash !== ancestor && hash !== GENESIS) hash = this.#header(hash).parent;
    return hash === ancestor;
  }
}

function padded(signers: readonly ReplicaId[], replicas: number): readonly ReplicaId[] {
  const last = signers.at(-1);
  if (last === undefined) return signers;
  return [...signers, ...new Array<ReplicaId>(Math.max(0, quorumSize(replicas) - signers.length)).fill(last)];
}
