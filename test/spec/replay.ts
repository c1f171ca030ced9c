/**
 * Does what a trace of the model says with the rules of `src/protocol`, one correct replica of the trace after the
 * other, and compares what they answer and hold. Blocks, certificates, TCs and trees are real, signatures empty.
 */
import { BlockTree } from '../../src/protocol/block-tree.js';
import { qcProblem, tcProblem } from '../../src/protocol/certificates.js';
import { asTenure } from '../../src/protocol/numbers.js';
import { faultBound, quorumSize } from '../../src/protocol/quorum.js';
import type { CommitRule } from '../../src/protocol/rules/rule.js';
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
import type { Block, QuorumCertificate, TimeoutCertificate } from '../../src/protocol/types.js';
import { childOf, GENESIS, genesisBlock, qcOf, statementOf } from '../protocol/builders.js';
import type { ModelReplica, ModelState, ModelStep } from './traces.js';

/** What the traces are replayed against. */
export interface Cluster {
  readonly rule: CommitRule;
  readonly replicas: number;
  readonly tenureLength: number;
}

/** How much was compared: steps, and answers by their names; `commit` counts advances of a replica's committed block. */
export type Coverage = Map<string, number>;

interface Replica {
  safety: SafetyState;
  readonly tree: BlockTree;
}

/** Replays one trace and adds to `coverage`. @throws Error that tells the first difference. */
export function replay(states: readonly ModelState[], cluster: Cluster, coverage: Coverage): void {
  const world = new Replay(cluster, coverage);
  for (const [index, state] of states.entries()) {
    try {
      world.step(state);
    } catch (error) {
      throw new Error(`step ${index} (${state.last.kind} ${state.last.block}): ${String(error)}`, { cause: error });
    }
  }
}

class Replay {
  readonly #cluster: Cluster;
  readonly #coverage: Coverage;
  readonly #replicas = new Map<number, Replica>();
  #model: ModelState = { blocks: [], votes: [], timeouts: [], replicas: new Map(), last: INIT };
  #blocks: Block[] = [];

  constructor(cluster: Cluster, coverage: Coverage) {
    this.#cluster = cluster;
    this.#coverage = coverage;
  }

  step(model: ModelState): void {
    this.#model = model;
    this.#makeBlocks();
    for (const [id, expected] of model.replicas) {
      const replica = this.#replica(id);
      const answer = model.last.reached.includes(id) ? this.#act(replica, model.last) : '';
      same('answer', answer, model.last.answers.get(id), id);
      if (answer !== '') this.#count(answer);
      this.#compare(id, replica, expected);
    }
    this.#count('step');
  }

