/** A block as a store is given it, and as its database has it: whole, or with a large body in parts (`store-layout.ts`). */
import type { Block } from '../protocol/types.js';
import { encodeStoredBlock } from './block.js';

/**
 * Bodies of so many bytes are not encoded into their block's value. To encode 1 MiB takes 0.5 ms of the thread and memory of
 * twice its size; to copy it once where it is handed to the database 0.02 ms (measured).
 */
export const APART_BYTES = 64 * 1024;

/** Of a length that stands before bytes. */
const LENGTH_BYTES = 4;
const NO_BODY = new Uint8Array(0);

/** Returns what a store is given of a block: its value but for a body of size, which is not copied and comes behind it. */
export function storedBlockParts(block: Block): { readonly value: Uint8Array; readonly body?: Uint8Array } {
  const { body } = block;
  if (body.length < APART_BYTES) return { value: encodeStoredBlock(block) };
  const value = encodeStoredBlock({ ...block, body: NO_BODY });
  viewOf(value).setUint32(value.length - LENGTH_BYTES, body.length);
  return { value, body };
}

/** Returns how many bytes of body belong behind a block's value as a database has it; 0 where it is whole, or damaged. */
export function missingBodyBytes(value: Uint8Array): number {
  if (value.length < LENGTH_BYTES) return 0;
  const view = viewOf(value);
  const bodyLengthAt = LENGTH_BYTES + view.getUint32(0);
  return bodyLengthAt + LENGTH_BYTES === value.length ? view.getUint32(bodyLengthAt) : 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
