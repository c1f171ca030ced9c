/** What a simulation tells at its end, of every mode alike. */
import type { Violation } from '../actors/simulate.js';
import { violationLines } from '../actors/simulate.js';
import { NO_WORK, remarksOn, together, type WorkDone } from '../actors/simulation/work-done.js';
import { systemClock } from '../src/adapters/system-clock.js';
import type { Lifecycle } from './lifecycle.js';
import { Failure } from './outcome.js';
import { addedUp, type SimulateCounts } from './simulate-counts.js';
import { pairsSeen, shortfalls } from './simulate-floors.js';
import { type FirstRuns, newStates } from './simulate-states.js';

/** The document that `--json` prints. */
export interface SimulateReport extends SimulateCounts {
  /** Runs: seeds, or scenarios. */
  readonly seeds: number;
  readonly passed: number;
  readonly failed: number;
  /** Of those that passed: they ended before all had happened that they go on for after the last fault; not of twins. */
  readonly unfinished: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  /** Of one run alone. */
  readonly traceHash?: string;
  /** Pairs that runs can come to, and that none of these has taken. */
  readonly unseenPairs?: readonly string[];
  /** The first run that came to each abstract state, counted from 0; and how many of these each hundred of the runs brought. */
  readonly statesFrom?: FirstRuns;
  readonly newStates?: readonly number[];
  /** What the machines did, and what makes passing worth less than it looks; not of twins. */
  readonly work?: WorkDone;
  readonly remarks?: readonly string[];
  /** What was below its floor, where floors were asked for. */
  readonly shortfalls?: readonly string[];
  /** Durable steps of the short runs, of crash points alone. */
  readonly crashPoints?: number;
  readonly violations: readonly {
    readonly seed: number;
    readonly invariant: string;
    /** The file with all that decides the run. */
    readonly case: string;
  }[];
}

/** A run that is over. */
export interface FinishedRun extends SimulateCounts {
  readonly seed: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly traceHash: string;
  readonly violations: readonly Violation[];
  readonly unfinished?: boolean;
  readonly work?: WorkDone;
}

/** Adds up runs. */
export class RunTotals {
  readonly #lifecycle: Lifecycle;
  readonly #json: boolean;
  readonly #startedAt = systemClock();
  readonly #failures: { readonly seed: number; readonly invariant: string; readonly case: string }[] = [];
  #runs = 0;
  #unfinished = 0;
  #events = 0;
  #virtualMs = 0;
  #traceHash = '';
  #counts: SimulateCounts = {};
  #work: WorkDone | undefined;
  #statesFrom: FirstRuns | undefined;

  constructor(lifecycle: Lifecycle, json: boolean) {
    this.#lifecycle = lifecycle;
    this.#json = json;
  }

