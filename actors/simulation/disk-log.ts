/** The committed chain on a simulated disk, from which a machine is rebuilt at a restart. */
import { firstHeight } from '../../src/config/first-height.js';
import { OperationalError } from '../../src/errors.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import { asHeight, type Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { SimulatedDisk } from '../../src/simulation/disk.js';
import { decodeStoredBlock } from '../../src/wire/block.js';
import { BLOCKS_END, blocksFrom, decodeTip, TIP_KEY } from '../../src/wire/store-layout.js';

/** The chain up to the block that is the last committed one now. */
export function diskLog(disk: SimulatedDisk, clusterId: string): CommittedLog {
  const tip = disk.entries.get(TIP_KEY);
  const committedHeight = (tip === undefined ? null : decodeTip(tip))?.height ?? asHeight(0);
  const chain = (from: Height) => blocksOn(disk, clusterId, { from, to: committedHeight });
  return {
    committedHeight,
    async *blocks(from) {
      yield* chain(firstHeight(from));
    },
    loadBlock: async (hash) => {
      for (const block of chain(asHeight(1))) if (block.hash === hash) return block;
      return null;
    },
  };
}

/** The committed blocks of these heights, both included; `to` is no higher than the last committed one. */
export function* blocksOn(
  disk: SimulatedDisk,
  clusterId: string,
  { from, to }: { readonly from: Height; readonly to: Height },
): Generator<Block> {
  for (const [, value] of disk.entries.range(blocksFrom(from), BLOCKS_END)) {
    const block = decodeStoredBlock(clusterId, value.slice());
    if (block === null) throw new OperationalError('STORE_DAMAGED', 'A block on the simulated disk is unreadable.');
    if (block.header.height > to) return;
    yield block;
  }
}
