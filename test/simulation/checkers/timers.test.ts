import test from 'ava';
import { TimerChecker } from '../../../src/simulation/checkers/timers.js';

const BASE = 100;

/** A checker of a cluster that healed at 1000 ms, and what it has found. */
function watched({ tenure = 1, lastJump = Number.NEGATIVE_INFINITY, fastest = 1 } = {}) {
  const found: string[] = [];
  const checker = new TimerChecker({
    baseTimeoutMs: BASE,
    tenure,
    healAt: 1000,
    slackMs: 5,
    clocks: { fastest, lastJump },
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

/** Replica 0, in tenures of ten views, enters one after each of `views` milliseconds, commits after seven tenures more, and gives the next one up. */
function giveUpAfter(views: readonly number[], waited: number, clocks = {}): readonly string[] {
  const { checker, found } = watched({ tenure: 10, ...clocks });
  checker.entered(0, 1, 1100);
  checker.committed(0, 1101);
  checker.entered(0, 70, 1200);
  let now = 1200;
  for (const [index, milliseconds] of views.entries()) {
    now += milliseconds;
    checker.entered(0, 71 + index, now);
  }
  checker.committed(0, now + 1);
  checker.entered(0, 80, now + 2);
  checker.sent(0, now + 3);
  checker.gaveUp(0, 8, now + 2 + waited);
  return found;
}

test('a commit leaves as much as makes the timer half as long again as the longest of the last views, and the next tenure adds its own', (t) => {
  const quick = 1.2 * BASE + 5;
  t.deepEqual(giveUpAfter([10, 10], quick), []);
  t.deepEqual(giveUpAfter([10, 10], quick + 1), ['L4']);
  // Of 95 + 5 ms that is 1.5 bases, which three tenures are the first to exceed.
  t.deepEqual(giveUpAfter([10, 95], 1.2 ** 4 * BASE + 5), []);
  t.deepEqual(giveUpAfter([10, 95], 1.2 ** 4 * BASE + 6), ['L4']);
  t.deepEqual(giveUpAfter([10, 250], 1.2 ** 8 * BASE + 5), []);
  t.deepEqual(giveUpAfter([10, 250], 1.2 ** 8 * BASE + 6), ['L4']);
});

test('of the views before the last six in a tenure nothing is left', (t) => {
  t.deepEqual(giveUpAfter([250, 10, 10, 10, 10, 10], 1.2 ** 8 * BASE + 5), []);
  t.deepEqual(giveUpAfter([250, 10, 10, 10, 10, 10, 10], 1.2 * BASE + 6), ['L4']);
});

test('a clock that was fast, or may have leapt in a view, is allowed for', (t) => {
  t.deepEqual(giveUpAfter([10, 95], 1.2 ** 5 * BASE + 5, { fastest: 1.25 }), []);
  t.deepEqual(giveUpAfter([10, 10], 1.2 ** 8 * BASE + 5, { lastJump: 1205 }), []);
  t.deepEqual(giveUpAfter([10, 10], 1.2 * BASE + 6, { lastJump: 1199 }), ['L4']);
});

test('the last view of a tenure may have been ended by a QC, and counts', (t) => {
  const { checker, found } = watched();
  checker.entered(0, 1, 1100);
  checker.committed(0, 1101);
  checker.entered(0, 7, 1200);
  checker.entered(0, 8, 1200 + 250);
  checker.committed(0, 1451);
  checker.entered(0, 9, 1452);
  checker.sent(0, 1453);
  checker.gaveUp(0, 9, 1452 + 1.2 ** 8 * BASE + 5);
  t.deepEqual(found, []);
});
