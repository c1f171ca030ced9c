/**
 * Persist before send (DESIGN section 6). Consensus numbers its writes; a signed message waits here until the disk holds
 * what forbids its opposite. No other actor knows the rule.
 */
import type { Equivocation } from '../../src/protocol/evidence.js';
import type { BlockHash, Height, View } from '../../src/protocol/numbers.js';
import { asView } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, SafetyRecord, TenureEntry } from '../../src/protocol/types.js';
import type { PersistRequest } from '../storage/messages.js';

/** What must be durable before a message may leave. */
export interface Needs {
  /** The durable bound must be at least this. */
  readonly bound: View;
  /** The durable high QC's view must be at least this. */
  readonly highQcView: View;
  /** This block's body must be durable; null when none must. */
  readonly block: BlockHash | null;
}

/** What has reached the disk, or is on its way there under the write `number`. */
interface Written {
  readonly number: number;
  readonly bound: View;
  readonly highQcView: View;
}

interface Held<Outgoing> {
  readonly needs: Needs;
  /** The message's own view; it is worthless once consensus is well past it. */
  readonly view: View;
  readonly outgoing: Outgoing;
}

/** The writes of one replica's consensus, and its outbox of signed messages that wait for them. */
export class Durability<Outgoing> {
  #record: SafetyRecord;
  #recordChanged = false;
  #settling = false;
  #writes = 0;
  #blocks: Block[] = [];
  #committed: { height: Height; hash: BlockHash }[] = [];
  readonly #abandoned = new Set<BlockHash>();
  #evidence: Equivocation[] = [];
  #inFlight: Written[] = [];
  /** The last write that may not rest; those before it go with it. */
  #urgentUpTo = 0;
  #durable: Written;
  /** Blocks whose write has not been reported durable, by the number of that write (null: not yet handed over). */
  readonly #blocksInFlight = new Map<BlockHash, number | null>();
  #held: Held<Outgoing>[] = [];
  readonly #heldMax: number;

  /** `recovered` is what the disk holds now; at most `heldMax` messages wait, and older views give way first. */
  constructor(recovered: SafetyRecord, heldMax: number) {
    this.#heldMax = heldMax;
    this.#record = recovered;
    this.#durable = { number: 0, bound: recovered.bound, highQcView: recovered.highQc.view };
  }

  /** The newest record, durable or on its way. */
  get record(): SafetyRecord {
    return this.#record;
  }

  /** How far views are reserved, durable or on its way. */
  get bound(): View {
    return this.#record.bound;
  }

  /** How many signed messages wait. */
  get heldCount(): number {
    return this.#held.length;
  }

  writeBlock(block: Block): void {
    this.#blocks.push(block);
    this.#abandoned.delete(block.hash);
    this.#blocksInFlight.set(block.hash, null);
  }

  writeCommitted(blocks: readonly Block[]): void {
    for (const block of blocks) this.#committed.push({ height: block.header.height, hash: block.hash });
  }

  /** Blocks that the tree no longer holds leave the disk, too. */
  writeAbandoned(hashes: readonly BlockHash[]): void {
    for (const hash of hashes) this.#abandoned.add(hash);
  }

  /** Nothing waits for a proof, so that it rests until something else is written, or a moment. */
  writeEvidence(proof: Equivocation): void {
    this.#evidence.push(proof);
  }

