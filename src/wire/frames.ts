/**
 * Frames: what one binary message on a socket holds. Wire version (1 byte), kind (1 byte), payload.
 * A change that an older replica could misread raises the version; a frame of another version is refused whole.
 */
import { limits } from '../config/limits.js';
import { plainBytes } from './schema.js';

/** The first byte of every frame; a hello names it too. */
export const WIRE_VERSION = 1;
const FRAME_HEADER_BYTES = 2;

/** What stands in a frame; its place in this list, from 1, is the byte. `keepalive` has no payload. */
const kinds = ['hello', 'helloAnswer', 'message', 'fragment', 'keepalive'] as const;
type FrameKind = (typeof kinds)[number];

/** Why bytes are no frame. */
export type FrameRefusal = 'tooShort' | 'tooLong' | 'wrongVersion' | 'unknownKind';

/** What the bytes of one socket message are; `payload` is a view into them. */
export type FrameDecoding =
  | { readonly ok: true; readonly kind: FrameKind; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: FrameRefusal };

/** Returns the frame of `kind` around the parts of a payload, which are copied. */
export function encodeFrame(kind: FrameKind, ...payload: readonly Uint8Array[]): Uint8Array {
  let length = FRAME_HEADER_BYTES;
  for (const part of payload) length += part.length;
  const frame = new Uint8Array(length);
  frame[0] = WIRE_VERSION;
  frame[1] = kinds.indexOf(kind) + 1;
  let offset = FRAME_HEADER_BYTES;
  for (const part of payload) {
    frame.set(part, offset);
    offset += part.length;
  }
  return frame;
}

/** Returns kind and payload of a frame, or why it is none. Never throws. */
export function decodeFrame(bytes: Uint8Array): FrameDecoding {
  if (bytes.length < FRAME_HEADER_BYTES) return { ok: false, reason: 'tooShort' };
  if (bytes.length > limits.frameBytes) return { ok: false, reason: 'tooLong' };
  if (bytes[0] !== WIRE_VERSION) return { ok: false, reason: 'wrongVersion' };
  const kind = kinds[(bytes[1] as number) - 1];
  if (kind === undefined) return { ok: false, reason: 'unknownKind' };
  return { ok: true, kind, payload: plainBytes(bytes).subarray(FRAME_HEADER_BYTES) };
}
