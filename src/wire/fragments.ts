/**
 * Long messages in pieces, so that votes can go between the pieces of a body.
 *
 * Fragment: message id (4), index (4), length of the whole message (4), data. Every fragment but the last holds
 * `limits.fragmentBytes`, the last one the rest, so index and length say how much data there must be. The fragments of
 * one message arrive in order; those of several messages may alternate.
 */
import { limits } from '../config/limits.js';
import { encodeFrame } from './frames.js';

const FRAGMENT_HEADER_BYTES = 12;

/** Returns how many frames a message of `length` bytes takes. */
export function frameCount(length: number): number {
  return Math.max(1, Math.ceil(length / limits.fragmentBytes));
}

/**
 * Yields the frames of a message, one by one as they are asked for: a single `message` frame, or fragments.
 * `messageId` is a 32-bit number that no other unfinished message of the connection bears.
 */
export function* framesOf(messageId: number, message: Uint8Array): Generator<Uint8Array, void, undefined> {
  const count = frameCount(message.length);
  if (count === 1) {
    yield encodeFrame('message', message);
    return;
  }
  for (let index = 0; index < count; index++) yield fragmentFrame(messageId, index, message.length, [message]);
}

/** The frames of a message, by their places; `at` answers undefined from `length` on. */
export interface MessageFrames {
  readonly length: number;
  at(index: number): Uint8Array | undefined;
}

/**
 * Returns the frames of a message that is given in parts, as {@link framesOf} yields them. Each is made when it is asked for
 * first, and kept for whoever asks next: to make those of 64 MiB at once would hold the thread up for tens of milliseconds.
 */
export function framesAsAsked(messageId: number, parts: readonly Uint8Array[]): MessageFrames {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const length = frameCount(bytes);
  if (length === 1) return [encodeFrame('message', ...parts)];
  const made: Uint8Array[] = [];
  return {
    length,
    at(index) {
      if (index < length) made[index] ??= fragmentFrame(messageId, index, bytes, parts);
      return made[index];
    },
  };
}

function fragmentFrame(messageId: number, index: number, bytes: number, parts: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(FRAGMENT_HEADER_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, messageId);
  view.setUint32(4, index);
  view.setUint32(8, bytes);
  return encodeFrame('fragment', head, ...within(parts, index * limits.fragmentBytes, limits.fragmentBytes));
}

/** Views of the `length` bytes from `start` on, over all parts; fewer at the end. */
function within(parts: readonly Uint8Array[], start: number, length: number): readonly Uint8Array[] {
  const views: Uint8Array[] = [];
  let before = 0;
  for (const part of parts) {
    const from = Math.max(0, start - before);
    const to = start + length - before;
    if (from < part.length && to > 0) views.push(part.subarray(from, to));
    before += part.length;
  }
  return views;
}

/** What one connection may have half here. Lengths in bytes. */
export interface ReassemblyBounds {
  readonly messageBytes: number;
  readonly openMessages: number;
  readonly reassemblyBytes: number;
}

/** Why a fragment does not belong. The connection is of no use after it. */
export type FragmentRefusal =
  | 'truncatedFragment'
  | 'messageTooShort'
  | 'messageTooLong'
  | 'wrongFragmentLength'
  | 'unknownMessage'
  | 'outOfOrder'
  | 'lengthChanged'
  | 'tooManyMessages'
  | 'tooManyBytes';

/** `message` is null until the last fragment of one is there. */
export type FragmentDecoding =
  | { readonly ok: true; readonly message: Uint8Array | null }
  | { readonly ok: false; readonly reason: FragmentRefusal };

interface OpenMessage {
  readonly length: number;
  /** How many fragments are here. */
  received: number;
  /** Those of the first half, until they are moved. */
  readonly early: (Uint8Array | null)[];
  moved: number;
  /** The whole message, once half of it is here. */
  message: Uint8Array | null;
}

/** One piece of a message. */
export interface Fragment {
  readonly messageId: number;
  readonly index: number;
  readonly length: number;
  readonly data: Uint8Array;
}

/**
 * Puts the fragments of one connection together. It holds what has arrived and reserves nothing for what is promised: room
 * for a message is made when half of it is here, and every fragment from then on takes an early one along. To join 64 MiB
 * at the end would hold the thread up for tens of milliseconds.
 */
export class Reassembler {
  readonly #bounds: ReassemblyBounds;
  readonly #open = new Map<number, OpenMessage>();
  #heldBytes = 0;

  constructor(bounds: ReassemblyBounds = limits) {
    this.#bounds = bounds;
  }

  /** Bytes of half messages. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes the payload of a `fragment` frame. Never throws; after a refusal the connection is to be closed. */
  accept(payload: Uint8Array): FragmentDecoding {
    const fragment = readFragment(payload);
    return fragment === null ? { ok: false, reason: 'truncatedFragment' } : this.add(fragment);
  }

  /** The same for one that has been read. */
  add(fragment: Fragment): FragmentDecoding {
    const reason = this.#refusalOf(fragment);
    return reason === null ? { ok: true, message: this.#take(fragment) } : { ok: false, reason };
  }

  #refusalOf({ messageId, index, length, data }: Fragment): FragmentRefusal | null {
    if (length > this.#bounds.messageBytes) return 'messageTooLong';
    if (length <= limits.fragmentBytes) return 'messageTooShort';
    if (data.length !== Math.min(limits.fragmentBytes, length - index * limits.fragmentBytes)) {
      return 'wrongFragmentLength';
    }
    const open = this.#open.get(messageId);
    if (open === undefined && index !== 0) return 'unknownMessage';
    if (open !== undefined && open.received !== index) return 'outOfOrder';
    if (open !== undefined && open.length !== length) return 'lengthChanged';
    if (open === undefined && this.#open.size >= this.#bounds.openMessages) return 'tooManyMessages';
    return this.#heldBytes + data.length > this.#bounds.reassemblyBytes ? 'tooManyBytes' : null;
  }

  #take({ messageId, index, length, data }: Fragment): Uint8Array | null {
    const open = this.#open.get(messageId) ?? { length, received: 0, early: [], moved: 0, message: null };
    place(open, data);
    this.#heldBytes += data.length;
    if (index + 1 < frameCount(length)) {
      this.#open.set(messageId, open);
      return null;
    }
    this.#open.delete(messageId);
    this.#heldBytes -= length;
    return open.message;
  }
}

/** Puts the next fragment where it belongs. There are fewer early ones than others, so that all are moved in the end. */
function place(open: OpenMessage, data: Uint8Array): void {
  const { length, received, early } = open;
  open.received += 1;
  if (2 * open.received >= frameCount(length)) open.message ??= new Uint8Array(length);
  const { message } = open;
  if (message === null) {
    early.push(data);
    return;
  }
  message.set(data, received * limits.fragmentBytes);
  const next = early[open.moved] ?? null;
  if (next === null) return;
  message.set(next, open.moved * limits.fragmentBytes);
  early[open.moved] = null;
  open.moved += 1;
}

/** Reads the payload of a `fragment` frame: null for one that is too short to say anything. Whether it belongs is not judged. */
export function readFragment(payload: Uint8Array): Fragment | null {
  if (payload.length <= FRAGMENT_HEADER_BYTES) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return {
    messageId: view.getUint32(0),
    index: view.getUint32(4),
    length: view.getUint32(8),
    data: payload.subarray(FRAGMENT_HEADER_BYTES),
  };
}