  /** `file`: where the case of a run is written in which an invariant broke. */
  add(run: FinishedRun, file: string): void {
    this.#firstIn(run.states);
    this.#runs += 1;
    if (run.unfinished === true) this.#unfinished += 1;
    this.#events += run.events;
    this.#virtualMs += run.virtualMs;
    this.#traceHash = run.traceHash;
    this.#counts = addedUp([this.#counts, run]);
    if (run.work !== undefined) this.#work = together(this.#work ?? NO_WORK, run.work);
    const [first] = run.violations;
    if (first === undefined) return;
    this.#failures.push({ seed: run.seed, invariant: first.invariant, case: file });
    if (this.#json) return;
    for (const line of violationLines(run.violations)) this.#lifecycle.print(`${file}: ${line}`);
  }

  /** Twins count no states. */
  #firstIn(states: SimulateCounts['states']): void {
    if (states === undefined) return;
    const first = Object.fromEntries(Object.keys(states).map((state) => [state, this.#runs]));
    this.#statesFrom = { ...first, ...this.#statesFrom };
  }

  report(): SimulateReport {
    const failed = this.#failures.length;
    return {
      seeds: this.#runs,
      passed: this.#runs - failed,
      failed,
      unfinished: this.#unfinished,
      events: this.#events,
      virtualSeconds: this.#virtualMs / 1000,
      wallSeconds: (systemClock() - this.#startedAt) / 1000,
      ...(this.#runs === 1 ? { traceHash: this.#traceHash } : {}),
      ...this.#counts,
      ...(this.#statesFrom === undefined ? {} : { statesFrom: this.#statesFrom }),
      ...(this.#work === undefined ? {} : { work: this.#work }),
      violations: this.#failures,
    };
  }
}

/** Prints a report. @throws Failure when an invariant broke in some run, or with `floors` when what runs came to is too little. */
export function printReport(
  lifecycle: Lifecycle,
  report: SimulateReport,
  { json, floors }: { readonly json: boolean; readonly floors: boolean },
): void {
  const short = floors ? shortfalls(report) : [];
  if (json) lifecycle.print(JSON.stringify({ ...withDerived(report), ...(floors ? { shortfalls: short } : {}) }));
  else
    for (const line of [summary(report), ...coverageLines(report), ...remarkLines(report), ...short])
      lifecycle.print(line);
  if (report.failed > 0) throw new Failure(`${report.failed} of ${report.seeds} runs broke an invariant`);
  if (short.length > 0) throw new Failure(`${short.length} floors were missed: ${short.join('; ')}`);
}

/** With what follows from the counts of all runs together. */
function withDerived(report: SimulateReport): SimulateReport {
  const { pairs, statesFrom, seeds, work } = report;
  return {
    ...report,
    ...(work === undefined ? {} : { remarks: remarksOn(work) }),
    ...(pairs === undefined ? {} : { unseenPairs: pairsSeen(pairs).unseen }),
    ...(statesFrom === undefined ? {} : { newStates: newStates(statesFrom, seeds) }),
  };
}

function summary(report: SimulateReport): string {
  const { rules, seeds, passed, unfinished, events, virtualSeconds, wallSeconds, traceHash, crashPoints } = report;
  const rates = [
    `${Math.round(events / wallSeconds)} events/s`,
    `${(seeds / wallSeconds).toFixed(1)} runs/s`,
    `${Math.round(virtualSeconds / wallSeconds)} times real time`,
  ];
  const hash = traceHash === undefined ? '' : `; trace ${traceHash}`;
  const ruled = rules === undefined ? '' : ` (${countsLine(rules)})`;
  const points = crashPoints === undefined ? '' : ` of crashes at ${crashPoints} durable steps`;
  const short =
    unfinished === 0
      ? ''
      : `, ${unfinished} of them ended before all had happened that they go on for after the last fault`;
  return `${passed} of ${seeds} runs${points}${ruled} passed${short}: ${events} events, ${Math.round(virtualSeconds)} virtual seconds in ${wallSeconds.toFixed(1)} s (${rates.join(', ')})${hash}`;
}

/** What all runs together came to; nothing of twins, who are not counted. */
function coverageLines({ seeds, pairs, marks, coverage, statesFrom = {} }: SimulateReport): readonly string[] {
  if (pairs === undefined) return [];
  const { reachable, seen, unseen } = pairsSeen(pairs);
  const never = unseen.length === 0 ? '' : `; never: ${unseen.join(', ')}`;
  return [
    `states and their events: ${seen} of ${reachable} pairs taken${never}`,
    `abstract states: ${Object.keys(statesFrom).length}, new in each hundred runs: ${newStates(statesFrom, seeds).join(', ')}`,
    `marks: ${countsLine(marks)}`,
    `faults: ${countsLine(coverage)}`,
  ];
}

function remarkLines({ work }: SimulateReport): readonly string[] {
  return work === undefined ? [] : remarksOn(work).map((remark) => `remark: ${remark}`);
}

function countsLine(counts: Readonly<Record<string, number>> = {}): string {
  const sorted = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
