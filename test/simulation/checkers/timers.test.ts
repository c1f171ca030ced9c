import test from 'ava';
import { TimerChecker } from '../../../src/simulation/checkers/timers.js';

const BASE = 100;

/** A checker of a cluster that healed at 1000 ms, and what it has found. */
function watched() {
  const found: string[] = [];
  const checker = new TimerChecker({
    baseTimeoutMs: BASE,
    tenure: 1,
    healAt: 1000,
    slackMs: 5,
    accuse: (invariant) => found.push(invariant),
  });
  return { checker, found };
}

/** Replica 0 commits in view 1, and enters view `view` at 2000 ms, where it speaks and gives up after `waited` ms. */
function giveUp(view: number, waited: number, speaks = true): readonly string[] {
  const { checker, found } = watched();
  checker.entered(0, 1, 1500);
  checker.committed(0, 1600);
  checker.entered(0, view, 2000);
  if (speaks) checker.sent(0, 2001);
  checker.gaveUp(0, view, 2000 + waited);
  return found;
}

test('a replica may wait for the base timeout, 1.2 times longer for each tenure without a commit, eight times at most', (t) => {
  t.deepEqual(giveUp(1, BASE + 5), []);
  t.deepEqual(giveUp(2, 1.2 * BASE + 5), []);
  t.deepEqual(giveUp(40, 1.2 ** 8 * BASE + 5), []);
});

test('one that waits longer is found', (t) => {
  t.deepEqual(giveUp(1, BASE + 6), ['L4']);
  t.deepEqual(giveUp(2, 1.2 * BASE + 6), ['L4']);
  t.deepEqual(giveUp(40, 1.2 ** 8 * BASE + 6), ['L4']);
});

test('who had nobody to speak to, has given up before, or waited through the faults is not accused', (t) => {
  t.deepEqual(giveUp(2, 10 * BASE, false), []);
  const { checker, found } = watched();
  checker.entered(0, 1, 500);
  checker.committed(0, 500);
  checker.sent(0, 501);
  checker.gaveUp(0, 1, 1700);
  checker.entered(0, 2, 1800);
  checker.sent(0, 1801);
  checker.gaveUp(0, 2, 1900);
  checker.gaveUp(0, 3, 3000);
  t.deepEqual(found, []);
});

test('who has lost a connection and not spoken since is not accused; who has spoken since is', (t) => {
  for (const speaksAgain of [false, true]) {
    const { checker, found } = watched();
    checker.entered(0, 1, 1500);
    checker.committed(0, 1600);
    checker.entered(0, 2, 2000);
    checker.sent(0, 2001);
    checker.disconnected(0);
    if (speaksAgain) checker.sent(0, 2100);
    checker.gaveUp(0, 2, 3000);
    t.deepEqual(found, speaksAgain ? ['L4'] : []);
  }
});

test('who finds somebody to speak to only when it may have given up already is not accused', (t) => {
  const { checker, found } = watched();
  checker.booted(0);
  checker.entered(0, 7, 1500);
  checker.sent(0, 1500 + BASE + 1);
  checker.gaveUp(0, 7, 3000);
  t.deepEqual(found, []);
});

test('of a life that has committed nothing the most is allowed', (t) => {
  const { checker, found } = watched();
  checker.booted(0);
  checker.entered(0, 7, 1500);
  checker.sent(0, 1501);
  checker.gaveUp(0, 7, 1500 + 1.2 ** 8 * BASE);
  t.deepEqual(found, []);
});
