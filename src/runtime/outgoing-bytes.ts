import type { Message } from './behaviour.js';

/** Objects in objects that are looked at; what lies deeper crosses as it is. A message may be a ring. */
const DEPTH_MAX = 8;

/**
 * Buffers of so many bytes are copied and the copy moved. A clone copies twice, once on either thread: of 1 MiB it takes 1.7
 * times as long as this, of 8 MiB twice, of 64 MiB 1.1 times (`bench crossing`, Node 20); of smaller ones there is little to gain.
 */
const MOVED_BYTES = 128 * 1024;

/** How the views of a buffer cross: each with a buffer of its own, or all with a copy of the whole. */
type Way = 'apart' | 'together';

/**
 * The bytes of one batch for another thread. None is moved itself: the sender may keep it (a block's body goes to several
 * actors), and its buffer may hold what belongs to others (a socket's, or Node's pool of small buffers). Shared memory
 * crosses as it is; we make none, since it does not count for a garbage collector: 4000 bodies of 1 MiB, each let go at
 * once, took 2.1 GiB of memory, where moved copies took 0.15.
 */
export class OutgoingBytes {
  /** The buffers that the batch takes along. */
  readonly moved: ArrayBuffer[] = [];
  /** By what they are copies of: a body that goes to two actors of the other thread is copied once. */
  readonly #copies = new Map<ArrayBufferLike | Uint8Array, ArrayBuffer>();

  /**
   * Answers with the message, or an equal one whose bytes are copies: of large buffers, which are moved, and of bytes that
   * are less than half of their buffer. A clone takes the whole buffer along: a signature of 64 bytes would bring its frame.
   */
  prepare(message: Message): Message {
    const viewed = new Map<ArrayBuffer, number>();
    tally(message, viewed, DEPTH_MAX);
    const ways = new Map<ArrayBufferLike, Way>();
    for (const [buffer, bytes] of viewed) {
      if (bytes * 2 < buffer.byteLength) ways.set(buffer, 'apart');
      else if (buffer.byteLength >= MOVED_BYTES) ways.set(buffer, 'together');
    }
    return ways.size === 0 ? message : (this.#copy(message, ways, DEPTH_MAX) as Message);
  }

  #copy(value: unknown, ways: ReadonlyMap<ArrayBufferLike, Way>, depth: number): unknown {
    if (typeof value !== 'object' || value === null || depth === 0) return value;
    if (value instanceof Uint8Array) return this.#copyOf(value, ways.get(value.buffer));
    if (isList(value)) return value.map((item) => this.#copy(item, ways, depth - 1));
    if (!isRecord(value)) return value;
    const fields = Object.entries(value).map(([name, field]) => [name, this.#copy(field, ways, depth - 1)]);
    return Object.fromEntries(fields);
  }

  #copyOf(view: Uint8Array, way: Way | undefined): Uint8Array {
    if (way === undefined) return view;
    if (way === 'apart') {
      return view.length < MOVED_BYTES ? new Uint8Array(view) : new Uint8Array(this.#movedCopy(view, view));
    }
    const whole = this.#movedCopy(view.buffer, new Uint8Array(view.buffer));
    return new Uint8Array(whole, view.byteOffset, view.byteLength);
  }

  #movedCopy(of: ArrayBufferLike | Uint8Array, bytes: Uint8Array): ArrayBuffer {
    const known = this.#copies.get(of);
    if (known !== undefined) return known;
    const copy = new Uint8Array(bytes).buffer;
    this.#copies.set(of, copy);
    this.moved.push(copy);
    return copy;
  }
}

/** Adds up, by buffer, the bytes of all views of it, where they could be worth a copy. */
function tally(value: unknown, viewed: Map<ArrayBuffer, number>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return;
  if (value instanceof Uint8Array) {
    const { buffer, byteLength } = value;
    if (!(buffer instanceof ArrayBuffer)) return;
    if (byteLength < buffer.byteLength || byteLength >= MOVED_BYTES) {
      viewed.set(buffer, (viewed.get(buffer) ?? 0) + byteLength);
    }
  } else if (isList(value)) {
    for (const item of value) tally(item, viewed, depth - 1);
  } else if (isRecord(value)) {
    for (const name in value) tally(value[name], viewed, depth - 1);
  }
}

function isList(value: object): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Whether a clone makes a plain object of it too: maps, dates and the like stay what they are. */
function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
