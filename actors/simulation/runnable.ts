/** Whether a case can be run at all: its faults, and whether it and the workload are of one kind; and what a workload must say. */
import { checkValue } from '../../src/config/check-options.js';
import type { OptionKind } from '../../src/config/option-kinds.js';
import { ConfigurationError } from '../../src/errors.js';
import { faultBound } from '../../src/protocol/quorum.js';
import type { SimulationCase } from '../../src/simulation/case.js';
import { faultyReplicas, isWithinFaultBound } from '../../src/simulation/faulty-replicas.js';
import type { SpeculativeWorkload, Workload } from './workload.js';

/** @throws ConfigurationError for machines that take commands where the case speculates, or the other way round. */
export function checkWorkload(
  { speculation, clients }: SimulationCase,
  workload: Workload | SpeculativeWorkload | undefined,
): void {
  if (speculation !== undefined && clients > 0) {
    const detail = `a case that speculates has ${clients} clients; machines that build their own blocks have none`;
    throw new ConfigurationError('SIMULATION_WORKLOAD', detail);
  }
  if (workload === undefined || 'createSpeculative' in workload === (speculation !== undefined)) return;
  const [is, wants] =
    speculation === undefined ? ['takes commands', 'createMachine'] : ['speculates', 'createSpeculative'];
  throw new ConfigurationError('SIMULATION_WORKLOAD', `the case ${is}, and its workload has no ${wants}`);
}

/** @throws ConfigurationError for a case in which more than f replicas are faulty, and that does not say so. */
export function checkFaultBound(parameters: SimulationCase): void {
  const { replicas, beyondFaultBound } = parameters;
  if (beyondFaultBound || isWithinFaultBound(parameters)) return;
  throw new ConfigurationError(
    'SIMULATION_BEYOND_FAULTS',
    `${faultyReplicas(parameters).size} of ${replicas} replicas are dead, lie, or have a store that is damaged or put back, and ${faultBound(replicas)} may; a case that means it says beyondFaultBound`,
  );
}

const verdict: OptionKind = {
  admits: (value) =>
    value === null || typeof value === 'string' || typeof (value as { unjudged?: unknown }).unjudged === 'string',
  says: 'a text that says what is wrong, { unjudged: why }, or null',
  code: 'SIMULATION_WORKLOAD',
};

/** @throws ConfigurationError for what no judge answers. */
export function checkVerdict(answer: unknown): void {
  checkValue("what the workload's judge returns", answer, verdict);
}
