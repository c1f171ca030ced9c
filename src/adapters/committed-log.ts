import { firstHeight } from '../config/first-height.js';
import { limits } from '../config/limits.js';
import { OperationalError } from '../errors.js';
import type { CommittedLog } from '../protocol/committed-log.js';
import { asHeight, type BlockHash, type Height } from '../protocol/numbers.js';
import type { Block } from '../protocol/types.js';
import { decodeStoredBlock } from '../wire/block.js';
import { BLOCKS_END, blockKey, blocksFrom, decodeHeight, decodeTip, hashKey, TIP_KEY } from '../wire/store-layout.js';
import { withParts } from './block-parts.js';
import { type Database, openDatabase } from './store-database.js';
import { nextTurn } from './turn-scheduler.js';

/** Reads the committed chain of an open database, up to the block that was the last when this was called. */
export async function committedLogOf(database: Database, clusterId: string): Promise<CommittedLog> {
  const bytes = await database.get(TIP_KEY);
  const tip = bytes === undefined ? null : decodeTip(bytes);
  if (bytes !== undefined && tip === null) throw damaged('The name of the last committed block is unreadable');
  const committedHeight = tip?.height ?? asHeight(0);
  return {
    committedHeight,
    blocks: (from) => readChain(database, clusterId, { from: firstHeight(from), to: committedHeight }),
    loadBlock: (hash) => loadBlock(database, { clusterId, hash, committedHeight }),
  };
}

/** The committed log of a replica that is not running. */
export type StoppedLog = CommittedLog & AsyncDisposable;

/**
 * Opens the committed chain of the stopped replica whose data is in `directory`.
 * @throws OperationalError as `openDatabase` does: `STORE_LOCKED` where the replica runs.
 */
export async function openCommittedLog(directory: string, clusterId: string): Promise<StoppedLog> {
  const database = await openDatabase(directory);
  try {
    const log = await committedLogOf(database, clusterId);
    return { ...log, [Symbol.asyncDispose]: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function* readChain(
  database: Database,
  clusterId: string,
  { from, to }: { readonly from: Height; readonly to: Height },
): AsyncGenerator<Block, void, undefined> {
  const entries = database.iterator({ gte: blocksFrom(from), lt: BLOCKS_END, fillCache: false });
  let height = from;
  let parent: BlockHash | null = null;
  try {
    while (height <= to) {
      const portion = await entries.nextv(Math.min(limits.storagePortion.blocks, to - height + 1));
      if (portion.length === 0) throw damaged(`The committed block at height ${height} is missing`);
      for (const [key, value] of portion) {
        const block = decodeStoredBlock(clusterId, await withParts(database, key, value));
        if (
          block === null ||
          block.header.height !== height ||
          (parent ?? block.header.parent) !== block.header.parent
        ) {
          throw damaged(`The committed block at height ${height} is missing or unreadable`);
        }
        yield block;
        // Whoever replays a long log can be stopped between two blocks.
        await nextTurn();
        parent = block.hash;
        height = asHeight(height + 1);
      }
    }
  } finally {
    await entries.close();
  }
}

async function loadBlock(
  database: Database,
  { clusterId, hash, committedHeight }: { clusterId: string; hash: BlockHash; committedHeight: Height },
): Promise<Block | null> {
  const heightBytes = await database.get(hashKey(hash));
  const height = heightBytes === undefined ? null : decodeHeight(heightBytes);
  if (height === null || height > committedHeight) return null;
  const key = blockKey({ height, hash });
  const value = await database.get(key);
  const block = value === undefined ? null : decodeStoredBlock(clusterId, await withParts(database, key, value));
  if (block?.hash !== hash) throw damaged(`The block ${hash} at height ${height} is missing or unreadable`);
  return block;
}

function damaged(found: string): OperationalError {
  const advice = 'Put the data directory back as it was, or give the replica up as one that lost its disk.';
  return new OperationalError('STORE_DAMAGED', `${found}. ${advice}`);
}
