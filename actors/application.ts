/** The application's machine, of either kind, as the parts of a replica that call it. */
import { limits } from '../src/config/limits.js';
import { ConfigurationError } from '../src/errors.js';
import type { ReplicaPorts, ReplicaSettings } from './compose-replica.js';
import type { CommandApplication } from './proposal-generator/command-machine.js';
import { createMachineHost, type OpenLog } from './proposal-generator/machine-host.js';
import { DEFAULT_SPECULATION, type SpeculationOptions } from './proposal-generator/speculation-options.js';
import { createSpeculativeHost } from './proposal-generator/speculative-host.js';
import type { SpeculativeApplication } from './proposal-generator/state-machine.js';

/** What `createReplica` takes as a machine. */
export type Application = CommandApplication | SpeculativeApplication;

/** What a machine adds to a replica's settings and ports. */
export interface ApplicationParts {
  readonly settings: Pick<ReplicaSettings, 'machine' | 'speculation' | 'validate'>;
  readonly createHost: (openLog: OpenLog) => ReplicaPorts['machine'];
}

/**
 * Returns the parts of a replica for its machine.
 * @throws ConfigurationError for a name that is none, and for options of speculation where the machine takes commands.
 */
export function partsOf(application: Application, options: Partial<SpeculationOptions>): ApplicationParts {
  const machine = checkedName(application.machine.name);
  if (application.kind === 'speculative') {
    const speculation = { ...DEFAULT_SPECULATION, ...options };
    const createHost = (openLog: OpenLog) => createSpeculativeHost(application.machine, openLog);
    return { settings: { machine, speculation }, createHost };
  }
  const [useless] = Object.keys(options);
  if (useless !== undefined) {
    const message = `${useless} is of use to a speculative machine only, and this one takes commands: leave it out`;
    throw new ConfigurationError('NOT_SPECULATIVE', message, { option: useless });
  }
  const commands = application.machine;
  const validate = commands.validate === undefined ? {} : { validate: commands.validate.bind(commands) };
  return {
    settings: { machine, ...validate },
    createHost: (openLog) => createMachineHost(commands, openLog),
  };
}

function checkedName(name: unknown): string | null {
  if (name === undefined) return null;
  const max = limits.machineNameCharacters;
  if (typeof name === 'string' && name.length > 0 && name.length <= max) return name;
  const message = `the machine's name is ${JSON.stringify(name)}; it must be a text of 1 to ${max} characters`;
  throw new ConfigurationError('MACHINE_NAME', message, { max });
}
