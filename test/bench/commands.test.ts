import test from 'ava';
import { createMachine } from '../../bench/bench-machine.js';
import { commandSource } from '../../bench/commands.js';
import { renderReply } from '../../examples/key-value/index.js';
import { asHeight } from '../../src/protocol/numbers.js';

const settings = { machine: 'key-value', keyBytes: 16, payload: 128, seed: 7, replyBytes: 3 } as const;
const at = { height: asHeight(1), index: 0 };

test('the commands of a benchmark are SETs that the key-value machine executes', (t) => {
  const machine = createMachine(settings);
  const next = commandSource(settings);
  const commands = Array.from({ length: 1000 }, next);
  for (const command of commands) t.is(renderReply(machine.apply(command, at)), 'OK');
  t.true(commands.every(({ length }) => length === commands[0]?.length));
  t.true(new Set(commands.map(String)).size > 900, 'with many different keys');
});

test('one seed draws the same commands again, another one others', (t) => {
  const draw = (seed: number) => Array.from({ length: 50 }, commandSource({ ...settings, seed })).map(String);
  t.deepEqual(draw(7), draw(7));
  t.notDeepEqual(draw(7), draw(8));
});

test('a key of one byte and a value of one byte make commands too', (t) => {
  const small = { ...settings, keyBytes: 1, payload: 1 };
  const machine = createMachine(small);
  const next = commandSource(small);
  for (let count = 0; count < 50; count += 1) t.is(renderReply(machine.apply(next(), at)), 'OK');
});

test('the machine none answers with as many bytes as it is told', (t) => {
  const none = { ...settings, machine: 'none' } as const;
  t.is(commandSource(none)().length, 144);
  t.is(createMachine(none).apply(new Uint8Array(1), at).length, 3);
});
