/** Which view a message of a twins run belongs to: the partitions of that view decide whom it reaches. */
import type { ReplicaId } from '../protocol/numbers.js';
import type { PeerMessage } from '../wire/peer-messages.js';
import type { NodeId } from './links.js';

/** What is known of the Timeouts of one node. */
interface Repeated {
  readonly tenure: number;
  /** How often it has sent its Timeout of that tenure before. */
  times: number;
  frame: Uint8Array;
}

/**
 * Tenures have one view here. A proposal or vote belongs to its own view, a certificate to the view that it enters, and
 * everything else to the view in which its sender is.
 *
 * A Timeout belongs to its tenure when it is sent first, and at each repetition to one view more. Twins (arXiv:2004.10617)
 * lets every node leave a view when its time is over; here that takes a quorum of Timeouts, so that a view none of whose
 * parts has one would never end. Its sender has waited through one more timer, and counts as one view on by then.
 */
export class MessageViews {
  readonly #identities: readonly ReplicaId[];
  readonly #viewOf: (node: NodeId) => number;
  readonly #repeated: (Repeated | null)[];

  constructor(identities: readonly ReplicaId[], viewOf: (node: NodeId) => number) {
    this.#identities = identities;
    this.#viewOf = viewOf;
    this.#repeated = identities.map(() => null);
  }

  /** `frame` is the one array of a message, to however many it goes. `message` null: what cannot be read. */
  of(from: NodeId, frame: Uint8Array, message: PeerMessage | null): number {
    switch (message?.type) {
      case 'proposal':
        return message.proposal.block.header.view;
      case 'vote':
        return message.vote.view;
      case 'certificates': {
        const { highQc, tc } = message.certificates;
        return Math.max(highQc.view, tc?.tenure ?? 0) + 1;
      }
      case 'timeout': {
        const { signer, tenure } = message.timeout;
        return signer === this.#identities[from] ? tenure + this.#repeats(from, frame, tenure) : tenure;
      }
      default:
        return this.#present(from);
    }
  }

  #repeats(from: NodeId, frame: Uint8Array, tenure: number): number {
    const last = this.#repeated[from];
    if (!last || last.tenure !== tenure) {
      this.#repeated[from] = { tenure, times: 0, frame };
      return 0;
    }
    if (last.frame !== frame) last.times += 1;
    last.frame = frame;
    return last.times;
  }

  #present(node: NodeId): number {
    const view = this.#viewOf(node);
    const last = this.#repeated[node];
    return last ? Math.max(view, last.tenure + last.times) : view;
  }
}
