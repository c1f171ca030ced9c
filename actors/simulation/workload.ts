/** What a simulation does with a state machine: the machine itself, its commands, and how it is judged. */

import type { SimulationCase } from '../../src/simulation/case.js';
import {
  type KeyValueOperation,
  type KeyValueResult,
  keyValueModel,
} from '../../src/simulation/checkers/key-value-model.js';
import { linearizable } from '../../src/simulation/checkers/linearizability.js';
import type { Random } from '../../src/simulation/random.js';
import type { CommandMachine } from '../proposal-generator/command-machine.js';
import type { StateMachine } from '../proposal-generator/state-machine.js';
import { type LedgerEntry, LedgerMachine } from './ledger-machine.js';
import { registerMachine } from './register-machine.js';
import type { Operation } from './simulated-client.js';

/** A state machine as the simulator takes it. */
export interface Workload {
  /** A fresh machine, as each replica gets it at each start. */
  readonly createMachine: () => CommandMachine;
  /** The next command of a client; everything about it follows from `random`. */
  readonly command: (random: Random, client: number, index: number) => Uint8Array;
  /** Says what no correct machine could have answered to the clients of a whole run; null for nothing. */
  readonly judge?: (history: readonly Operation[]) => string | Unjudged | null;
}

/** What a judge answers that could not tell: the run passes, and is counted among those that show less. */
export interface Unjudged {
  /** Why not, in a phrase. */
  readonly unjudged: string;
}

/** A machine that builds its own blocks, as the simulator takes it: there are no clients then. */
export interface SpeculativeWorkload {
  /** A fresh machine for a replica, as it gets it at each start. It must be told what is its own from `replica` alone. */
  readonly createSpeculative: (replica: number) => StateMachine<unknown>;
}

/**
 * A ledger that throws at whatever no speculative machine may be asked for. Where a liar may put the body of one block into
 * another, a block that does not fit the state is passed over instead: by all replicas alike, or S2 shows.
 */
export function ledgerOf({ liars }: Pick<SimulationCase, 'liars'>): SpeculativeWorkload {
  const Machine = liars.length > 0 ? WaryLedger : RestingLedger;
  return {
    createSpeculative: (replica) =>
      new Machine(`r${replica}`, (problem) => {
        throw new Error(problem);
      }),
  };
}

/** Has nothing to propose now and then. */
class RestingLedger extends LedgerMachine {
  #asked = 0;

  override propose(): LedgerEntry | null {
    this.#asked += 1;
    this.appetite = this.#asked % ASKED_PER_REST === 0 ? 0 : 1;
    return super.propose();
  }
}

class WaryLedger extends RestingLedger {
  override parse(body: Uint8Array): LedgerEntry | null {
    const entry = super.parse(body);
    return entry !== null && this.fits(entry) ? entry : null;
  }
}

const text = new TextEncoder();
const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** How often a ledger is asked until it has nothing to propose once. */
const ASKED_PER_REST = 9;

/** Registers that five keys name: few, so that clients meet. */
export const registers: Workload = {
  createMachine: registerMachine,
  judge: (history) => judgeRegisters(history),
  command: (random, client, index) => {
    const key = random.pick(KEYS);
    switch (random.below(5)) {
      case 0:
        return text.encode(`SET ${key} ${client}.${index}`);
      case 1:
        return text.encode(`APPEND ${key} ${client}`);
      case 2:
        return text.encode(`INCR n${key}`);
      default:
        return text.encode(`GET ${random.chance(0.5) ? key : `n${key}`}`);
    }
  },
};

const fromText = new TextDecoder();

/** Whether some order of the commands explains all answers (S10). A search that is given up accuses nobody, and says so. */
export function judgeRegisters(
  history: readonly Operation[],
  bounds: { readonly stepsMax?: number } = {},
): string | Unjudged | null {
  const operations = history.map((operation, id) => ({
    id,
    client: operation.client,
    invokedAt: operation.invokedAt,
    completedAt: operation.completedAt,
    command: parse(fromText.decode(operation.command)),
    result: operation.reply === null ? undefined : resultOf(fromText.decode(operation.reply)),
  }));
  const found = linearizable(operations, keyValueModel, bounds);
  if (found.ok === 'unknown') return { unjudged: found.why };
  if (found.ok) return null;
  const stuck = found.stuck.map(({ client, command, result }) => {
    return `client ${client}: ${command.operation} ${command.key} answered ${JSON.stringify(result)}`;
  });
  return `no order of the commands on ${found.partition} explains ${stuck.join(' or ')}`;
}

function parse(command: string): KeyValueOperation {
  const [operation, key = '', ...rest] = command.split(' ');
  return { operation: operation as KeyValueOperation['operation'], key, value: rest.join(' ') };
}

function resultOf(reply: string): KeyValueResult {
  if (reply === '!') return false;
  return reply === '-' ? null : reply;
}
