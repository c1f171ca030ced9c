import type { BlockHash, ReplicaId, View } from '../../src/protocol/numbers.js';
import { lastViewOf, tenureOf } from '../../src/protocol/tenure.js';
import type { Block } from '../../src/protocol/types.js';
import type { BodyMaker, MadeBody, NewLeader, Supply, WaitingWork } from './body-maker.js';
import type { ProposalBuffer } from './messages.js';
import { type CommittedAs, type MachineProposal, Speculation } from './speculation.js';
import type { SpeculationOptions } from './speculation-options.js';

const NO_BODY: MadeBody = { body: new Uint8Array(0) };
/** A leader's work alone: what a follower has built it cannot propose, and nobody waits for it. */
const NO_WORK: WaitingWork = { waiting: false, oldestSince: null };

interface SpeculativeBodiesOptions extends SpeculationOptions {
  readonly id: ReplicaId;
  /** Views of a tenure. */
  readonly tenureLength: number;
}

/** A body that was given to consensus, and whose block has not come back yet. */
interface Offered {
  readonly view: View;
  readonly parent: BlockHash;
  readonly filled: boolean;
}

/**
 * Bodies out of the proposals of a speculative machine. While this replica leads, and the machine stands at the block that
 * is to be extended, the machine is asked for one proposal after the other, until the buffer holds its target or a
 * proposal for each view that is left in the tenure; otherwise the bodies are empty.
 * Source: DESIGN section 6, after the seed's "empty until stable".
 */
export class SpeculativeBodies implements BodyMaker {
  readonly #options: SpeculativeBodiesOptions;
  readonly #speculation = new Speculation();
  /** The uncommitted blocks that a leader's next one is to stand on, oldest first. */
  #branch: readonly BlockHash[] = [];
  #viewsLeft = 0;
  #offered: Offered | null = null;
  /** Consensus wants a body that it has not been given. */
  #wanted = false;
  #started = true;
  /** The machine had nothing to propose when it was asked last. */
  #idle = false;
  /** The buffer is being filled, up to its target. */
  #filling = true;

  constructor(options: SpeculativeBodiesOptions) {
    this.#options = options;
  }

  /** How full the buffer is, and whether it is only being emptied. */
  get buffer(): ProposalBuffer {
    const { buffered: size, isBuilding } = this.#speculation;
    const draining = !this.#started && (size > 0 || isBuilding);
    return { size, target: this.#options.proposalBufferTarget, draining };
  }

  // ── the machine is asked ──────────────────────────────────────────────────────────────────────────────────────────

  /** From the application: begins or ends asking, and asks anew a machine that had nothing to propose. */
  proposalsWanted(wanted: boolean): void {
    this.#started = wanted;
    this.#idle = false;
  }

  /** Whether the machine, which is free, is to build a proposal now; if so it counts as asked. */
  begin(): boolean {
    if (!this.#wantsProposal) return false;
    this.#speculation.begun();
    return true;
  }

  /** The machine has answered. */
  built(proposal: MachineProposal | null): void {
    this.#speculation.built(proposal);
    if (proposal !== null) return;
    this.#idle = true;
    this.#wanted = false;
  }

  /** The machine is to be rewound: what it has built is no more. */
  rewound(): void {
    this.#speculation.rewound();
    this.#offered = null;
    this.#idle = false;
  }

  get #wantsProposal(): boolean {
    const { buffered, isBuilding } = this.#speculation;
    const { proposalBufferTarget: target, refillProposalBuffer } = this.#options;
    if (!this.#started || isBuilding || buffered >= this.#viewsLeft || !this.#stands) return false;
    if (target === 0) return this.#wanted && buffered === 0;
    if (buffered >= target) this.#filling = false;
    else if (buffered === 0 || refillProposalBuffer === 'immediately') this.#filling = true;
    return this.#filling && !this.#idle;
  }

  get #stands(): boolean {
    return this.#speculation.standsAt(this.#branch);
  }

  // ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get awaits(): 'nothing' | 'machine' {
    if (this.#options.proposalBufferTarget > 0 || !this.#wanted || this.#speculation.buffered > 0) return 'nothing';
    return this.#speculation.isBuilding || this.#wantsProposal ? 'machine' : 'nothing';
  }

  get supply(): Supply {
    const { buffered } = this.#speculation;
    const { proposalBufferTarget: target } = this.#options;
    if (!this.#stands) return 'some'; // blocks of others, or ours on another branch: empty ones settle that
    if (buffered > 0) return buffered >= target ? 'aBody' : 'some';
    return target === 0 && this.#started && !this.#idle ? 'some' : 'nothing';
  }

  get work(): WaitingWork {
    return NO_WORK;
  }

  leaderChanged({ view, uncommitted }: NewLeader): void {
    this.#branch = uncommitted;
    this.#viewsLeft = this.#viewsFrom(view);
    this.#offered = null;
    this.#wanted = false;
    this.#idle = false;
  }

  standOn({ view, uncommitted }: { readonly view: View; readonly uncommitted: readonly BlockHash[] }): void {
    this.#branch = uncommitted;
    this.#viewsLeft = this.#viewsFrom(view);
    this.#offered = null;
    this.#wanted = true;
  }

  make({ view, parent }: { readonly view: View; readonly parent: BlockHash }): MadeBody {
    const proposal = this.#stands ? this.#speculation.next : null;
    this.#wanted = false;
    this.#offered = { view, parent, filled: proposal !== null };
    if (proposal === null) return NO_BODY;
    const { body, bodyHash } = proposal;
    return bodyHash === undefined ? { body } : { body, bodyHash };
  }

  // ── blocks ────────────────────────────────────────────────────────────────────────────────────────────────────────

  blockAdded(block: Block): void {
    const offered = this.#takeOffered(block);
    if (offered?.filled) this.#speculation.placed(block);
    else this.#speculation.added(block);
    if (block.header.proposer !== this.#options.id) return;
    if (this.#branch.length > 0 && this.#branch.at(-1) !== block.header.parent) return;
    this.#branch = [...this.#branch, block.hash];
    this.#viewsLeft = this.#viewsFrom(block.header.view) - 1;
    // Without a buffer the machine is asked for every body that is wanted; then only a heartbeat's block says ask again.
    if (this.#options.proposalBufferTarget > 0 || offered === null) this.#idle = false;
  }

  blockCommitted(block: Block): CommittedAs {
    this.#branch = this.#branch.filter((hash) => hash !== block.hash);
    return this.#speculation.committed(block);
  }

  blocksAbandoned(hashes: readonly BlockHash[]): boolean {
    return this.#speculation.abandoned(hashes);
  }

  blockExecuted(): void {
    // A speculative machine's blocks have no replies, and nothing is kept of them here.
  }

  #takeOffered({ header, body }: Block): Offered | null {
    const offered = this.#offered;
    if (offered === null || header.proposer !== this.#options.id) return null;
    if (header.view !== offered.view || header.parent !== offered.parent) return null;
    if (offered.filled !== body.length > 0) return null;
    this.#offered = null;
    return offered;
  }

  /** Views of this tenure from `view` on. */
  #viewsFrom(view: View): number {
    const { tenureLength } = this.#options;
    return lastViewOf(tenureOf(view, tenureLength), tenureLength) - view + 1;
  }
}
