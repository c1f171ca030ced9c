/**
 * One replica's proposal generator with a speculative machine, in a world that does to it whatever consensus may: blocks
 * of other leaders, branches left behind, commits, changes of leaders, bodies that become no block, answers that are late.
 */
import type { ProposalGeneratorMessage } from '../../actors/proposal-generator/messages.js';
import type { SpeculationOptions } from '../../actors/proposal-generator/speculation-options.js';
import { createSpeculativeHost } from '../../actors/proposal-generator/speculative-host.js';
import { bodyOf, digestOf, entryIn } from '../../actors/simulation/ledger-machine.js';
import { asHeight, asReplicaId, asTenure, asView, type BlockHash } from '../../src/protocol/numbers.js';
import { tenureOf } from '../../src/protocol/tenure.js';
import type { Block } from '../../src/protocol/types.js';
import { blockOf, GENESIS } from './command-blocks.js';
import { GeneratorHarness } from './generator-harness.js';
import { replay, WatchedLedger } from './watched-ledger.js';

const TENURE = 16;
const OTHER = 2;
const NO_BODY = new Uint8Array(0);
const RUBBISH = new TextEncoder().encode('no block of this machine');

export type WorldStep =
  | { readonly type: 'leaderChanges'; readonly leading: boolean; readonly tip: number }
  | { readonly type: 'othersBlock'; readonly body: 'empty' | 'filled' | 'rubbish' }
  | { readonly type: 'bodyWanted'; readonly becomesBlock: boolean }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'commit'; readonly depth: number }
  | { readonly type: 'machineAnswers' }
  | { readonly type: 'appetite'; readonly proposals: number }
  | { readonly type: 'proposalsWanted'; readonly wanted: boolean };

