/** What the machines of all runs have done: a simulation in which they did nothing passes, and shows nothing. */
import type { SimulationCase } from '../../src/simulation/case.js';
import type { RunOutcome } from './run-case.js';

/** The work of one run, or of many together. */
export interface WorkDone {
  readonly runs: number;
  /** Those whose machines build their own blocks: there are no commands then. */
  readonly speculativeRuns: number;
  /** Of speculative runs: blocks of machines that were committed. */
  readonly ownBlocks: number;
  readonly commandsExecuted: number;
  /** By reason. */
  readonly commandsRefused: Readonly<Record<string, number>>;
  readonly statesCompared: number;
  /** Histories of which the workload's judge could not tell. */
  readonly unjudged: number;
}

/** The work of one run. */
export function workOf(
  { history, nonEmptyBlocks, statesCompared, unjudged }: RunOutcome,
  { speculation }: SimulationCase,
): WorkDone {
  const commandsRefused: Record<string, number> = {};
  for (const { refused } of history)
    if (refused !== null) commandsRefused[refused] = (commandsRefused[refused] ?? 0) + 1;
  return {
    runs: 1,
    speculativeRuns: speculation === undefined ? 0 : 1,
    ownBlocks: speculation === undefined ? 0 : nonEmptyBlocks,
    commandsExecuted: history.filter(({ reply }) => reply !== null).length,
    commandsRefused,
    statesCompared,
    unjudged: unjudged === null ? 0 : 1,
  };
}

/** The work of none. */
export const NO_WORK: WorkDone = {
  runs: 0,
  speculativeRuns: 0,
  ownBlocks: 0,
  commandsExecuted: 0,
  commandsRefused: {},
  statesCompared: 0,
  unjudged: 0,
};

/** Adds up. */
export function together(one: WorkDone, other: WorkDone): WorkDone {
  const commandsRefused = { ...one.commandsRefused };
  for (const [reason, count] of Object.entries(other.commandsRefused))
    commandsRefused[reason] = (commandsRefused[reason] ?? 0) + count;
  return {
    runs: one.runs + other.runs,
    speculativeRuns: one.speculativeRuns + other.speculativeRuns,
    ownBlocks: one.ownBlocks + other.ownBlocks,
    commandsExecuted: one.commandsExecuted + other.commandsExecuted,
    commandsRefused,
    statesCompared: one.statesCompared + other.statesCompared,
    unjudged: one.unjudged + other.unjudged,
  };
}

/** What makes passing worth less than it looks, a line each; none where all is well. */
export function remarksOn(work: WorkDone): readonly string[] {
  const { runs, speculativeRuns, ownBlocks, commandsExecuted, commandsRefused, statesCompared, unjudged } = work;
  if (runs === 0) return ['nothing was run'];
  const remarks: string[] = [];
  const refusals = Object.entries(commandsRefused).map(([reason, count]) => `${count} refused as ${reason}`);
  if (speculativeRuns > 0 && ownBlocks === 0) remarks.push('no block of a machine was committed');
  if (speculativeRuns < runs && commandsExecuted === 0)
    remarks.push(`no command was executed: ${refusals.length === 0 ? 'none was answered' : refusals.join(', ')}`);
  if (statesCompared === 0)
    remarks.push('no states were compared: machines have no stateHash, or no two replicas executed the same block');
  if (unjudged > 0)
    remarks.push(
      `of ${unjudged} of ${runs} histories it was not found out whether any machine could have answered so (S10)`,
    );
  return remarks;
}
