/** A state machine's host in the simulator: calls are counted until they are answered, so that a run can wait for promises. */
import type { Deliver, Port, PortFactory } from '../../src/runtime/behaviour.js';
import type { SimulatedProcess } from '../../src/simulation/process.js';
import type { HashedState } from '../proposal-generator/command-executor.js';
import type { ExecutedBlock, MachineEffect, ProposalGeneratorMessage } from '../proposal-generator/messages.js';

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
  /** Whether the host is asked for the hash of its state, too, after each block that may have changed it. */
  readonly asksState: boolean;
  /**
   * Told of each answer when the machine gives it: before the proposal generator is. `state` comes with a block: what the
   * host says of the state after it, as a client would be told; null where it is not asked.
   */
  readonly onAnswer: (answer: ProposalGeneratorMessage, state: HashedState | null) => void;
}

/** No client's question has this number. */
const OWN_QUESTION = -1;

/** Wraps a machine's host. Its calls go one at a time, as in production; what a crash overtakes is never answered. */
export function simulatedMachine(
  options: SimulatedMachineOptions,
): PortFactory<MachineEffect, ProposalGeneratorMessage> {
  const { host, process, calls, costMs, asksState, onAnswer } = options;
  return (deliver) => {
    let inTurn = false;
    let pending = 0;
    const count = (change: number): void => {
      pending += change;
      calls.count += change;
    };
    /** What came of the question under way. */
    let asked: StateAnswer | null = null;
    const hashed = (): HashedState | null => {
      do {
        asked = null;
        count(1);
        inner.perform({ type: 'hashState', token: OWN_QUESTION });
      } while (isUnfinished(asked));
      return asked;
    };
    const answered: Deliver<ProposalGeneratorMessage> = (answer) => {
      count(-1);
      if (!process.alive) return true;
      if (isStateAnswer(answer) && answer.token === OWN_QUESTION) {
        asked = answer;
        return true;
      }
      const state = asksState && answer.type === 'blockExecuted' && mayChange(answer) ? hashed() : null;
      // A machine that throws at the question has ended its replica.
      if (!process.alive) return true;
      onAnswer(answer, state);
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

type StateAnswer = Extract<ProposalGeneratorMessage, { type: 'stateHashed' | 'stateHashing' }>;

function isStateAnswer(answer: ProposalGeneratorMessage): answer is StateAnswer {
  return answer.type === 'stateHashed' || answer.type === 'stateHashing';
}

function isUnfinished(answer: StateAnswer | null): answer is Extract<StateAnswer, { type: 'stateHashing' }> {
  return answer?.type === 'stateHashing';
}

/** Commands that have run before change nothing; one that the machine refuses is remembered. */
function mayChange({ replies, refused }: ExecutedBlock): boolean {
  return replies.length + refused.length > 0;
}
