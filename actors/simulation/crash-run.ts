/** Finds the durable steps of a short run, by running it. */
import type { SimulationCase } from '../../src/simulation/case.js';
import { type CrashPoint, countingCase } from '../../src/simulation/crash-points.js';
import { type RunOptions, runCase } from './run-case.js';

/** The writes of every replica of `base` that are crash points, in the order in which they were asked for. */
export async function crashPointsOf(base: SimulationCase, options: RunOptions): Promise<readonly CrashPoint[]> {
  const points: CrashPoint[] = [];
  await runCase(countingCase(base), { ...options, onStep: (replica, step) => points.push({ replica, ...step }) });
  return points;
}
