/** What a workload gives each replica: a machine that `createReplica` would take, and commands that replicas would. */
import { checkValue } from '../../src/config/check-options.js';
import { limits } from '../../src/config/limits.js';
import { byName, type OptionKind } from '../../src/config/option-kinds.js';
import { ConfigurationError } from '../../src/errors.js';
import type { LoadedApplication } from '../application.js';
import { machineMisfit } from '../proposal-generator/machine-methods.js';
import type { SpeculativeWorkload, Workload } from './workload.js';

/** A larger one would be refused in every run, and nothing of it be tried. */
const COMMAND: OptionKind = {
  admits: (value) => value instanceof Uint8Array && value.length <= limits.commandBytes,
  says: `a Uint8Array of at most ${limits.commandBytes} bytes`,
  code: 'SIMULATION_WORKLOAD',
};

/** @throws ConfigurationError for a command that no replica would take. */
export function checkCommand(client: number, index: number, command: Uint8Array): void {
  checkValue(`command ${index} of client ${client}`, command, COMMAND);
}

/** A fresh machine for a replica. @throws ConfigurationError for one that createReplica would not take. */
export function applicationOf(workload: Workload | SpeculativeWorkload, replica: number): LoadedApplication {
  const application: LoadedApplication =
    'createSpeculative' in workload
      ? { kind: 'speculative', machine: workload.createSpeculative(replica) }
      : { kind: 'commands', machine: workload.createMachine() };
  checkMachine(application);
  return application;
}

function checkMachine({ kind, machine }: LoadedApplication): void {
  const call = kind === 'speculative' ? 'createSpeculative' : 'createMachine';
  checkValue(`what the workload's ${call} returns`, machine, { ...byName, says: 'a machine' });
  const what = machineMisfit(kind, machine);
  if (what === null) return;
  throw new ConfigurationError('MACHINE_METHODS', `the machine that the workload's ${call} returns ${what}`, { kind });
}
