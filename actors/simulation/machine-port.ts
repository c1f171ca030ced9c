/** A state machine's host on virtual time: calls take a while, and their answers are counted, so that a run can wait for promises. */
import type { Deliver, Port, PortFactory } from '../../src/runtime/behaviour.js';
import type { SimulatedProcess } from '../../src/simulation/process.js';
import type { MachineEffect, ProposalGeneratorMessage } from '../proposal-generator/messages.js';

/** What is asked of a machine and not answered yet: between two events nothing is. */
export interface CallsInHand {
  count: number;
}

export interface SimulatedMachineOptions {
  readonly host: PortFactory<MachineEffect, ProposalGeneratorMessage>;
  readonly process: SimulatedProcess;
  readonly calls: CallsInHand;
  /** Virtual milliseconds until a call begins; null: at once and inside the actor's turn, as a command machine's. */
  readonly costMs: (() => number) | null;
  /** Told of each answer before the proposal generator is. */
  readonly onAnswer: (answer: ProposalGeneratorMessage) => void;
}

/** Wraps a machine's host. Its calls go one at a time, as in production; what a crash overtakes is never answered. */
export function simulatedMachine(
  options: SimulatedMachineOptions,
): PortFactory<MachineEffect, ProposalGeneratorMessage> {
  const { host, process, calls, costMs, onAnswer } = options;
  return (deliver) => {
    let inTurn = false;
    const answered: Deliver<ProposalGeneratorMessage> = (answer) => {
      calls.count -= 1;
      if (!process.alive) return true;
      onAnswer(answer);
      if (inTurn) return deliver(answer);
      // A promise was kept: the answer comes as of its own.
      process.enter(() => void deliver(answer));
      return true;
    };
    const inner: Port<MachineEffect> = host(answered);
    const call = (effect: MachineEffect): void => {
      calls.count += 1;
      inTurn = true;
      inner.perform(effect);
      inTurn = false;
    };
    return {
      perform: (effect) => {
        if (costMs === null) call(effect);
        else process.later(costMs(), 'machine', () => call(effect));
      },
      close: () => inner.close(),
    };
  };
}
