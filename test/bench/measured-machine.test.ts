import test from 'ava';
import { BurningMachine } from '../../bench/burning-machine.js';
import { costIn, type MeasuredBlock, MeasuredMachine } from '../../bench/measured-machine.js';
import { createMachine } from '../../bench/speculation-machine.js';
import { speculationDefaults } from '../../bench/speculation-settings.js';
import { threadCpuMs } from '../../bench/thread-cpu.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import { asHeight } from '../../src/protocol/numbers.js';

test('a body tells what its propose() cost, and around that is the block of the machine', (t) => {
  const machine = new MeasuredMachine(new BurningMachine({ proposeMs: 5 }));
  const began = threadCpuMs();
  const measured = proposedBy(machine);
  const spentMs = threadCpuMs() - began;
  t.is(measured.block, 1);
  const body = machine.serialize(measured);
  t.deepEqual(costIn(body), measured.cost);
  t.true(measured.cost.cpuMs >= 5 && measured.cost.cpuMs <= spentMs, `${measured.cost.cpuMs} of ${spentMs} ms`);
  t.true(measured.cost.wallMs > 0);
  t.deepEqual(machine.parse(body), measured);
});

test('bodies without a cost, and such that the machine cannot read, are null', (t) => {
  const machine = new MeasuredMachine(new BurningMachine({ proposeMs: 0 }));
  t.is(costIn(new Uint8Array(15)), null);
  t.not(costIn(new Uint8Array(16)), null);
  for (const length of [0, 15, 16, 23, 25]) t.is(machine.parse(new Uint8Array(length)), null, `${length} bytes`);
  t.not(machine.parse(new Uint8Array(24)), null);
});

test('what a proposal cost is no part of its id, and the machine is driven as if it were alone', async (t) => {
  const inner = new BurningMachine({ proposeMs: 0 });
  const machine = new MeasuredMachine(inner);
  await machine.initialize(null);
  const one = { block: 1, cost: { cpuMs: 1, wallMs: 1 } };
  t.deepEqual(machine.idOf(one), machine.idOf({ ...one, cost: { cpuMs: 2, wallMs: 9 } }));
  machine.execute({ ...one, block: 7 });
  machine.commit(machine.idOf({ ...one, block: 7 }));
  t.is(machine.propose()?.block, 8);
  machine.rewind();
  t.is(inner.propose(), 8, 'the proposal was dropped, the committed block was not');
});

test('a log is refused: its bodies would not be those of the machine', (t) => {
  const log: CommittedLog = { committedHeight: asHeight(1), async *blocks() {}, loadBlock: async () => null };
  t.throws(() => void new MeasuredMachine(new BurningMachine({ proposeMs: 0 })).initialize(log), {
    message: /a benchmark begins with an empty log/,
  });
});

test('the exchange of a benchmark has what a leader proposes executed by the others, and each replica offers of its own', (t) => {
  const options = { ...speculationDefaults, machine: 'exchange', rounds: 20 } as const;
  const [leader, follower] = [createMachine({ ...options, id: 0 }), createMachine({ ...options, id: 1 })];
  const proposed = proposedBy(leader);
  const read = follower.parse(leader.serialize(proposed));
  t.deepEqual(read, proposed);
  t.notDeepEqual(proposedBy(follower).block, proposed.block);
  follower.rewind();
  follower.execute(proposed);
  for (const machine of [leader, follower]) {
    machine.commit(machine.idOf(proposed));
    t.like(proposedBy(machine).block as object, { number: 2 }, 'it goes on after the first batch');
  }
});

function proposedBy<Block>(machine: MeasuredMachine<Block>): MeasuredBlock<Block> {
  const proposed = machine.propose();
  if (proposed === null) throw new Error('there is nothing to propose');
  return proposed;
}
