/** Draws which limits of a case are tight. */
import type { SimulationCase } from './case.js';
import { stream } from './random.js';

interface LimitNames {
  readonly tightLimits?: readonly string[];
  readonly laterTightLimits?: readonly string[];
}

/** Of runs that have tight limits, those in which one of them is tight; of all, those that have one that came later. */
const TIGHT = 0.25;

/**
 * In half of the runs some limits are tight, of which each is in one of four. Those that came later have a stream of their
 * own, which leaves all other draws as they were.
 */
export function swarmLimits(
  seed: number,
  { tightLimits = [], laterTightLimits = [] }: LimitNames,
): Pick<SimulationCase, 'tight'> {
  const [random, later] = [stream(seed, 'limits'), stream(seed, 'later limits')];
  const first = random.chance(0.5) ? [] : tightLimits.filter(() => random.chance(TIGHT));
  const tight = laterTightLimits.length > 0 && later.chance(TIGHT) ? [...first, later.pick(laterTightLimits)] : first;
  return tight.length === 0 ? {} : { tight };
}
