/** The application's machine, of either kind, as the parts of a replica that call it. */

import { importModule } from '../src/adapters/import-module.js';
import { nextTurn } from '../src/adapters/turn-scheduler.js';
import { checkValue, inWords } from '../src/config/check-options.js';
import { limits } from '../src/config/limits.js';
import { byName, type OptionKind } from '../src/config/option-kinds.js';
import { ConfigurationError, OperationalError, sentenceOf } from '../src/errors.js';
import type { ReplicaPorts, ReplicaSettings } from './compose-replica.js';
import type { CommandApplication, CommandMachine } from './proposal-generator/command-machine.js';
import { createMachineHost, type OpenLog } from './proposal-generator/machine-host.js';
import { machineMisfit } from './proposal-generator/machine-methods.js';
import { isMachineModule, type MachineModule } from './proposal-generator/machine-module.js';
import { DEFAULT_SPECULATION, type SpeculationOptions } from './proposal-generator/speculation-options.js';
import { createSpeculativeHost } from './proposal-generator/speculative-host.js';
import type { SpeculativeApplication, StateMachine } from './proposal-generator/state-machine.js';

/** What `createReplica` takes as a machine. */
export type Application = CommandApplication | SpeculativeApplication;

/** A machine that is there: given as an object, or made by its module. */
export type LoadedApplication =
  | { readonly kind: 'commands'; readonly machine: CommandMachine }
  | { readonly kind: 'speculative'; readonly machine: StateMachine<unknown> };

/** What a machine adds to the ports of the thread that it is on. */
export interface MachineParts {
  readonly validate: ReplicaSettings['validate'];
  readonly createHost: (openLog: OpenLog) => ReplicaPorts['machine'];
}

/**
 * Returns how far a machine runs ahead of consensus; undefined for one that takes commands.
 * @throws ConfigurationError for options of speculation where the machine takes commands.
 */
export function speculationOf(
  { kind }: Pick<Application, 'kind'>,
  options: Partial<SpeculationOptions>,
): SpeculationOptions | undefined {
  if (kind === 'speculative') return { ...DEFAULT_SPECULATION, ...options };
  const [useless] = Object.keys(options);
  if (useless === undefined) return undefined;
  const message = `${useless} is of use to a speculative machine only, and this one takes commands: leave it out`;
  throw new ConfigurationError('NOT_SPECULATIVE', message, { option: useless });
}

/** Returns what calls the machine on this thread. */
export function machineParts(application: LoadedApplication): MachineParts {
  if (application.kind === 'speculative') {
    return {
      validate: undefined,
      createHost: (openLog) => createSpeculativeHost(application.machine, openLog, nextTurn),
    };
  }
  const { machine } = application;
  return {
    validate: machine.validate?.bind(machine),
    createHost: (openLog) => createMachineHost(machine, openLog),
  };
}

/**
 * Returns the name of a machine, null for one without.
 * @throws ConfigurationError for a name that is none.
 */
export function nameOf({ machine: { name } }: LoadedApplication): string | null {
  if (name === undefined) return null;
  const max = limits.machineNameCharacters;
  if (typeof name === 'string' && name.length > 0 && name.length <= max) return name;
  const message = `the machine's name is ${JSON.stringify(name)}; it must be a text of 1 to ${max} characters`;
  throw new ConfigurationError('MACHINE_NAME', message, { max });
}

/**
 * Returns the machine itself: one that is given as a module is made now, on this thread.
 * @throws ConfigurationError `MACHINE_MODULE` for a module that makes no machine; OperationalError `APPLICATION_THREW`.
 */
export async function loadApplication({ kind, machine }: Application): Promise<LoadedApplication> {
  const made = isMachineModule(machine) ? await makeMachine(machine, kind) : machine;
  return { kind, machine: made } as LoadedApplication;
}

/**
 * Checks the form of a machine, or of its module, which is not loaded.
 * @throws ConfigurationError `OPTION_OUT_OF_RANGE` for what is no machine, `MACHINE_METHODS` and `MACHINE_MODULE`.
 */
export function checkApplication(application: Application): void {
  checkValue('machine', application, APPLICATION);
  const { kind, machine } = application;
  checkValue(`the machine given to ${kind}()`, machine, MACHINE);
  if (!isMachineModule(machine)) return checkMethods(kind, machine);
  const { module, options } = machine;
  if (!(module instanceof URL)) {
    throw misfit(`is ${JSON.stringify(module)}; it must be a URL, as in new URL('./my-machine.js', import.meta.url)`);
  }
  try {
    structuredClone(options);
  } catch (error) {
    throw misfit(`has options that are not safe to clone to another thread: ${sentenceOf(error)}`);
  }
}

/** What the option holds, and what that holds. */
const APPLICATION: OptionKind = {
  admits: (value) =>
    typeof value === 'object' && value !== null && 'kind' in value && 'machine' in value && isKind(value.kind),
  says: 'commands(machine) or speculative(machine)',
};
const MACHINE: OptionKind = { ...byName, says: 'a machine, or { module, options }' };

function isKind(kind: unknown): boolean {
  return kind === 'commands' || kind === 'speculative';
}

function checkMethods(kind: Application['kind'], machine: object): void {
  const what = machineMisfit(kind, machine);
  if (what !== null)
    throw new ConfigurationError('MACHINE_METHODS', `the machine given to ${kind}() ${what}`, { kind });
}

async function makeMachine({ module, options }: MachineModule, kind: Application['kind']): Promise<object> {
  const loaded = await importModule(module);
  if (!loaded.ok) throw misfit(`${module} cannot be loaded: ${loaded.reason}`);
  const { createMachine } = loaded.exports as { readonly createMachine?: unknown };
  if (typeof createMachine !== 'function') throw misfit(`${module} must export a function createMachine`);
  const machine = await callFactory(createMachine as (options: unknown) => unknown, structuredClone(options));
  const made = `${module} makes no machine for ${kind}(): what createMachine returns`;
  if (typeof machine !== 'object' || machine === null) throw misfit(`${made} is ${inWords(machine)}`);
  const what = machineMisfit(kind, machine);
  if (what !== null) throw misfit(`${made} ${what}`);
  return machine;
}

async function callFactory(create: (options: unknown) => unknown, options: unknown): Promise<unknown> {
  try {
    return await create(options);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const detail = `createMachine threw: ${sentenceOf(error)}`;
    throw new OperationalError('APPLICATION_THREW', detail, { call: 'createMachine' }, error);
  }
}

function misfit(what: string): ConfigurationError {
  return new ConfigurationError('MACHINE_MODULE', `the machine's module ${what}`);
}
