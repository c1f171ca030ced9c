/** Puts a machine of tickets through the simulator. */
import type { CommandMachine } from 'hotstuff';
import { type Random, type SimulationReport, simulate, violationLines } from 'hotstuff/simulation';

const text = new TextEncoder();
const SEATS = ['A1', 'A2', 'B1'];

/** The next command of a client; all of it follows from `random`, so that a seed gives the same commands again. */
function command(random: Random, client: number): Uint8Array {
  const verb = random.pick(['RESERVE', 'RESERVE', 'BUY', 'WHO']);
  return text.encode(`${verb} ${random.pick(SEATS)} client-${client}`);
}

/** Runs so many seeds of a machine. */
export function trySeats(createMachine: () => CommandMachine, seeds: number): Promise<SimulationReport> {
  return simulate({
    workload: { createMachine, command },
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    eventsMax: 5000,
  });
}

/** What a report says, in a line or two. */
export function told(name: string, { seeds, passed, events, failures }: SimulationReport): string {
  const [first] = failures;
  const line = `${name}: ${passed} of ${seeds} runs passed, ${events} events`;
  if (first === undefined) return line;
  return `${line}\n  seed ${first.seed}: ${violationLines(first.outcome.violations)[0]}`;
}
