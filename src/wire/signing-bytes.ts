/**
 * The exact bytes that replicas sign. A type tag, the cluster id, the epoch, the view and the hash stand in each of
 * them, so that no signature can be taken for one of another kind, cluster, epoch, view or block (DESIGN section 4).
 *
 * All integers are unsigned and big-endian.
 *
 * | offset | bytes | proposal, vote       | Timeout                  |
 * |--------|-------|----------------------|--------------------------|
 * | 0      | 8     | `hs1:prop`, `hs1:vote` | `hs1:time` (ASCII)     |
 * | 8      | 32    | cluster id           | cluster id               |
 * | 40     | 8     | epoch                | epoch                    |
 * | 48     | 8     | view                 | tenure                   |
 * | 56     | 32, 8 | block hash (32)      | view of the high QC (8)  |
 * | length |       | 88                   | 64                       |
 *
 * Laid by hand: a leader of n = 4 makes and checks these bytes a thousand times a second.
 */
import { hexToBytes, writeHex } from '../crypto/hash.js';
import type { BlockHash, Tenure, View } from '../protocol/numbers.js';

const CLUSTER_OFFSET = 8;
const EPOCH_OFFSET = 40;
const VIEW_OFFSET = 48;
const SUBJECT_OFFSET = 56;
const BLOCK_STATEMENT_BYTES = 88;
const TIMEOUT_STATEMENT_BYTES = 64;

/** Makes the bytes that one cluster's replicas sign. */
export interface SigningBytes {
  /** 88 bytes that the proposer of `block` signs. */
  proposal(view: View, block: BlockHash): Uint8Array;
  /** 88 bytes that a voter for `block` signs; a quorum certificate is made of signatures over them. */
  vote(view: View, block: BlockHash): Uint8Array;
  /** 64 bytes that a replica signs when it gives up `tenure` with a high QC of view `highQcView`. */
  timeout(tenure: Tenure, highQcView: View): Uint8Array;
}

/**
 * Returns the maker of signed bytes for one cluster (64 hex digits) and epoch. The same bytes may be answered again, since the
 * votes of a certificate are all for one statement: nobody writes into them.
 */
export function createSigningBytes(scope: { readonly clusterId: string; readonly epoch: number }): SigningBytes {
  const proposalTemplate = template('hs1:prop', BLOCK_STATEMENT_BYTES, scope);
  const voteTemplate = template('hs1:vote', BLOCK_STATEMENT_BYTES, scope);
  const timeoutTemplate = template('hs1:time', TIMEOUT_STATEMENT_BYTES, scope);
  let last: { readonly view: View; readonly block: BlockHash; readonly bytes: Uint8Array } | null = null;
  return {
    proposal: (view, block) => blockStatement(proposalTemplate, view, block),
    vote: (view, block) => {
      if (last === null || last.view !== view || last.block !== block) {
        last = { view, block, bytes: blockStatement(voteTemplate, view, block) };
      }
      return last.bytes;
    },
    timeout: (tenure, highQcView) => {
      const bytes = timeoutTemplate.slice();
      writeUint64(bytes, VIEW_OFFSET, tenure);
      writeUint64(bytes, SUBJECT_OFFSET, highQcView);
      return bytes;
    },
  };
}

function template(tag: string, length: number, scope: { readonly clusterId: string; readonly epoch: number }) {
  const bytes = new Uint8Array(length);
  bytes.set(new TextEncoder().encode(tag), 0);
  bytes.set(hexToBytes(scope.clusterId), CLUSTER_OFFSET);
  writeUint64(bytes, EPOCH_OFFSET, scope.epoch);
  return bytes;
}

function blockStatement(base: Uint8Array, view: View, block: BlockHash): Uint8Array {
  const bytes = base.slice();
  writeUint64(bytes, VIEW_OFFSET, view);
  writeHex(block, bytes, SUBJECT_OFFSET);
  return bytes;
}

function writeUint64(bytes: Uint8Array, offset: number, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(offset, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 4, value % 2 ** 32);
}
