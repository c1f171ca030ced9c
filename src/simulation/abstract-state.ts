/** What a cluster is like at a moment, coarsely: two moments that differ in less are one abstract state. */
import { faultBound } from '../protocol/quorum.js';

/** What an abstract state is made from. */
export interface ObservedCluster {
  /** n. */
  readonly replicas: number;
  /** Of each replica that is up and correct: its view, the view of the high QC on its disk, and the height that it has committed. */
  readonly correct: readonly { readonly view: number; readonly highQcView: number; readonly height: number }[];
  /** Who leads the highest of these views: somebody correct who has entered it, or has not; a liar; nobody who is up. */
  readonly leader: 'there' | 'behind' | 'lying' | 'down';
  /** Replicas that are not up. */
  readonly down: number;
}

/** Where one bucket of distances ends and the next begins: 0, 1, 2 to 3, 4 to 15, 16 to 63, and more. */
const BUCKETS = [0, 1, 2, 4, 16, 64] as const;
/** Heights by which a replica may be behind the highest and be in sync with it: what three blocks in a row commit. */
const IN_SYNC_HEIGHTS = 3;

/**
 * Names the abstract state: how far views are apart (`views`), how long nothing was certified (`age`: from the highest high QC
 * to the highest view), how far the high QCs are apart on which restarts would lock (`locks`), who leads, how many have
 * committed less than the others (`behind`), and how many are down. Null while nobody correct is up.
 */
export function abstractState({ replicas, correct, leader, down }: ObservedCluster): string | null {
  if (correct.length === 0) return null;
  const [views, qcs, heights] = [range(correct, 'view'), range(correct, 'highQcView'), range(correct, 'height')];
  const behind = correct.filter(({ height }) => heights.most - height > IN_SYNC_HEIGHTS).length;
  const parts = [
    `views ${bucket(views.most - views.least)}`,
    `age ${bucket(views.most - qcs.most)}`,
    `locks ${bucket(qcs.most - qcs.least)}`,
    `leader ${leader}`,
    `behind ${share(behind, replicas)}`,
    `down ${share(down, replicas)}`,
  ];
  return parts.join(', ');
}

function range<Key extends string>(of: readonly Readonly<Record<Key, number>>[], key: Key) {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const each of of) {
    least = Math.min(least, each[key]);
    most = Math.max(most, each[key]);
  }
  return { least, most };
}

/** A disk may be ahead of the view that its replica has told. */
function bucket(distance: number): string {
  const at = Math.max(
    0,
    BUCKETS.findLastIndex((from) => from <= distance),
  );
  const [from, next] = [BUCKETS[at] as number, BUCKETS[at + 1]];
  if (next === undefined) return `${from}+`;
  return next === from + 1 ? String(from) : `${from}-${next - 1}`;
}

/** How many of the replicas: what a cluster bears, or more. */
function share(count: number, replicas: number): string {
  if (count === 0) return 'none';
  return count <= faultBound(replicas) ? 'few' : 'many';
}
