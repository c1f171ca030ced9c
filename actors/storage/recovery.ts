/**
 * What a store holds, judged before anything is signed (DESIGN section 6). LevelDB opens without an error, and with
 * less in it, when its files are damaged; therefore a store that contradicts itself is refused here.
 */
import type { Block, SafetyRecord } from '../../src/protocol/types.js';
import { genesisBlock } from '../../src/wire/block.js';
import { decodeSafetyCopy, type SafetyCopy } from '../../src/wire/safety-copy.js';
import {
  type BlockPlace,
  decodeCount,
  decodeMeta,
  META_KEY,
  RECORD_KEY,
  STORE_SCHEMA,
  type StoreIdentity,
  WRITTEN_KEY,
} from '../../src/wire/store-layout.js';
import type { StoreContents } from './messages.js';
import { recoverBlocks } from './recovered-blocks.js';
import { recoverRecord } from './recovered-record.js';
import { refuse, type StoreProblem } from './store-problem.js';

/** A store as storage goes on with it. */
export interface RecoveredContents {
  readonly record: SafetyRecord | null;
  readonly committed: Block;
  readonly uncommitted: readonly Block[];
  /** Blocks on the disk that can never be committed. */
  readonly stale: readonly BlockPlace[];
  /** The number of the last batch. */
  readonly batch: number;
  /** The slot that may be overwritten: not the one with the newest copy. */
  readonly nextSlot: 0 | 1;
  /** A slot is of a batch that the database never got: `record` is to be written again with the next batch. */
  readonly slotAhead: boolean;
}

export type Recovery =
  | { readonly ok: true; readonly contents: RecoveredContents }
  | { readonly ok: false; readonly problem: StoreProblem };

/** Decides whether the replica `identity` may go on with what the disk holds, and with what exactly. */
export function recover(identity: StoreIdentity, contents: StoreContents): Recovery {
  const entries = new Map(contents.entries.map((entry) => [entry.key, entry.value]));
  const owner = ownerProblem(identity, entries.get(META_KEY));
  if (owner !== null) return { ok: false, problem: owner };

  const written = decodeCount(entries.get(WRITTEN_KEY) ?? new Uint8Array(0));
  if (written === null) return refuse('STORE_DAMAGED', 'The database does not say how many batches were written');

  const slots = contents.slots.map((slot) => readCopy(slot ?? undefined));
  const database = readCopy(entries.get(RECORD_KEY));
  const readable = slots.filter((copy) => copy !== null);
  const copyProblem = copiesProblem(identity, database === null ? readable : [database, ...readable], written);
  if (copyProblem !== null) return { ok: false, problem: copyProblem };

  const blocks = recoverBlocks(genesisBlock(identity.clusterId), identity.clusterId, entries);
  if (!blocks.ok) return blocks;
  const record = recoverRecord({ database, slots: readable }, blocks.blocks, written);
  if (!record.ok) return record;
  const nextSlot = (slots[0]?.batch ?? -1) > (slots[1]?.batch ?? -1) ? 1 : 0;
  const slotAhead = readable.some((copy) => copy.batch > written);
  return { ok: true, contents: { ...blocks.blocks, record: record.record, batch: written, nextSlot, slotAhead } };
}

function readCopy(bytes: Uint8Array | undefined): SafetyCopy | null {
  return bytes === undefined ? null : decodeSafetyCopy(bytes);
}

function ownerProblem(identity: StoreIdentity, bytes: Uint8Array | undefined): StoreProblem | null {
  const meta = bytes === undefined ? null : decodeMeta(bytes);
  if (meta === null) return refuse('STORE_DAMAGED', 'The database does not say whose it is').problem;
  if (meta.schema !== STORE_SCHEMA) {
    const detail = `The store has schema ${meta.schema}, this program reads ${STORE_SCHEMA}. Use the program that wrote it.`;
    return { code: 'STORE_SCHEMA_UNKNOWN', detail };
  }
  return identityProblem(identity, meta, 'database');
}

function identityProblem(own: StoreIdentity, found: StoreIdentity, where: string): StoreProblem | null {
  if (found.clusterId !== own.clusterId) {
    const detail = `The ${where} belongs to cluster ${found.clusterId}, not to ${own.clusterId}. Name another data directory.`;
    return { code: 'STORE_OF_ANOTHER_CLUSTER', detail };
  }
  if (found.replica !== own.replica) {
    const detail = `The ${where} belongs to replica ${found.replica}, not to ${own.replica}. Name another data directory.`;
    return { code: 'STORE_OF_ANOTHER_REPLICA', detail };
  }
  return null;
}

function copiesProblem(identity: StoreIdentity, copies: readonly SafetyCopy[], written: number): StoreProblem | null {
  if (copies.length === 0) {
    return refuse(
      'SAFETY_RECORD_LOST',
      'No copy of the safety record is readable, neither in the slots nor in the database',
    ).problem;
  }
  for (const copy of copies) {
    const problem = identityProblem(identity, copy.identity, 'safety record');
    if (problem !== null) return problem;
  }
  // A batch goes to both places side by side, and is begun only when the one before stands in both.
  const newest = Math.max(...copies.map((copy) => copy.batch));
  if (newest <= written + 1) return null;
  const found = `The safety record is of batch ${newest}, but the database has none after ${written}: it lost what was written`;
  return refuse('STORE_LOST_WRITES', found).problem;
}
