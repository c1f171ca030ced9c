/** What the machines of all runs have done: a simulation in which they did nothing passes, and shows nothing. */
import type { SimulationCase } from '../../src/simulation/case.js';
import type { RunOutcome } from './run-case.js';

/** Adds up the work of runs. */
export class WorkDone {
  #runs = 0;
  #executed = 0;
  #nonEmptyBlocks = 0;
  #statesCompared = 0;
  /** Whether machines build their own blocks: there are no commands then. */
  #speculates = false;
  readonly #refused = new Map<string, number>();

  add({ history, nonEmptyBlocks, statesCompared }: RunOutcome, { speculation }: SimulationCase): void {
    this.#runs += 1;
    this.#speculates ||= speculation !== undefined;
    this.#nonEmptyBlocks += nonEmptyBlocks;
    this.#statesCompared += statesCompared;
    for (const { reply, refused } of history) {
      if (reply !== null) this.#executed += 1;
      if (refused !== null) this.#refused.set(refused, (this.#refused.get(refused) ?? 0) + 1);
    }
  }

  report(): {
    readonly commandsExecuted: number;
    readonly commandsRefused: Readonly<Record<string, number>>;
    readonly statesCompared: number;
    readonly remarks: readonly string[];
  } {
    return {
      commandsExecuted: this.#executed,
      commandsRefused: Object.fromEntries(this.#refused),
      statesCompared: this.#statesCompared,
      remarks: this.#runs === 0 ? ['nothing was run'] : this.#remarks(),
    };
  }

  #remarks(): readonly string[] {
    const remarks: string[] = [];
    const refusals = [...this.#refused].map(([reason, count]) => `${count} refused as ${reason}`);
    if (this.#speculates && this.#nonEmptyBlocks === 0) remarks.push('no block of a machine was committed');
    if (!this.#speculates && this.#executed === 0)
      remarks.push(`no command was executed: ${refusals.length === 0 ? 'none was answered' : refusals.join(', ')}`);
    if (this.#statesCompared === 0)
      remarks.push('no states were compared: machines have no stateHash, or no two replicas executed the same block');
    return remarks;
  }
}
