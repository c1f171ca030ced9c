/** Who may have led a block's tenure, by the block's own ancestors. Written from DESIGN section 4 alone, as the vote oracle. */
import type { BlockHash } from '../../protocol/numbers.js';

/** What the leader of a block's view follows from. */
export interface LedBlock {
  readonly view: number;
  readonly parent: BlockHash;
  readonly proposer: number;
  /** Of the certificate for the parent. */
  readonly signers: readonly number[];
}

/** What the replicas have agreed on about leaders. */
export interface LedCluster {
  /** n, the number of replicas. */
  readonly replicas: number;
  /** T, the views of a tenure. */
  readonly tenureLength: number;
  /** Who leads a tenure where reputation does not say; by default they take turns. */
  readonly leaderOf?: (tenure: number) => number;
  /** `round-robin` where it is left out. */
  readonly leaderSchedule?: 'round-robin' | 'reputation';
}

/**
 * Whether a correct replica may have voted for `block`, as far as its leader goes: k mod n leads tenure k, or, by reputation
 * and where its voter has committed a block at or above the horizon, one of those active below. Whatever the voter had
 * committed is among the block's ancestors, so that they say who that is. True where too few of them are known.
 */
export function mayHaveLed(block: LedBlock, cluster: LedCluster, blocks: ReadonlyMap<BlockHash, LedBlock>): boolean {
  const { replicas: n, tenureLength: T, leaderOf, leaderSchedule } = cluster;
  const k = Math.floor(block.view / T);
  if (block.proposer === (leaderOf?.(k) ?? k % n)) return true;
  if (leaderSchedule !== 'reputation') return false;
  const active = activeBelow((k - 1 - Math.ceil(40 / T)) * T, 10 * n, block, blocks);
  return active === null || block.proposer === active[k % active.length];
}

/** Who took part in the last `count` ancestors of `block` below `horizon`; nobody where none stands at or above it; null: not known. */
function activeBelow(
  horizon: number,
  count: number,
  block: LedBlock,
  blocks: ReadonlyMap<BlockHash, LedBlock>,
): readonly number[] | null {
  const active = new Set<number>();
  let reached = false;
  let left = count;
  for (let at = block; left > 0 && at.signers.length > 0; ) {
    const parent = blocks.get(at.parent);
    if (parent === undefined) return null;
    at = parent;
    if (at.view >= horizon) reached = true;
    else if (!reached) return [];
    else {
      for (const id of [at.proposer, ...at.signers]) active.add(id);
      left -= 1;
    }
  }
  return [...active].sort((a, b) => a - b);
}
