/** Two ways to run a speculative machine, in turn, and what the one has over the other. */
import { machineFacts, rounded } from './figures.js';
import { type SpeculationRun, speculationSummary } from './speculation-figures.js';
import { runSpeculation } from './speculation-run.js';
import type { SpeculationSettings } from './speculation-settings.js';

/** What is to be measured, and how often. */
export interface SpeculationPlan {
  readonly settings: SpeculationSettings;
  /** Of each way, each on a fresh cluster; the medians count. */
  readonly runs: number;
  /** Told of each run when it is done. */
  readonly onRun: (line: string) => void;
  readonly stopping: AbortSignal;
}

/** A rate beside the one that would be if nothing but P and R took time. */
export interface OverlapFigures extends SpeculationRun {
  readonly boundPerSecond: number;
  /** Of the bound; 1 is all of it. */
  readonly ratio: number;
}

/** A machine with dear proposals, with a buffer of them and without. */
export interface OverlapReport {
  /** With a buffer; the bound is 1 / max(P, R). */
  readonly buffered: OverlapFigures;
  /** Without one; the bound is 1 / (P + R). */
  readonly unbuffered: OverlapFigures;
  readonly settings: SpeculationSettings;
  readonly machine: ReturnType<typeof machineFacts>;
}

/** What it is worth that proposals are built ahead; null when it was stopped before the end. */
export async function measureOverlap(plan: SpeculationPlan): Promise<OverlapReport | null> {
  const { settings } = plan;
  const both = await inTurn(plan, { buffered: settings, unbuffered: { ...settings, buffer: 0 } });
  if (both === null) return null;
  const [buffered, unbuffered] = both;
  return {
    buffered: beside(buffered, 1000 / Math.max(buffered.proposeMs, buffered.certifyMs)),
    unbuffered: beside(unbuffered, 1000 / (unbuffered.proposeMs + unbuffered.certifyMs)),
    settings,
    machine: machineFacts(),
  };
}

/** Of the bound: what a buffer is to reach. */
const RATIO_AIM = 0.85;

/** What the buffer reaches, and where it is less than it is to be, on what the time went: in one sentence. */
export function overlapVerdict({ buffered, settings, machine }: OverlapReport): string {
  const { ratio, blocksPerSecond, boundPerSecond, proposeMs, proposeWallMs, certifyMs, nextMs } = buffered;
  const reached = `With a buffer of ${settings.buffer} it reaches ${ratio} of 1 / max(P, R)`;
  if (ratio >= RATIO_AIM) return `${reached}; the aim is ${RATIO_AIM}.`;
  const lostMs = rounded(1000 / blocksPerSecond - 1000 / boundPerSecond);
  const why =
    proposeWallMs - Math.max(proposeMs, certifyMs) >= lostMs / 2
      ? `for its ${proposeMs} ms of CPU a propose() took ${proposeWallMs} ms, longer than a certificate, since other threads had its core`
      : `certificates took longer on average than their median R, and the next proposal left ${nextMs.p50} ms after one`;
  const { cores, otherCores } = buffered;
  const had = `Of ${machine.cores} cores the cluster had ${cores}, and other programs ${otherCores}`;
  return `${reached}, less than ${RATIO_AIM}: a block took ${lostMs} ms more than that; ${why}. ${had}.`;
}

/** The votes of replicas whose machines are busy, beside those of idle machines. */
export interface VotesReport {
  /** While proposals cost what the settings say, and while they cost nothing. */
  readonly busy: SpeculationRun;
  readonly free: SpeculationRun;
  /** How much later the votes are at the 99th percentile, in milliseconds. */
  readonly laterMs: { readonly receivedToVoted: number; readonly proposedToVoted: number };
  readonly settings: SpeculationSettings;
  readonly machine: ReturnType<typeof machineFacts>;
}

/** Whether building proposals holds up votes; null when it was stopped before the end. */
export async function measureVotes(plan: SpeculationPlan): Promise<VotesReport | null> {
  const { settings } = plan;
  const both = await inTurn(plan, { busy: settings, free: { ...settings, proposeMs: 0 } });
  if (both === null) return null;
  const [busy, free] = both;
  const later = (span: 'receivedToVoted' | 'proposedToVoted') => rounded(busy[span].p99 - free[span].p99);
  const laterMs = { receivedToVoted: later('receivedToVoted'), proposedToVoted: later('proposedToVoted') };
  return { busy, free, laterMs, settings, machine: machineFacts() };
}

function beside(figures: SpeculationRun, bound: number): OverlapFigures {
  return { ...figures, boundPerSecond: rounded(bound), ratio: rounded(figures.blocksPerSecond / bound) };
}

/** Runs two settings alternately, so that a noisy minute hits both, and returns the summary of each. */
async function inTurn(
  { runs, onRun, stopping }: SpeculationPlan,
  ways: Readonly<Record<string, SpeculationSettings>>,
): Promise<[SpeculationRun, SpeculationRun] | null> {
  const names = Object.keys(ways);
  const done = names.map((): SpeculationRun[] => []);
  for (let run = 1; run <= runs; run += 1) {
    for (const [place, name] of names.entries()) {
      const figures = await runSpeculation(ways[name] as SpeculationSettings, stopping);
      if (figures === null) return null;
      done[place]?.push(figures);
      onRun(`run ${run} of ${runs}, ${name}: ${Math.round(figures.blocksPerSecond)} blocks/s`);
    }
  }
  const [first = [], second = []] = done;
  return [speculationSummary(first), speculationSummary(second)];
}
