/** What a simulation tells at its end, of every mode alike. */
import type { Violation } from '../actors/simulate.js';
import { violationLines } from '../actors/simulate.js';
import { systemClock } from '../src/adapters/system-clock.js';
import type { Lifecycle } from './lifecycle.js';
import { Failure } from './outcome.js';

/** The document that `--json` prints. */
export interface SimulateReport {
  /** Runs: seeds, or scenarios. */
  readonly seeds: number;
  readonly passed: number;
  readonly failed: number;
  /** Of those that passed: they ended before they had shown progress after the last fault; not of twins. */
  readonly unfinished: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  /** Of one run alone. */
  readonly traceHash?: string;
  /** How often each type of fault struck, and what was done to frames and writes; not of twins. */
  readonly coverage?: Readonly<Record<string, number>>;
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
export interface FinishedRun {
  readonly seed: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly traceHash: string;
  readonly violations: readonly Violation[];
  readonly unfinished?: boolean;
  readonly coverage?: Readonly<Record<string, number>>;
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
  #coverage: Readonly<Record<string, number>> = {};

  constructor(lifecycle: Lifecycle, json: boolean) {
    this.#lifecycle = lifecycle;
    this.#json = json;
  }

  /** `file`: where the case of a run is written in which an invariant broke. */
  add(run: FinishedRun, file: string): void {
    this.#runs += 1;
    if (run.unfinished === true) this.#unfinished += 1;
    this.#events += run.events;
    this.#virtualMs += run.virtualMs;
    this.#traceHash = run.traceHash;
    this.#coverage = addedUp([this.#coverage, run.coverage ?? {}]);
    const [first] = run.violations;
    if (first === undefined) return;
    this.#failures.push({ seed: run.seed, invariant: first.invariant, case: file });
    if (this.#json) return;
    for (const line of violationLines(run.violations)) this.#lifecycle.print(`${file}: ${line}`);
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
      ...(Object.keys(this.#coverage).length > 0 ? { coverage: this.#coverage } : {}),
      violations: this.#failures,
    };
  }
}

/** Adds up counts by name. */
export function addedUp(counts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

/** Prints a report. @throws Failure when an invariant broke in some run. */
export function printReport(lifecycle: Lifecycle, report: SimulateReport, json: boolean): void {
  lifecycle.print(json ? JSON.stringify(report) : summary(report));
  if (report.failed > 0) throw new Failure(`${report.failed} of ${report.seeds} runs broke an invariant`);
}

function summary(report: SimulateReport): string {
  const { seeds, passed, unfinished, events, virtualSeconds, wallSeconds, traceHash, crashPoints } = report;
  const rates = [
    `${Math.round(events / wallSeconds)} events/s`,
    `${(seeds / wallSeconds).toFixed(1)} runs/s`,
    `${Math.round(virtualSeconds / wallSeconds)} times real time`,
  ];
  const hash = traceHash === undefined ? '' : `; trace ${traceHash}`;
  const points = crashPoints === undefined ? '' : ` of crashes at ${crashPoints} durable steps`;
  const short =
    unfinished === 0 ? '' : `, ${unfinished} of them ended before they had shown progress after the last fault`;
  return `${passed} of ${seeds} runs${points} passed${short}: ${events} events, ${Math.round(virtualSeconds)} virtual seconds in ${wallSeconds.toFixed(1)} s (${rates.join(', ')})${hash}`;
}
