/** Who of a case counts among the f: nothing is promised where they are more. */
import { faultBound } from '../protocol/quorum.js';
import type { SimulationCase } from './case.js';

type Faulty = Pick<SimulationCase, 'replicas' | 'liars' | 'dead' | 'faults'>;

/** Replicas that stay dead, lie, or are damaged or put back to an old image: each once. */
export function faultyReplicas({ liars, dead, faults }: Omit<Faulty, 'replicas'>): ReadonlySet<number> {
  const struck = faults.flatMap((fault) =>
    fault.type === 'damage' || fault.type === 'rollback' ? [fault.replica] : [],
  );
  return new Set([...dead, ...liars.map(({ replica }) => replica), ...struck]);
}

/** Whether they are f at most. */
export function isWithinFaultBound(parameters: Faulty): boolean {
  return faultyReplicas(parameters).size <= faultBound(parameters.replicas);
}
