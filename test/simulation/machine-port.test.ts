import test from 'ava';
import type { CommandMachine } from '../../actors/index.js';
import { createMachineHost } from '../../actors/proposal-generator/machine-host.js';
import type { ProposalGeneratorMessage } from '../../actors/proposal-generator/messages.js';
import { simulatedMachine } from '../../actors/simulation/machine-port.js';
import { SimulatedProcess } from '../../src/simulation/process.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import { batchOf, blockOf } from '../support/command-blocks.js';
import { ListMachine } from '../support/list-machine.js';

class SlicedListMachine extends ListMachine {
  *stateHashInSlices(): Iterator<undefined, Uint8Array> {
    yield;
    yield;
    return this.stateHash();
  }
}

function hosted(machine: CommandMachine, asksState: boolean) {
  const calls = { count: 0 };
  const states: (string | null)[] = [];
  const delivered: ProposalGeneratorMessage['type'][] = [];
  const openLog = () => {
    throw new Error('nothing is rebuilt');
  };
  const factory = simulatedMachine({
    host: createMachineHost(machine, openLog),
    process: new SimulatedProcess('replica 0', new Scheduler()),
    calls,
    asksState,
    onAnswer: (answer, state) => {
      if (answer.type === 'blockExecuted') states.push(state?.stateHash ?? null);
    },
  });
  const port = factory((answer) => {
    delivered.push(answer.type);
    return true;
  });
  return { port, calls, states, delivered };
}

test('a host is asked for its state after each block that may change it, and nobody else hears the answer', (t) => {
  for (const machine of [new ListMachine(), new SlicedListMachine()]) {
    const { port, calls, states, delivered } = hosted(machine, true);
    const bodies = [[batchOf(1, [1])], [], [batchOf(1, [2], '!refused')]];
    for (const [index, batches] of bodies.entries()) {
      port.perform({ type: 'executeBlock', block: blockOf({ height: index + 1, batches }) });
    }
    t.deepEqual(delivered, ['blockExecuted', 'blockExecuted', 'blockExecuted']);
    t.is(calls.count, 0);
    t.is(states.length, 3);
    t.regex(states[0] ?? '', /^[0-9a-f]{64}$/);
    t.is(states[1], null);
    // The machine has refused the command, and what is remembered of the client has changed.
    t.regex(states[2] ?? '', /^[0-9a-f]{64}$/);
    t.not(states[2], states[0]);
  }
});

test('one that is not to be asked is not', (t) => {
  const { port, states } = hosted(new ListMachine(), false);
  port.perform({ type: 'executeBlock', block: blockOf({ height: 1, batches: [batchOf(1, [1])] }) });
  t.deepEqual(states, [null]);
});

test('what the machine throws at the question is an answer of its own', (t) => {
  class Broken extends ListMachine {
    override stateHash(): Uint8Array {
      throw new Error('no hash today');
    }
  }
  const { port, calls, delivered } = hosted(new Broken(), true);
  port.perform({ type: 'executeBlock', block: blockOf({ height: 1, batches: [batchOf(1, [1])] }) });
  t.deepEqual(delivered, ['machineThrew', 'blockExecuted']);
  t.is(calls.count, 0);
});
