/**
 * S8: whoever votes or proposes in a tenure has on its disk what proves that it has entered it, so that a restart comes back
 * to that tenure. The record holds the certificate by which the replica entered the tenure from which it reserved its views
 * (DESIGN section 6), and is written when more are reserved.
 */
import type { SafetyRecord } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';
import { recordsOn } from './disk-records.js';

/** Views that a record may reserve ahead of the one in which the replica is. */
const RESERVED_MAX = 64;

interface DurableEntriesOptions {
  readonly tenure: number;
  readonly accuse: Accuse;
}

/** Of one replica in its present life. */
interface Entered {
  readonly view: number;
  /** The last view that may have been reserved before its tenure was entered; nothing says so of a life's first tenure. */
  readonly reservedBefore: number;
}

/**
 * Judges what a correct replica signs in the tenure in which it is. A view that it may have reserved in the tenure before is
 * let off, since that needs no new record. So is a Timeout: it may have been signed a tenure earlier, for this one, and what
 * it reserves no vote and no proposal may use. What a life began with is let off as well: nothing up to there is signed.
 */
export class DurableEntriesChecker {
  readonly #options: DurableEntriesOptions;
  readonly #entered = new Map<number, Entered>();

  constructor(options: DurableEntriesOptions) {
    this.#options = options;
  }

  /** The replica begins a life. */
  booted(replica: number): void {
    this.#entered.delete(replica);
  }

  /** It says that it is in this view now. */
  entered(replica: number, view: number): void {
    const before = this.#entered.get(replica);
    const same = before !== undefined && this.#tenureOf(before.view) === this.#tenureOf(view);
    const reservedBefore = before === undefined ? 0 : same ? before.reservedBefore : before.view + RESERVED_MAX;
    this.#entered.set(replica, { view, reservedBefore });
  }

  /** A vote or proposal of its own for `view` leaves it. */
  signed(replica: number, disk: SimulatedDisk, type: PeerMessage['type'], view: number): void {
    const entered = this.#entered.get(replica);
    const tenure = this.#tenureOf(view);
    // In a tenure that it has left, or whose news is still on its way, nobody knows what it had reserved.
    if (entered === undefined || this.#tenureOf(entered.view) !== tenure || view <= entered.reservedBefore) return;
    const proved = Math.max(0, ...recordsOn(disk).map((record) => this.#provedBy(record)));
    if (proved >= tenure) return;
    const needs = `replica ${replica} sent a ${type} that needs a proof of tenure ${tenure}`;
    this.#options.accuse('S8', `${needs}; what is on its disk proves ${proved}`);
  }

  /** The highest tenure that the record's certificates enter. */
  #provedBy({ highQc, entry }: SafetyRecord): number {
    const byQc = this.#tenureOf(highQc.view + 1);
    if (entry === null) return byQc;
    return Math.max(byQc, entry.kind === 'qc' ? this.#tenureOf(entry.qc.view + 1) : entry.tc.tenure + 1);
  }

  #tenureOf(view: number): number {
    return Math.floor(view / this.#options.tenure);
  }
}
