/** Reading back, at a start, what the leader schedule must know of the committed blocks. */
import { CommittedActivity } from '../../src/protocol/committed-activity.js';
import { asHeight, type Height, type View } from '../../src/protocol/numbers.js';
import { firstViewOf, tenureOf } from '../../src/protocol/tenure.js';
import type { Block, BlockHeader } from '../../src/protocol/types.js';
import type { ConsensusEffect } from '../roles.js';
import type { BlocksRead } from '../storage/messages.js';
import type { ConsensusSettings } from './settings.js';

/** Committed blocks to be read from the store, at least one; fewer may come at a time. */
interface Range {
  readonly from: Height;
  readonly blocks: number;
}

/** Asks for blocks, gets some of them from the first on, and comes to a result. */
type Reading<Result> = Generator<Range, Result, readonly Block[]>;

/**
 * The committed activity of a store whose last committed block is `tip`, equal to that of a replica that has never stopped.
 * It reads the last blocks, and those before each tenure that the schedule may still look back to; where tenures are long
 * these are few among many, and are found by their views.
 */
export class HistoryRecovery {
  readonly #settings: ConsensusSettings;
  readonly #reading: Reading<CommittedActivity>;
  #token = 0;
  #wanted: Range | null = null;
  #result: CommittedActivity | null = null;

  constructor(settings: ConsensusSettings, tip: BlockHeader) {
    this.#settings = settings;
    this.#reading = readActivity(settings, tip);
    this.#take(this.#reading.next());
  }

  /** What was read; null while blocks are missing. */
  get result(): CommittedActivity | null {
    return this.#result;
  }

  /** The request for the next blocks; none once there is a result. */
  request(): readonly ConsensusEffect[] {
    if (this.#wanted === null) return [];
    this.#token += 1;
    const { from: fromHeight, blocks: maxBlocks } = this.#wanted;
    const { historyReadBytes: maxBytes } = this.#settings.limits;
    const message = {
      type: 'readRange',
      reader: 'consensus',
      token: this.#token,
      fromHeight,
      maxBlocks,
      maxBytes,
    } as const;
    return [{ type: 'send', to: 'storage', message }];
  }

  /** Takes in an answer. An empty one is of a store that is closing: nothing follows from it. */
  answered({ token, blocks }: BlocksRead): boolean {
    if (token !== this.#token || this.#wanted === null || blocks.length === 0) return false;
    this.#take(this.#reading.next(blocks));
    return true;
  }

  #take(step: IteratorResult<Range, CommittedActivity>): void {
    this.#wanted = step.done === true ? null : step.value;
    if (step.done === true) this.#result = step.value;
  }
}

/** Below so many blocks all are read: a search would not read fewer. */
const SEARCH_FROM_BLOCKS = 256;

function* readActivity(
  { replicas, tenureLength, schedule }: ConsensusSettings,
  tip: BlockHeader,
): Reading<CommittedActivity> {
  const { memory } = schedule;
  const activity = new CommittedActivity({ ...memory, replicas, tenureLength });
  if (memory.blocks === 0 || tip.height === 0) return activity;
  const last = tenureOf(tip.view, tenureLength);
  // Views grow faster than heights: no more blocks than views lie between a tenure's first view and the tip.
  const lowest = (view: View) => tip.height - (tip.view - view) - 1;
  // Before tenure 1 nothing is remembered, but what a tip in the first tenure stands on.
  const oldest = Math.min(last, Math.max(1, last - memory.tenures));
  let next = Math.max(1, lowest(firstOf(oldest)) - memory.blocks);
  for (let tenure = Math.max(1, oldest); tenure <= last && tip.height - next > SEARCH_FROM_BLOCKS; tenure += 1) {
    const view = firstOf(tenure);
    const below = yield* lastBelow(view, { from: Math.max(next - 1, lowest(view), 0), tip });
    next = yield* feed(activity, Math.max(next, below - memory.blocks + 1), below);
  }
  if (tip.height - next > SEARCH_FROM_BLOCKS) next = Math.max(next, tip.height - memory.blocks);
  yield* feed(activity, next, tip.height - 1);
  activity.committed(tip);
  return activity;

  function firstOf(tenure: number): View {
    return firstViewOf(tenure as typeof last, tenureLength);
  }
}

/** Returns the height of the last block below `view`: at least `from`, which is below it, and less than the tip's. */
function* lastBelow(view: View, { from, tip }: { readonly from: number; readonly tip: BlockHeader }): Reading<number> {
  let below = from;
  let above = Number(tip.height);
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    const [block] = yield { from: asHeight(middle), blocks: 1 };
    if (block !== undefined && block.header.view < view) below = middle;
    else above = middle;
  }
  return below;
}

/** Tells `activity` the blocks of the heights `from` to `to`, and returns the height after them. */
function* feed(activity: CommittedActivity, from: number, to: number): Reading<number> {
  let next = from;
  while (next <= to) {
    for (const { header } of yield { from: asHeight(next), blocks: to - next + 1 }) {
      activity.committed(header);
      next += 1;
    }
  }
  return next;
}