  #act(replica: Replica, step: ModelStep): string {
    if (step.kind === 'giveUp') return this.#giveUp(replica, step.tenure);
    if (step.kind === 'show') return this.#show(replica, step.block);
    this.#learn(replica, step.block);
    return '';
  }

  /** As receiveProposal of the consensus actor: certificates first, then the block, then the vote. */
  #show(replica: Replica, index: number): string {
    const { rule, tenureLength } = this.#cluster;
    const block = this.#block(index);
    const { parent, tc: named } = this.#modelBlock(index);
    const tc = named.tenure < 0 ? null : this.#timeoutCertificate(named);
    this.#learn(replica, parent);
    if (tc !== null) this.#learn(replica, named.high);
    this.#hold(replica, index);
    if (!replica.tree.has(block.hash) || block.hash === replica.tree.committed.hash) return 'notHeld';
    const extendsLock = replica.tree.extends(block.hash, replica.safety.lock.block);
    const facts = proposalFacts({ block, tc }, { tenureLength, extendsLock });
    const refusal = voteRefusal(replica.safety, rule, facts, tenureLength);
    if (refusal !== null) return refusal;
    replica.safety = castVote(replica.safety, rule, facts, tenureLength);
    return 'vote';
  }

  /** As learnQc of the consensus actor: high QC, then lock and commit where the block is held. */
  #learn(replica: Replica, index: number): void {
    const { rule } = this.#cluster;
    const { tree } = replica;
    const qc = this.#certificate(index);
    replica.safety = raiseHighQc(replica.safety, qc);
    this.#hold(replica, index);
    const header = tree.get(qc.block)?.header;
    if (header === undefined) return;
    replica.safety = raiseLock(replica.safety, rule.lockAfter({ view: qc.view, block: qc.block, header }));
    const target = rule.committedBy(qc, (hash) => tree.get(hash)?.header);
    if (target === null || (tree.get(target)?.header.view ?? 0) <= tree.committed.header.view) return;
    tree.commit(target);
    this.#count('commit');
  }

  #giveUp(replica: Replica, named: number): string {
    const { tenureLength } = this.#cluster;
    const tenure = asTenure(named);
    const refusal = timeoutRefusal(replica.safety, tenure, tenureLength);
    if (refusal !== null) return refusal;
    replica.safety = recordTimeout(replica.safety, tenure, tenureLength);
    return 'timeout';
  }

  #compare(id: number, { safety, tree }: Replica, expected: ModelReplica): void {
    same('voted view', safety.votedView, expected.votedView, id);
    same('tenure given up', safety.timedOutTenure, expected.gaveUp, id);
    same('lock', safety.lock.block, this.#block(expected.lock).hash, id);
    same('view of the lock', safety.lock.view, this.#modelBlock(expected.lock).view, id);
    same('high QC', safety.highQc.block, this.#block(expected.highQc).hash, id);
    same('view of the high QC', safety.highQc.view, this.#modelBlock(expected.highQc).view, id);
    same('committed block', tree.committed.hash, this.#block(expected.committed).hash, id);
  }

  /** Takes in the block and its ancestors, as far as the tree takes them. */
  #hold({ tree }: Replica, index: number): void {
    const branch: Block[] = [];
    for (let i = index; i !== 0 && !tree.has(this.#block(i).hash); i = this.#modelBlock(i).parent) {
      branch.unshift(this.#block(i));
    }
    for (const block of branch) tree.insert(block);
  }

  #certificate(index: number): QuorumCertificate {
    const voters = this.#model.votes[index] ?? [];
    const qc = qcOf(this.#block(index), [...voters, ...this.#faulty()]);
    const problem = qcProblem(qc, { replicas: this.#cluster.replicas, genesis: GENESIS });
    if (problem !== null) throw new Error(`the QC of block ${index} is no certificate: ${problem}`);
    return qc;
  }

  /** Of the Timeouts that the model has, a quorum that makes this TC, the faulty ones naming genesis. */
  #timeoutCertificate({ tenure, high }: { readonly tenure: number; readonly high: number }): TimeoutCertificate {
    const { replicas, tenureLength } = this.#cluster;
    const highView = this.#modelBlock(high).view;
    const fit = this.#model.timeouts
      .map(({ signer, ...rest }) => ({ signer, tenure: rest.tenure, view: this.#modelBlock(rest.high).view }))
      .filter((timeout) => timeout.tenure >= tenure && timeout.view <= highView)
      .sort((a, b) => b.view - a.view);
    const bySigner = new Map<number, (typeof fit)[number]>();
    for (const timeout of fit) if (!bySigner.has(timeout.signer)) bySigner.set(timeout.signer, timeout);
    const chosen = [...bySigner.values()].slice(0, quorumSize(replicas) - this.#faulty().length);
    const statements = [...chosen, ...this.#faulty().map((signer) => ({ signer, tenure, view: 0 }))]
      .sort((a, b) => a.signer - b.signer)
      .map(({ signer, tenure: given, view }) => statementOf(signer, given, view));
    const tc = { tenure: asTenure(tenure), timeouts: statements, highQc: this.#certificate(high) };
    const problem = tcProblem(tc, { replicas, tenureLength, genesis: GENESIS });
    if (problem !== null) throw new Error(`the TC of tenure ${tenure} is no certificate: ${problem}`);
    return tc;
  }

  #makeBlocks(): void {
    for (let i = this.#blocks.length; i < this.#model.blocks.length; i += 1) {
      const { parent, view } = this.#modelBlock(i);
      this.#blocks.push(i === 0 ? genesisBlock() : childOf(this.#block(parent), view, `block ${i}`));
    }
  }

  /** The last replicas are the faulty ones. */
  #faulty(): readonly number[] {
    const { replicas } = this.#cluster;
    return Array.from({ length: faultBound(replicas) }, (_, i) => replicas - faultBound(replicas) + i);
  }

  #replica(id: number): Replica {
    const known = this.#replicas.get(id);
    if (known !== undefined) return known;
    const tree = new BlockTree(genesisBlock(), { tipsMax: 1_000, bodyBytesMax: 1 });
    const replica = { safety: recoverSafety(null, GENESIS), tree };
    this.#replicas.set(id, replica);
    return replica;
  }

  #block(index: number): Block {
    const block = this.#blocks[index];
    if (block === undefined) throw new Error(`the trace has no block ${index}`);
    return block;
  }

  #modelBlock(index: number): ModelState['blocks'][number] {
    const block = this.#model.blocks[index];
    if (block === undefined) throw new Error(`the trace has no block ${index}`);
    return block;
  }

  #count(what: string): void {
    this.#coverage.set(what, (this.#coverage.get(what) ?? 0) + 1);
  }
}

const INIT: ModelStep = { kind: 'init', block: 0, reached: [], tenure: -1, answers: new Map() };

function same(what: string, ours: unknown, models: unknown, replica: number): void {
  if (ours !== models)
    throw new Error(`replica ${replica}: ${what} is ${String(ours)} here, ${String(models)} in the model`);
}
