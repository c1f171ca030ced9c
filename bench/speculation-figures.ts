import { median, rounded } from './figures.js';
import type { SpeculationCpu } from './speculation-cpu.js';
import type { SpeculationRecord, ViewAt } from './speculation-record.js';

/** Milliseconds between two things, over many of them. */
export interface SpanMs {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a run with a speculative machine came to. */
export interface SpeculationFigures {
  /** Blocks with a proposal of the machine that were committed; the median of the replicas. */
  readonly blocksPerSecond: number;
  /** P: the median CPU time of one `propose()`, of the blocks that were committed. */
  readonly proposeMs: number;
  /** The same by the clock on the wall: where it is more, the machine had not a core for it. */
  readonly proposeWallMs: number;
  /** R: the median time from a proposal on its way to the network until its leader has its certificate. */
  readonly certifyMs: number;
  /** From a certificate until the leader's next proposal is on its way to the network. */
  readonly nextMs: SpanMs;
  /** From a proposal that the network gives to consensus until the vote on its way to the network, at all followers. */
  readonly receivedToVoted: SpanMs;
  /** From the proposal on its way at the leader until a follower's vote on its way: a delay of the proxy is part of it. */
  readonly proposedToVoted: SpanMs;
}

/** What one run came to, and what CPU time it took. */
export interface SpeculationRun extends SpeculationFigures, SpeculationCpu {}

/** Reckons with what happened in a span of time. */
export function speculationFigures(
  records: readonly SpeculationRecord[],
  { from, to }: { readonly from: number; readonly to: number },
): SpeculationFigures {
  const within = (at: number) => at >= from && at < to;
  const times = (all: readonly ViewAt[]) => new Map(all.filter(([, at]) => within(at)));
  const proposed = new Map(records.flatMap((record) => [...times(record.proposed)]));
  const certify = records.flatMap((record) => spans(times(record.proposed), times(record.certified)));
  const committed = records.map((record) => record.committed.filter(({ at }) => within(at)));
  const counts = committed.map((blocks) => blocks.length);
  return {
    blocksPerSecond: rounded((median(counts) * 1000) / (to - from)),
    proposeMs: rounded(median(committed.flatMap((blocks) => blocks.map(({ cpuMs }) => cpuMs)))),
    proposeWallMs: rounded(median(committed.flatMap((blocks) => blocks.map(({ wallMs }) => wallMs)))),
    certifyMs: rounded(median(certify)),
    nextMs: spanOf(records.flatMap((record) => spans(next(times(record.certified)), times(record.proposed)))),
    receivedToVoted: spanOf(records.flatMap((record) => spans(times(record.received), times(record.voted)))),
    proposedToVoted: spanOf(records.flatMap((record) => spans(proposed, onlyOf(record.received, times(record.voted))))),
  };
}

/** The median of each figure over several runs; of counts the sum, and the worst of the longest times. */
export function speculationSummary(runs: readonly SpeculationRun[]): SpeculationRun {
  const of = (pick: (run: SpeculationRun) => number) => median(runs.map(pick));
  const follow = runs.flatMap(({ followMs }) => followMs ?? []);
  const span = (pick: (run: SpeculationRun) => SpanMs): SpanMs => ({
    count: runs.reduce((sum, run) => sum + pick(run).count, 0),
    p50: of((run) => pick(run).p50),
    p99: of((run) => pick(run).p99),
    max: Math.max(...runs.map((run) => pick(run).max)),
  });
  return {
    blocksPerSecond: of((run) => run.blocksPerSecond),
    proposeMs: of((run) => run.proposeMs),
    proposeWallMs: of((run) => run.proposeWallMs),
    certifyMs: of((run) => run.certifyMs),
    nextMs: span((run) => run.nextMs),
    receivedToVoted: span((run) => run.receivedToVoted),
    proposedToVoted: span((run) => run.proposedToVoted),
    cores: of((run) => run.cores),
    otherCores: of((run) => run.otherCores),
    followMs: follow.length === 0 ? null : median(follow),
  };
}

/** Certificates by the view that they enter. */
function next(certified: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  return new Map([...certified].map(([view, at]) => [view + 1, at]));
}

/** Milliseconds from the one to the other, in views that have both. */
function spans(begins: ReadonlyMap<number, number>, ends: ReadonlyMap<number, number>): readonly number[] {
  return [...begins].flatMap(([view, began]) => {
    const ended = ends.get(view);
    return ended === undefined ? [] : [ended - began];
  });
}

/** A vote for one's own proposal, which may go to the next leader, is none of a follower. */
function onlyOf(received: readonly ViewAt[], voted: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const views = new Set(received.map(([view]) => view));
  return new Map([...voted].filter(([view]) => views.has(view)));
}

function spanOf(milliseconds: readonly number[]): SpanMs {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
