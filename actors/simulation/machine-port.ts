/** A state machine's host in the simulator: calls are counted until they are answered, so that a run can wait for promises. */
import type { Deliver, Port, PortFactory } from '../../src/runtime/behaviour.js';
import type { SimulatedProcess } from '../../src/simulation/process.js';
import type { MachineEffect, ProposalGeneratorMessage } from '../proposal-generator/messages.js';

/** What is asked of a machine and not answered yet: between two events nothing is. */
export interface CallsInHand {
  count: number;
}

/** What {@link simulatedMachine} takes. */
export interface SimulatedMachineOptions {
  readonly host: PortFactory<MachineEffect, ProposalGeneratorMessage>;
  readonly process: SimulatedProcess;
  readonly calls: CallsInHand;
  /** How long a call takes, virtual milliseconds; without it its answer comes at the same instant. */
  readonly costMs?: () => number;
  /** Told of each answer when the machine gives it: before the proposal generator is. */
  readonly onAnswer: (answer: ProposalGeneratorMessage) => void;
}

/** Wraps a machine's host. Its calls go one at a time, as in production; what a crash overtakes is never answered. */
export function simulatedMachine(
  options: SimulatedMachineOptions,
): PortFactory<MachineEffect, ProposalGeneratorMessage> {
  const { host, process, calls, costMs, onAnswer } = options;
  return (deliver) => {
    let inTurn = false;
    let pending = 0;
    const count = (change: number): void => {
      pending += change;
      calls.count += change;
    };
    const answered: Deliver<ProposalGeneratorMessage> = (answer) => {
      count(-1);
      if (!process.alive) return true;
      onAnswer(answer);
      if (costMs !== undefined) {
        process.later(costMs(), 'machine', () => void deliver(answer));
        return true;
      }
      if (inTurn) return deliver(answer);
      // A promise was kept: the answer comes as of its own.
      process.enter(() => void deliver(answer));
      return true;
    };
    const inner: Port<MachineEffect> = host(answered);
    return {
      perform: (effect) => {
        count(1);
        inTurn = true;
        inner.perform(effect);
        inTurn = false;
      },
      // A host that is closed owes no answer any more.
      close: async () => {
        await inner.close();
        count(-pending);
      },
    };
  };
}
