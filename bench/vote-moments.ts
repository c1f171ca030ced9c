/** When something happened to votes, and how long they took from one thing to the next. */
import { ownTaskId } from '../src/adapters/thread-cpu.js';
import type { Vote } from '../src/protocol/types.js';
import { type LatencyMs, median } from './figures.js';
import { threadWaitMs } from './thread-cpu.js';

/** When something happened to a vote, milliseconds of the machine's clock, which all its processes and threads share. */
export interface VoteMoment {
  /** Of its view, signer and recipient. */
  readonly vote: string;
  readonly at: number;
  /** The thread on which it happened, and the milliseconds that it had waited for a core by then; null where nobody tells. */
  readonly thread: number | null;
  readonly waitedMs: number | null;
}

/** Votes of one replica: let go by consensus, written to a socket; read from a socket, handled by consensus. */
export interface VoteMoments {
  readonly ready: readonly VoteMoment[];
  readonly written: readonly VoteMoment[];
  readonly arrived: readonly VoteMoment[];
  readonly handled: readonly VoteMoment[];
}

/** More are not kept: a run that long says nothing new. */
const MOMENTS_MAX = 100_000;

/** Makes an empty list of moments, bounded; `clock` is the machine's. */
export function momentsOf(clock: () => number) {
  const list: VoteMoment[] = [];
  return {
    list,
    note(vote: string): void {
      if (list.length < MOMENTS_MAX) list.push({ vote, at: clock(), thread: ownTaskId(), waitedMs: threadWaitMs() });
    },
  };
}

/** Returns what tells one vote on its way to one recipient from every other. */
export function nameOf({ view, signer }: Vote, to: number): string {
  return `${view} ${signer} ${to}`;
}

/** How long votes took from one moment to another. */
export interface VoteDelays {
  readonly votes: number;
  readonly ms: LatencyMs;
  /** Less what the thread waited for a core meanwhile; null where that is not told, or more than one thread had a part. */
  readonly onCoreMs: LatencyMs | null;
}

/** Returns the delays of the votes to which both happened. A vote may be sent again: its first time counts. */
export function delaysBetween(from: readonly VoteMoment[], to: readonly VoteMoment[]): VoteDelays {
  const ends = firstOfEach(to);
  const delays: number[] = [];
  const onCore: number[] = [];
  for (const [vote, began] of firstOfEach(from)) {
    const ended = ends.get(vote);
    if (ended === undefined) continue;
    const delay = Math.max(0, ended.at - began.at);
    delays.push(delay);
    if (began.thread !== ended.thread || began.waitedMs === null || ended.waitedMs === null) continue;
    onCore.push(Math.max(0, delay - (ended.waitedMs - began.waitedMs)));
  }
  const told = onCore.length === delays.length && delays.length > 0;
  return { votes: delays.length, ms: latencyOf(delays), onCoreMs: told ? latencyOf(onCore) : null };
}

function firstOfEach(moments: readonly VoteMoment[]): ReadonlyMap<string, VoteMoment> {
  const first = new Map<string, VoteMoment>();
  for (const moment of moments) if (!first.has(moment.vote)) first.set(moment.vote, moment);
  return first;
}

function latencyOf(delays: readonly number[]): LatencyMs {
  const sorted = [...delays].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { p50: median(sorted), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}
