import type { CommandMachine } from './command-machine.js';
import type { StateMachine } from './state-machine.js';

type MethodOf<Machine> = Exclude<keyof Machine, 'name'>;
type Methods<Machine> = { readonly [Method in MethodOf<Machine>]-?: 'must' | 'may' };

/** The methods that a machine of either kind must have, and may have. */
const METHODS: { readonly commands: Methods<CommandMachine>; readonly speculative: Methods<StateMachine<unknown>> } = {
  commands: {
    apply: 'must',
    validate: 'may',
    stateHash: 'must',
    stateHashInSlices: 'may',
    snapshot: 'must',
    restore: 'must',
  },
  speculative: {
    initialize: 'must',
    propose: 'must',
    parse: 'must',
    serialize: 'must',
    idOf: 'must',
    execute: 'must',
    commit: 'must',
    rewind: 'must',
    stateHash: 'may',
  },
};

/** Returns what a machine of that kind cannot do, as the end of a sentence that begins with the machine; null for nothing. */
export function machineMisfit(kind: 'commands' | 'speculative', machine: object): string | null {
  const given = machine as Readonly<Record<string, unknown>>;
  const missing: string[] = [];
  for (const [method, need] of Object.entries(METHODS[kind])) {
    if (typeof given[method] === 'function' || (need === 'may' && given[method] === undefined)) continue;
    if (need === 'may') return `has a ${method} that is no function: leave it out, or make it one`;
    missing.push(method);
  }
  return missing.length === 0 ? null : `has no method ${missing.join(', ')}${otherKind(kind, machine)}`;
}

/** Where a machine has what the other kind is known by, it was wrapped in the wrong one. */
function otherKind(kind: 'commands' | 'speculative', machine: object): string {
  const [other, sign] = kind === 'commands' ? ['speculative', 'propose'] : ['commands', 'apply'];
  return sign in machine ? `, and has ${sign}: give it to ${other}()` : '';
}
