import type { Message } from './behaviour.js';

/** Objects in objects that are looked at; what lies deeper crosses as it is. A message may be a ring. */
const DEPTH_MAX = 8;

type BytesByBuffer = Map<ArrayBufferLike, number>;

/**
 * Answers with the message, or an equal one whose bytes have buffers of their own where they are less than half of what
 * they are views of. A clone takes the whole buffer along: a signature of 64 bytes would bring its frame of 64 KiB.
 */
export function compactBytes(message: Message): Message {
  const viewed: BytesByBuffer = new Map();
  tally(message, viewed, DEPTH_MAX);
  for (const [buffer, bytes] of viewed) if (bytes * 2 >= buffer.byteLength) viewed.delete(buffer);
  return viewed.size === 0 ? message : (copy(message, viewed, DEPTH_MAX) as Message);
}

/** Adds up, by buffer, the bytes of all views that are smaller than it. */
function tally(value: unknown, viewed: BytesByBuffer, depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return;
  if (value instanceof Uint8Array) {
    const { buffer, byteLength } = value;
    if (byteLength < buffer.byteLength) viewed.set(buffer, (viewed.get(buffer) ?? 0) + byteLength);
  } else if (isList(value)) {
    for (const item of value) tally(item, viewed, depth - 1);
  } else if (isRecord(value)) {
    for (const name in value) tally(value[name], viewed, depth - 1);
  }
}

function copy(value: unknown, wasteful: BytesByBuffer, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (value instanceof Uint8Array) return wasteful.has(value.buffer) ? new Uint8Array(value) : value;
  if (isList(value)) return value.map((item) => copy(item, wasteful, depth - 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copy(field, wasteful, depth - 1)]));
}

function isList(value: object): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Whether a clone makes a plain object of it too: maps, dates and the like stay what they are. */
function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
