/**
 * What the frames between replicas say. Each is read once, when it is sent: the same bytes arrive. A message in fragments
 * is read when its last one is sent, and stands for that one.
 */
import { type Fragment, Reassembler, readFragment } from '../../wire/fragments.js';
import { decodeFrame, type FrameDecoding } from '../../wire/frames.js';
import { decodePeerMessage } from '../../wire/peer-codec.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { ObservedFrame } from '../connection.js';

/** Tells what the frames between replicas say. A frame is known by its one array, from sending to arrival. */
export class SentMessages {
  readonly #clusterId: string;
  readonly #read = new WeakMap<Uint8Array, PeerMessage | null>();
  /** Half messages, by sender, receiver and number. A connection that ends leaves some, which the next one begins anew. */
  readonly #halves = new Map<string, Reassembler>();

  constructor(clusterId: string) {
    this.#clusterId = clusterId;
  }

  /** Null for a greeting, a fragment that is not the last, and what is none. */
  sent({ from, to, frame }: Pick<ObservedFrame, 'from' | 'to' | 'frame'>): PeerMessage | null {
    const known = this.#read.get(frame);
    const decoded = decodeFrame(frame);
    const fragment = decoded.ok && decoded.kind === 'fragment' ? readFragment(decoded.payload) : null;
    if (fragment === null) return known === undefined ? this.#readWhole(frame, decoded) : known;
    const half = `${from} ${to} ${fragment.messageId}`;
    const whole = known === undefined ? this.#join(half, fragment) : null;
    if (known === undefined && whole === null) return null;
    this.#halves.delete(half);
    return known ?? this.#keep(frame, whole);
  }

  /** What a frame says that has been sent, or one that is a whole message. */
  of(frame: Uint8Array): PeerMessage | null {
    const known = this.#read.get(frame);
    return known === undefined ? this.#readWhole(frame, decodeFrame(frame)) : known;
  }

  #readWhole(frame: Uint8Array, decoded: FrameDecoding): PeerMessage | null {
    // A fragment is read when the last one of its message is sent.
    if (decoded.ok && decoded.kind === 'fragment') return null;
    return this.#keep(frame, decoded.ok && decoded.kind === 'message' ? decoded.payload : null);
  }

  #join(half: string, fragment: Fragment): Uint8Array | null {
    const begun = this.#halves.get(half)?.add(fragment);
    if (begun?.ok === true) return begun.message;
    const reassembler = new Reassembler();
    const anew = reassembler.add(fragment);
    if (anew.ok) this.#halves.set(half, reassembler);
    return null;
  }

  #keep(frame: Uint8Array, payload: Uint8Array | null): PeerMessage | null {
    const decoding = payload === null ? null : decodePeerMessage(this.#clusterId, payload);
    const message = decoding?.ok === true ? decoding.message : null;
    this.#read.set(frame, message);
    return message;
  }
}
