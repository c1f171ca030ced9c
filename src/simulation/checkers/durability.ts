/**
 * S7 and S8: what forbids the opposite of a signed message is on the disk before the message leaves, and what a disk holds
 * of it never goes back. Reads the disk as it is, not what the replica believes of it.
 */
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';
import { recordsOn } from './disk-records.js';
import { DurableBlocksChecker } from './durable-blocks.js';
import { DurableEntriesChecker } from './durable-entries.js';
import type { SeenBlocks } from './seen-blocks.js';

interface Strongest {
  readonly bound: number;
  readonly highQcView: number;
}

const NOTHING: Strongest = { bound: 0, highQcView: 0 };

/** Holds each signed message that leaves a correct replica against what is on its disk at that moment. */
export class DurabilityChecker {
  readonly #accuse: Accuse;
  readonly #tenure: number;
  readonly #rule: 'three-chain' | 'two-chain';
  readonly #blocks: SeenBlocks;
  readonly #bodies: DurableBlocksChecker;
  readonly #entries: DurableEntriesChecker;
  /** The bound with which each replica has begun its present life. */
  readonly #floors = new Map<number, number>();
  readonly #seen = new Map<number, { readonly version: number; readonly record: Strongest }>();

  constructor(options: {
    readonly tenure: number;
    readonly rule: 'three-chain' | 'two-chain';
    readonly blocks: SeenBlocks;
    readonly accuse: Accuse;
  }) {
    this.#tenure = options.tenure;
    this.#rule = options.rule;
    this.#blocks = options.blocks;
    this.#accuse = options.accuse;
    this.#bodies = new DurableBlocksChecker(options);
    this.#entries = new DurableEntriesChecker(options);
  }

  /** A replica begins a life with this disk. */
  booted(replica: number, disk: SimulatedDisk): void {
    this.#floors.set(replica, strongestOf(disk).bound);
    this.#bodies.booted(replica);
    this.#entries.booted(replica);
  }

  /** A replica says that it has entered this view. */
  entered(replica: number, view: number): void {
    this.#entries.entered(replica, view);
  }

  /** A message that a correct replica signed leaves it. */
  sent(replica: number, disk: SimulatedDisk, message: PeerMessage): void {
    const view = this.#signedView(replica, message);
    if (view === null) return;
    const { bound, highQcView } = this.#recordOf(replica, disk);
    const needs = `replica ${replica} sent a ${message.type} that needs`;
    if (bound < view) this.#accuse('S8', `${needs} bound ${view}; on its disk is ${bound}`);
    const floor = this.#floors.get(replica) ?? 0;
    if (message.type !== 'timeout' && view <= floor) {
      this.#accuse(
        'S7',
        `replica ${replica} sent a ${message.type} of view ${view}; its life began with bound ${floor}`,
      );
    }
    if (message.type !== 'timeout') this.#entries.signed(replica, disk, message.type, view);
    if (message.type !== 'vote') return;
    this.#bodies.voted(replica, disk, message.vote);
    const lock = this.#lockViewOf(message.vote.block);
    if (highQcView < lock) this.#accuse('S8', `${needs} a high QC of view ${lock}; on its disk is ${highQcView}`);
  }

  /** The least view of the durable high QC behind a vote for that block: a restart locks on it. 0 where it is not known. */
  #lockViewOf(hash: string): number {
    const block = this.#blocks.get(hash);
    if (block === undefined) return 0;
    return this.#rule === 'two-chain' ? block.justifyView : (this.#blocks.get(block.justifyBlock)?.justifyView ?? 0);
  }

  /** The last view for which the message gives something up; null for one that another replica signed, or nobody. */
  #signedView(replica: number, message: PeerMessage): number | null {
    switch (message.type) {
      case 'vote':
        return message.vote.signer === replica ? message.vote.view : null;
      case 'proposal':
        return message.proposal.block.header.proposer === replica ? message.proposal.block.header.view : null;
      case 'timeout':
        return message.timeout.signer === replica ? message.timeout.tenure * this.#tenure + this.#tenure - 1 : null;
      default:
        return null;
    }
  }

  #recordOf(replica: number, disk: SimulatedDisk): Strongest {
    const before = this.#seen.get(replica);
    if (before?.version === disk.version) return before.record;
    const record = strongestOf(disk);
    if (before !== undefined && (record.bound < before.record.bound || record.highQcView < before.record.highQcView)) {
      const was = `bound ${before.record.bound} and high QC ${before.record.highQcView}`;
      this.#accuse('S7', `replica ${replica}: its disk held ${was}, and now ${record.bound} and ${record.highQcView}`);
    }
    this.#seen.set(replica, { version: disk.version, record });
    return record;
  }
}

/** By field, of all copies that can be read, as DESIGN section 6 says. */
function strongestOf(disk: SimulatedDisk): Strongest {
  let strongest = NOTHING;
  for (const { bound, highQc } of recordsOn(disk)) {
    strongest = {
      bound: Math.max(strongest.bound, bound),
      highQcView: Math.max(strongest.highQcView, highQc.view),
    };
  }
  return strongest;
}