  /** Raises the bound; a lower one than the present changes nothing. */
  reserve(bound: View): void {
    if (bound > this.#record.bound) this.#change({ ...this.#record, bound });
  }

  /**
   * A clean stop gives back what was reserved and not signed: the only way the bound goes down. A record is written in any
   * case, and takes along whatever rests.
   */
  settleBound(signedUpTo: View): void {
    this.#settling = true;
    this.#change({ ...this.#record, bound: asView(Math.min(signedUpTo, this.#record.bound)) });
  }

  /** To be called only with a certificate whose block and ancestors were handed to {@link writeBlock} or recovered. */
  raiseHighQc(highQc: QuorumCertificate): void {
    if (highQc.view > this.#record.highQc.view) this.#change({ ...this.#record, highQc });
  }

  /** The certificate by which the present tenure was entered; written with the next record. */
  enterTenure(entry: TenureEntry): void {
    this.#change({ ...this.#record, entry });
  }

  #change(record: SafetyRecord): void {
    this.#record = record;
    this.#recordChanged = true;
  }

  /**
   * The request that makes everything asked for since the last one durable; null when nothing was. One with nothing new in it
   * ends the rest of an earlier write, for a message that waits for that.
   */
  takeRequest(): PersistRequest | null {
    const entries = this.#blocks.length + this.#committed.length + this.#abandoned.size + this.#evidence.length;
    if (!this.#recordChanged && entries === 0 && !this.#held.some(({ needs }) => this.#rests(needs))) return null;
    this.#writes += 1;
    const number = this.#writes;
    if (this.#recordChanged) this.#record = { ...this.#record, number: this.#record.number + 1 };
    const safety = this.#recordChanged ? this.#record : null;
    const urgent = this.#urgent();
    if (urgent) this.#urgentUpTo = number;
    for (const block of this.#blocks) this.#blocksInFlight.set(block.hash, number);
    const abandoned = [...this.#abandoned];
    const [blocks, committed, evidence] = [this.#blocks, this.#committed, this.#evidence];
    const request = { number, urgent, safety, blocks, committed, abandoned, evidence };
    this.#inFlight.push({ number, bound: this.#record.bound, highQcView: this.#record.highQc.view });
    this.#blocks = [];
    this.#committed = [];
    this.#evidence = [];
    this.#abandoned.clear();
    this.#recordChanged = false;
    this.#settling = false;
    return request;
  }

  /**
   * Whether what is to be written should not rest. A new block must not: with its certificate it is what the vote after
   * the next needs. A certificate or a reservation alone may, unless a message waits for it: it goes with the next block.
   */
  #urgent(): boolean {
    if (this.#settling || this.#blocks.length > 0) return true;
    return this.#held.some(({ needs }) => this.#notWrittenYet(needs) || this.#rests(needs));
  }

  /** Whether the record that `needs` name was handed over as one that may rest, and nothing has hurried it since. */
  #rests({ bound, highQcView }: Needs): boolean {
    if (this.#durable.bound >= bound && this.#durable.highQcView >= highQcView) return false;
    const write = this.#inFlight.find((each) => each.bound >= bound && each.highQcView >= highQcView);
    return write !== undefined && write.number > this.#urgentUpTo;
  }

  /** Whether the record that `needs` name has not been handed over yet. */
  #notWrittenYet({ bound, highQcView }: Needs): boolean {
    const written = this.#inFlight.at(-1) ?? this.#durable;
    return written.bound < bound || written.highQcView < highQcView;
  }

  /** Keeps `outgoing` until `needs` hold, which may be now; {@link takeReady} gives it back then. */
  hold(needs: Needs, view: View, outgoing: Outgoing): void {
    this.#held.push({ needs, view, outgoing });
    if (this.#held.length <= this.#heldMax) return;
    const lowest = this.#held.reduce((low, held, index) => (held.view < (this.#held[low]?.view ?? 0) ? index : low), 0);
    this.#held.splice(lowest, 1);
  }

  /** Every write up to and including `number` is on the disk. */
  writesDurable(number: number): void {
    let durable = this.#durable;
    while (this.#inFlight[0] !== undefined && this.#inFlight[0].number <= number) {
      durable = this.#inFlight.shift() as Written;
    }
    this.#durable = durable;
    for (const [hash, write] of this.#blocksInFlight) {
      if (write === null || write > number) break;
      this.#blocksInFlight.delete(hash);
    }
  }

  /** Whether everything handed over so far is durable. */
  get settled(): boolean {
    return this.#inFlight.length === 0 && !this.#recordChanged && this.#blocks.length === 0;
  }

  /** The messages that may leave now, in the order in which they were held. */
  takeReady(): readonly Outgoing[] {
    if (!this.#held.some((held) => this.#satisfied(held.needs))) return [];
    const ready: Outgoing[] = [];
    this.#held = this.#held.filter((held) => {
      if (!this.#satisfied(held.needs)) return true;
      ready.push(held.outgoing);
      return false;
    });
    return ready;
  }

  #satisfied(needs: Needs): boolean {
    return (
      this.#durable.bound >= needs.bound && this.#durable.highQcView >= needs.highQcView && !this.#awaitsBlock(needs)
    );
  }

  #awaitsBlock({ block }: Needs): boolean {
    return block !== null && this.#blocksInFlight.has(block);
  }
}

/** Nothing but the bound `bound` is needed. */
export function needsBound(bound: View): Needs {
  return { bound, highQcView: asView(0), block: null };
}
