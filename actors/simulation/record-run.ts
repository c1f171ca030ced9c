/** Runs a case once more and keeps what happened last, for a report. */
import type { SimulationCase } from '../../src/simulation/case.js';
import type { SeenEvent } from '../../src/simulation/seen-events.js';
import type { TwinsScenario } from '../../src/simulation/twins-scenario.js';
import { type RunOptions, type RunOutcome, runCase } from './run-case.js';
import { runTwins, type TwinsOutcome } from './twins-run.js';

/** The outcome of a run and the last `eventsMax` things that were seen in it, oldest first. */
export async function recordRun(
  parameters: SimulationCase,
  options: RunOptions,
  eventsMax: number,
): Promise<{ readonly outcome: RunOutcome; readonly seen: readonly SeenEvent[] }> {
  const last = new LastSeen(eventsMax);
  const outcome = await runCase(parameters, { ...options, onSeen: last.see });
  return { outcome, seen: last.events };
}

/** The outcome of a scenario of twins and the last `eventsMax` things that were seen in it, oldest first. */
export async function recordTwins(
  scenario: TwinsScenario,
  options: Parameters<typeof runTwins>[1],
  eventsMax: number,
): Promise<{ readonly outcome: TwinsOutcome; readonly seen: readonly SeenEvent[] }> {
  const last = new LastSeen(eventsMax);
  const outcome = await runTwins(scenario, { ...options, onSeen: last.see });
  return { outcome, seen: last.events };
}

/** Keeps what was seen last. */
class LastSeen {
  readonly #eventsMax: number;
  #seen: SeenEvent[] = [];

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax;
  }

  readonly see = (event: SeenEvent): void => {
    this.#seen.push(event);
    if (this.#seen.length >= 2 * this.#eventsMax) this.#seen = this.#seen.slice(-this.#eventsMax);
  };

  get events(): readonly SeenEvent[] {
    return this.#seen.slice(-this.#eventsMax);
  }
}
