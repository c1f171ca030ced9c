import test from 'ava';
import { DoneCommandsChecker } from '../../../src/simulation/checkers/done-commands.js';

const BASE = 1000;

/** Command `a` ran at height 3, on replica 1; replica 2 is rebuilt up to height 2. */
function watched() {
  const accusations: string[] = [];
  const checker = new DoneCommandsChecker({
    baseTimeoutMs: BASE,
    accuse: (invariant, detail) => accusations.push(`${invariant}: ${detail}`),
  });
  checker.executed(1, 3, ['a']);
  checker.booted(2);
  checker.initialized(2, 2);
  return { checker, accusations };
}

test('who holds on to a command that it executed is found, once, after half a base timeout', (t) => {
  const { checker, accusations } = watched();
  checker.executed(2, 3, ['a']);
  checker.look(2, 'a', 0);
  checker.look(2, 'a', 500);
  t.deepEqual(accusations, []);
  checker.look(2, 'a', 501);
  checker.look(2, 'a', 9 * BASE);
  t.deepEqual(accusations, ['S11: replica 2 still holds command a after 501 ms, which it executed at height 3']);
});

test('so is who executed it in an earlier life', (t) => {
  const { checker, accusations } = watched();
  checker.booted(2);
  checker.initialized(2, 3);
  checker.look(2, 'a', 0);
  checker.look(2, 'a', 2 * BASE);
  t.is(accusations.length, 1);
});

test('who has not executed it, or not in this life yet, may hold it; and any command that never ran', (t) => {
  const { checker, accusations } = watched();
  for (const at of [0, 2 * BASE]) checker.look(2, 'a', at);
  checker.initialized(2, 3);
  checker.booted(2);
  for (const at of [0, 2 * BASE]) checker.look(2, 'a', at);
  checker.initialized(2, 3);
  for (const at of [0, 2 * BASE]) checker.look(2, 'b', at);
  t.deepEqual(accusations, []);
});

test('it counts anew for each command, and whenever it let go', (t) => {
  const { checker, accusations } = watched();
  checker.executed(2, 3, ['a', 'b']);
  checker.look(2, 'a', 0);
  checker.look(2, 'b', 400);
  checker.look(2, 'b', 900);
  checker.look(2, null, 901);
  checker.look(2, 'b', 1000);
  checker.look(2, 'b', 1500);
  t.deepEqual(accusations, []);
});
