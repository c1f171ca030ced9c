/** A block as its database has it: with a small body whole, with a large one in parts (`store-layout.ts`). */
import type { Block } from '../protocol/types.js';
import { encodeStoredBlock } from './block.js';
import { STORED_PART_BYTES } from './store-layout.js';

/** Of a length that stands before bytes. */
const LENGTH_BYTES = 4;
const NO_BODY = new Uint8Array(0);

/** Returns what a store is given of a block: its value but for a large body, which is not copied and comes behind it. */
export function storedBlockParts(block: Block): { readonly value: Uint8Array; readonly body?: Uint8Array } {
  const { body } = block;
  if (body.length <= STORED_PART_BYTES) return { value: encodeStoredBlock(block) };
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
