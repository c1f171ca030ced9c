import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { OpenCheck } from './certificate-verifier.js';
import type { ConsensusMessage } from './messages.js';

/** What peers send with certificates. */
export type CertifiedMessage = Extract<
  ConsensusMessage,
  { readonly type: 'proposalReceived' | 'timeoutReceived' | 'certificatesReceived' }
>;

interface Checked {
  readonly message: CertifiedMessage;
  readonly checks: readonly OpenCheck[];
}

/** How much may be with the pool, or wait for what is. */
export interface OffloadedChecksBounds {
  /** Messages of one peer that may be checked or wait behind one that is. */
  readonly messagesPerPeer: number;
  /** Bytes of their bodies, of all peers together. */
  readonly bodyBytes: number;
}

/** What is with the pool, and the proposals that wait behind one of the same peer. */
export class OffloadedChecks {
  readonly #bounds: OffloadedChecksBounds;
  readonly #checked = new Map<number, Checked>();
  /** By peer, in their order: a proposal stands on the one before, which would be asked for were it overtaken. */
  readonly #waiting = new Map<ReplicaId, CertifiedMessage[]>();
  #lastId = 0;
  #bodyBytes = 0;
  /** Set while a message is received again: it is not given to the pool a second time. */
  receivingAgain = false;

  constructor(bounds: OffloadedChecksBounds) {
    this.#bounds = bounds;
  }

  /** Messages with the pool or waiting. */
  get size(): number {
    return this.#checked.size + [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Bytes of their bodies. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Whether a proposal of the peer is with the pool, so that the next one has to wait for it. */
  checksProposalOf(peer: ReplicaId): boolean {
    if (this.#checked.size === 0) return false;
    return [...this.#checked.values()].some(
      ({ message }) => message.type === 'proposalReceived' && message.from === peer,
    );
  }

  hasRoomFor(message: CertifiedMessage): boolean {
    const bytes = bodyBytesOf(message);
    return (
      this.#sizeOf(message.from) < this.#bounds.messagesPerPeer && this.#bodyBytes + bytes <= this.#bounds.bodyBytes
    );
  }

  /** Keeps a message while the pool looks at its signatures; answers with the number of the task. */
  begin(message: CertifiedMessage, checks: readonly OpenCheck[]): number {
    this.#lastId += 1;
    this.#bodyBytes += bodyBytesOf(message);
    this.#checked.set(this.#lastId, { message, checks });
    return this.#lastId;
  }

  /** Keeps a proposal behind one that is with the pool. */
  wait(message: CertifiedMessage): void {
    this.#bodyBytes += bodyBytesOf(message);
    const before = this.#waiting.get(message.from);
    if (before === undefined) this.#waiting.set(message.from, [message]);
    else before.push(message);
  }

  /** Takes out what a task was for. */
  take(id: number): Checked | null {
    const checked = this.#checked.get(id);
    if (checked === undefined) return null;
    this.#checked.delete(id);
    this.#bodyBytes -= bodyBytesOf(checked.message);
    return checked;
  }

  /** Takes out the next proposal of a peer that waits for nothing any more. */
  takeWaiting(peer: ReplicaId): CertifiedMessage | null {
    if (this.checksProposalOf(peer)) return null;
    const waiting = this.#waiting.get(peer);
    const next = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(peer);
    if (next === undefined) return null;
    this.#bodyBytes -= bodyBytesOf(next);
    return next;
  }

  #sizeOf(peer: ReplicaId): number {
    let size = this.#waiting.get(peer)?.length ?? 0;
    for (const { message } of this.#checked.values()) if (message.from === peer) size += 1;
    return size;
  }
}

function bodyBytesOf(message: CertifiedMessage): number {
  return message.type === 'proposalReceived' ? message.proposal.block.body.length : 0;
}
