/**
 * S7 and S8: what forbids the opposite of a signed message is on the disk before the message leaves, and what a disk holds
 * of it never goes back. Reads the disk as it is, not what the replica believes of it.
 */
import type { SafetyRecord } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import { decodeSafetyCopy } from '../../wire/safety-copy.js';
import { RECORD_KEY } from '../../wire/store-layout.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';

interface Strongest {
  readonly bound: number;
  readonly highQcView: number;
}

const NOTHING: Strongest = { bound: 0, highQcView: 0 };

export class DurabilityChecker {
  readonly #accuse: Accuse;
  readonly #tenure: number;
  readonly #seen = new Map<number, { readonly version: number; readonly record: Strongest }>();

  constructor(options: { readonly tenure: number; readonly accuse: Accuse }) {
    this.#tenure = options.tenure;
    this.#accuse = options.accuse;
  }

  /** A message that a correct replica signed leaves it. */
  sent(replica: number, disk: SimulatedDisk, message: PeerMessage): void {
    const view = this.#signedView(replica, message);
    if (view === null) return;
    const { bound } = this.#recordOf(replica, disk);
    if (bound >= view) return;
    this.#accuse('S8', `replica ${replica} sent a ${message.type} that needs bound ${view}; on its disk is ${bound}`);
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
  const copies = [disk.entries.get(RECORD_KEY) ?? null, ...disk.slots];
  let strongest = NOTHING;
  for (const bytes of copies) {
    const record = bytes === null ? null : recordIn(bytes);
    if (record === null) continue;
    strongest = {
      bound: Math.max(strongest.bound, record.bound),
      highQcView: Math.max(strongest.highQcView, record.highQc.view),
    };
  }
  return strongest;
}

/** What each copy that was written says: the same bytes stand in several places, and are read once. */
const read = new WeakMap<Uint8Array, SafetyRecord | null>();

function recordIn(bytes: Uint8Array): SafetyRecord | null {
  const known = read.get(bytes);
  if (known !== undefined) return known;
  const record = decodeSafetyCopy(bytes)?.record ?? null;
  read.set(bytes, record);
  return record;
}