export class SpeculationWorld {
  readonly machine = new WatchedLedger('own');
  readonly committed: Block[] = [];
  readonly violations: string[] = [];
  /** Bodies of the machine's own that became blocks. */
  ownBlocks = 0;
  readonly #actor: GeneratorHarness;
  readonly #answers: ProposalGeneratorMessage[] = [];
  readonly #port = createSpeculativeHost(this.machine, () => Promise.reject(new Error('there is no log')))((answer) => {
    this.#answers.push(answer);
    return true;
  });
  readonly #uncommitted = new Map<BlockHash, Block>();
  #tip: BlockHash = GENESIS;
  #view = 0;
  #leading = false;
  #others = 0;
  /** The body that is wanted and has not come. */
  #wanted: { readonly parent: BlockHash; readonly view: number; readonly becomesBlock: boolean } | null = null;

  constructor(speculation: Partial<SpeculationOptions>) {
    this.#actor = new GeneratorHarness({ speculation: { tenureLength: TENURE, ...speculation } });
  }

  async start(): Promise<this> {
    await this.#tell({ type: 'logRecovered', committedHeight: asHeight(0) });
    await this.#answerAll();
    return this;
  }

  async take(step: WorldStep): Promise<void> {
    switch (step.type) {
      case 'leaderChanges':
        return this.#changeLeader(step.leading, step.tip);
      case 'othersBlock':
        return this.#leading ? undefined : this.#add(OTHER, this.#othersBody(step.body));
      case 'bodyWanted':
        return this.#leading ? this.#want(step.becomesBlock) : undefined;
      case 'heartbeat':
        return this.#leading ? this.#add(0, NO_BODY) : undefined;
      case 'commit':
        return this.#commit(step.depth);
      case 'machineAnswers':
        return this.#answer();
      case 'appetite':
        this.machine.appetite = step.proposals;
        return;
      case 'proposalsWanted':
        return this.#tell(step);
    }
  }

  /** Commits what there is and lets the machine finish; whatever is wrong then stands in `violations`. */
  async end(): Promise<readonly string[]> {
    await this.take({ type: 'leaderChanges', leading: false, tip: 0 });
    await this.#add(OTHER, NO_BODY);
    await this.#commit(Number.POSITIVE_INFINITY);
    await this.#answerAll();
    await this.#seeThatItGoesOn();
    const expected = replay(this.committed.map(({ body }) => body)).join();
    if (this.machine.committed.join() !== expected) {
      this.violations.push(`committed ${this.machine.committed.join()}, and the log says ${expected}`);
    }
    return [...this.violations, ...this.machine.violations];
  }

  /** A machine that was rewound where it had to be can be led on. */
  async #seeThatItGoesOn(): Promise<void> {
    this.machine.appetite = 9;
    const before = this.ownBlocks;
    await this.take({ type: 'proposalsWanted', wanted: true });
    await this.take({ type: 'leaderChanges', leading: true, tip: 0 });
    for (let view = 0; view < 2; view += 1) {
      await this.take({ type: 'bodyWanted', becomesBlock: true });
      await this.#answerAll();
    }
    await this.#commit(Number.POSITIVE_INFINITY);
    await this.#answerAll();
    if (this.ownBlocks === before) this.violations.push('a leader at the last committed block has nothing to propose');
  }

  // ── what consensus does ───────────────────────────────────────────────────────────────────────────────────────────

  async #changeLeader(leading: boolean, tip: number): Promise<void> {
    this.#wanted = null;
    const tenure = asTenure(tenureOf(asView(this.#view), TENURE) + 1);
    this.#view = tenure * TENURE;
    const tips = [this.#committedTip, ...this.#uncommitted.keys()];
    this.#tip = tips.at(tip % tips.length) ?? this.#committedTip;
    this.#leading = leading;
    const leader = asReplicaId(leading ? 0 : OTHER);
    const uncommitted = leading ? this.#branch(this.#tip).map(({ hash }) => hash) : [];
    await this.#tell({ type: 'leaderChanged', leader, tenure, leading, view: asView(this.#view), uncommitted });
  }

  async #add(proposer: number, body: Uint8Array): Promise<void> {
    const parent = this.#tip;
    const height = this.committed.length + this.#branch(parent).length + 1;
    this.#wanted = null;
    const block = blockOf({ height, view: this.#view, parent, proposer, body });
    this.#uncommitted.set(block.hash, block);
    this.#tip = block.hash;
    await this.#tell({ type: 'blockAdded', block });
    await this.#enterNextView();
  }

  async #enterNextView(): Promise<void> {
    this.#view += 1;
    if (this.#view % TENURE > 0) return;
    this.#view -= 1;
    const tip = [this.#committedTip, ...this.#uncommitted.keys()].indexOf(this.#tip);
    await this.#changeLeader(!this.#leading, tip);
  }

  async #want(becomesBlock: boolean): Promise<void> {
    const parent = this.#tip;
    const uncommitted = this.#branch(parent).map(({ hash }) => hash);
    this.#wanted = { parent, view: this.#view, becomesBlock };
    await this.#tell({ type: 'bodyWanted', view: asView(this.#view), parent, uncommitted });
  }

  async #commit(depth: number): Promise<void> {
    const blocks = this.#branch(this.#tip).slice(0, depth);
    if (blocks.length === 0) return;
    for (const block of blocks) this.#uncommitted.delete(block.hash);
    this.committed.push(...blocks);
    await this.#tell({ type: 'blocksCommitted', blocks });
    const tip = this.#committedTip;
    const abandoned = [...this.#uncommitted.keys()].filter((hash) => this.#branch(hash)[0]?.header.parent !== tip);
    for (const hash of abandoned) this.#uncommitted.delete(hash);
    if (abandoned.length > 0) await this.#tell({ type: 'blocksAbandoned', hashes: abandoned });
  }

  get #committedTip(): BlockHash {
    return this.committed.at(-1)?.hash ?? GENESIS;
  }

  #branch(tip: BlockHash): readonly Block[] {
    const branch: Block[] = [];
    for (
      let block = this.#uncommitted.get(tip);
      block !== undefined;
      block = this.#uncommitted.get(block.header.parent)
    )
      branch.unshift(block);
    return branch;
  }

  /** The state after `tip`, by a replay. */
  #digestAt(tip: BlockHash): string {
    return digestOf(replay([...this.committed, ...this.#branch(tip)].map(({ body }) => body)));
  }

  #othersBody(kind: 'empty' | 'filled' | 'rubbish'): Uint8Array {
    if (kind !== 'filled') return kind === 'empty' ? NO_BODY : RUBBISH;
    this.#others += 1;
    return bodyOf({ base: this.#digestAt(this.#tip), value: `other.${this.#others}` });
  }

  // ── the generator and its machine ─────────────────────────────────────────────────────────────────────────────────

  async #tell(message: ProposalGeneratorMessage): Promise<void> {
    this.#actor.tell(message);
    for (const call of this.#actor.machineCalls()) this.#port.perform(call);
    const bodies = this.#actor.sent('consensus').filter((sent) => sent.type === 'bodyReady');
    await settled();
    for (const { view, parent, body } of bodies) await this.#take(view, parent, body);
  }

  async #take(view: number, parent: BlockHash, body: Uint8Array): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === null || wanted.view !== view || wanted.parent !== parent) return;
    this.#wanted = null;
    if (body.length > 0) {
      if (entryIn(body)?.base !== this.#digestAt(parent))
        this.violations.push(`a body was built on another state than its parent’s`);
    }
    if (!wanted.becomesBlock) return;
    if (body.length > 0) this.ownBlocks += 1;
    await this.#add(0, body);
  }

  async #answer(): Promise<void> {
    const answer = this.#answers.shift();
    if (answer !== undefined) await this.#tell(answer);
  }

  async #answerAll(): Promise<void> {
    await settled();
    while (this.#answers.length > 0) await this.#answer();
  }
}

/** What has been promised is done: the machine's methods take no time. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
