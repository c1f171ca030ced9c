/**
 * What the frames between replicas say. Each is read once, when it is sent: the same bytes arrive. A message in fragments
 * is read when its last one is sent, and stands for that one.
 */
import { Reassembler } from '../../wire/fragments.js';
import { decodeFrame } from '../../wire/frames.js';
import { decodePeerMessage } from '../../wire/peer-codec.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { ObservedFrame } from '../connection.js';

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
    const decoded = decodeFrame(frame);
    if (!decoded.ok || decoded.kind !== 'fragment' || decoded.payload.length < 4) return this.of(frame);
    const { payload } = decoded;
    const half = `${from} ${to} ${new DataView(payload.buffer, payload.byteOffset).getUint32(0)}`;
    const known = this.#read.get(frame);
    const whole = known === undefined ? this.#whole(half, payload) : null;
    if (known === undefined && whole === null) return null;
    this.#halves.delete(half);
    const message = known ?? (whole === null ? null : this.#decode(whole));
    this.#read.set(frame, message);
    return message;
  }

  /** What a frame says that has been sent, or one that is a whole message. */
  of(frame: Uint8Array): PeerMessage | null {
    const known = this.#read.get(frame);
    if (known !== undefined) return known;
    const decoded = decodeFrame(frame);
    if (decoded.ok && decoded.kind === 'fragment') return null;
    const message = decoded.ok && decoded.kind === 'message' ? this.#decode(decoded.payload) : null;
    this.#read.set(frame, message);
    return message;
  }

  #whole(half: string, payload: Uint8Array): Uint8Array | null {
    const begun = this.#halves.get(half)?.accept(payload);
    if (begun?.ok === true) return begun.message;
    const reassembler = new Reassembler();
    const anew = reassembler.accept(payload);
    if (anew.ok) this.#halves.set(half, reassembler);
    return null;
  }

  #decode(payload: Uint8Array): PeerMessage | null {
    const decoding = decodePeerMessage(this.#clusterId, payload);
    return decoding.ok ? decoding.message : null;
  }
}
