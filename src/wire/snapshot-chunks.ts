/** Chunks of a snapshot: a byte that says what the chunk holds, then that. */

import { concatBytes } from '../crypto/hash.js';
import type { Height } from '../protocol/numbers.js';
import { decodeWhole, NO_HEAD, number, whole } from './schema.js';
import { decodeSessions, encodeSessions, type SessionRecord } from './session-records.js';

/** One chunk: first the head, then sessions, then what the machine gave. */
export type SnapshotChunk =
  | { readonly kind: 'head'; readonly height: Height }
  | { readonly kind: 'sessions'; readonly sessions: readonly SessionRecord[] }
  | { readonly kind: 'machine'; readonly bytes: Uint8Array };

const HEAD = Uint8Array.of(0);
const SESSIONS = Uint8Array.of(1);
const MACHINE = Uint8Array.of(2);
const height = whole(NO_HEAD, number<Height>());

/** Returns the bytes of one chunk; those of the machine are copied. */
export function encodeSnapshotChunk(chunk: SnapshotChunk): Uint8Array {
  if (chunk.kind === 'head') return concatBytes(HEAD, height.encode(chunk.height));
  if (chunk.kind === 'sessions') return concatBytes(SESSIONS, encodeSessions(chunk.sessions));
  return concatBytes(MACHINE, chunk.bytes);
}

/** Returns what a chunk holds, or null when it is none. The machine's bytes are a view into `bytes`. */
export function decodeSnapshotChunk(bytes: Uint8Array): SnapshotChunk | null {
  const content = bytes.subarray(1);
  if (bytes[0] === MACHINE[0]) return { kind: 'machine', bytes: content };
  if (bytes[0] === SESSIONS[0]) {
    const sessions = decodeSessions(content);
    return sessions === null ? null : { kind: 'sessions', sessions };
  }
  const at = bytes[0] === HEAD[0] ? decodeWhole(height, content) : null;
  return at === null ? null : { kind: 'head', height: at };
}
