import test from 'ava';
import { type ClusterView, LivenessChecker, type LivenessOptions } from '../../../src/simulation/checkers/liveness.js';

const HEAL_AT = 1000;

function checker(changes: Partial<LivenessOptions> = {}) {
  const accusations: string[] = [];
  const checks = new LivenessChecker({
    replicas: 4,
    baseTimeoutMs: 100,
    tenure: 1,
    leadersMayBeTooFew: false,
    delayMaxMs: 10,
    healAt: HEAL_AT,
    connectMs: 0,
    timerMaxMs: 500,
    liars: 0,
    dead: 0,
    commandsAhead: 0,
    speculative: false,
    accuse: (invariant) => accusations.push(invariant),
    ...changes,
  });
  return { checks, accusations };
}

/** All four in one view; the last one may be at another height. */
function at(height: number, last = height): ClusterView['replicas'] {
  return [0, 1, 2, 3].map((id) => ({ id, view: 9, height: id === 3 ? last : height }));
}

/** At a moment so long after the healing, in multiples of the patience; height 5 was reached before. */
function look(checks: LivenessChecker, patiences: number, changes: Partial<Omit<ClusterView, 'now'>> = {}): void {
  checks.look({
    now: HEAL_AT + patiences * checks.patienceMs,
    replicas: at(5),
    connected: () => true,
    heard: () => true,
    nonEmptyHeight: 5,
    waitingSince: HEAL_AT,
    ...changes,
  });
}

test('a cluster that commits, comes together and answers satisfies everything', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0);
  t.false(checks.satisfied);
  look(checks, 0.9, { nonEmptyHeight: 6, replicas: at(6) });
  t.true(checks.satisfied);
  look(checks, 9, { nonEmptyHeight: 6, replicas: at(6), waitingSince: null });
  t.deepEqual(accusations, []);
});

test('where those that lead may be too few, a block may wait for 41 tenures and a turn of everybody besides', (t) => {
  const few = checker({ leadersMayBeTooFew: true });
  const all = checker();
  const tenureMs = 100 * 1.2 ** 8 + 8 * 10;
  t.is(Math.round(few.checks.patienceMs - all.checks.patienceMs), Math.round(45 * tenureMs));
  look(few.checks, 0);
  look(few.checks, 0.9);
  t.deepEqual(few.accusations, []);
  look(few.checks, 1.1);
  t.deepEqual(few.accusations, ['L1']);
});

test('before the healing nothing is judged', (t) => {
  const { checks, accusations } = checker();
  look(checks, -0.5, { replicas: [0, 1].map((id) => ({ id, view: 100 * id, height: 0 })), waitingSince: 0 });
  t.deepEqual(accusations, []);
});

test('no new block in 2f + 3 tenures is L1, and L5 where replicas stay dead; it is told once', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0);
  look(checks, 0.99);
  t.deepEqual(accusations, []);
  look(checks, 1.01);
  look(checks, 1.5);
  t.deepEqual(accusations, ['L1']);
  const withDead = checker({ dead: 1 });
  look(withDead.checks, 0);
  look(withDead.checks, 1.01);
  t.deepEqual(withDead.accusations, ['L5']);
});

test('a replica that never commits the new block is L1, though all others do', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0);
  look(checks, 0.5, { replicas: at(7, 5), nonEmptyHeight: 7 });
  look(checks, 0.9, { replicas: at(9, 6), nonEmptyHeight: 9 });
  t.false(checks.satisfied, 'the new block is the one of height 7');
  look(checks, 1.01, { replicas: at(9, 6), nonEmptyHeight: 9 });
  t.deepEqual(accusations, ['L1']);
});

test('where no replica is left to be judged, nothing is live without a new block, and with one all is', (t) => {
  const { checks, accusations } = checker({ dead: 4 });
  look(checks, 0, { replicas: [] });
  t.false(checks.satisfied);
  look(checks, 1.01, { replicas: [] });
  t.deepEqual(accusations, ['L5']);
  const answered = checker({ dead: 4 });
  look(answered.checks, 0.5, { replicas: [], waitingSince: null });
  t.true(answered.checks.satisfied);
});

test('with all commands answered nothing new is to come, and all must have what there is', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0, { replicas: at(5, 4), waitingSince: null });
  t.false(checks.satisfied);
  look(checks, 0.2, { waitingSince: null });
  t.true(checks.satisfied);
  t.deepEqual(accusations, []);
});

test('while commands are refused one after the other no block is wanted; the first that is kept waiting wants one', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0);
  const patient = { waitingSince: HEAL_AT + checks.patienceMs };
  look(checks, 1.5, patient);
  t.deepEqual(accusations, []);
  t.true(checks.satisfied);
  const kept = checker();
  look(kept.checks, 0);
  look(kept.checks, 1.5, { waitingSince: HEAL_AT + 0.4 * checks.patienceMs });
  t.deepEqual(kept.accusations, ['L1']);
});

for (const [title, awaited] of [
  ['the time of progress begins when all are connected, or should be', 'connected'],
  ['a new block is wanted once somebody who waits for it is connected, or should be', 'heard'],
] as const) {
  test(title, (t) => {
    const before = { [awaited]: () => false };
    const { checks, accusations } = checker({ connectMs: 1_000_000 });
    look(checks, 0, before);
    look(checks, 1.5, before);
    t.deepEqual(accusations, []);
    look(checks, 1.6);
    look(checks, 2.55);
    t.deepEqual(accusations, []);
    look(checks, 2.65);
    t.deepEqual(accusations, ['L1']);
    const never = checker({ connectMs: 10 });
    look(never.checks, 0, before);
    look(never.checks, 0.1, before);
    look(never.checks, 1.2, before);
    t.deepEqual(never.accusations, ['L1']);
  });
}

test('a replica that never reaches the height that another had when all were live is L2', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0);
  look(checks, 0.5, { replicas: at(20, 6), nonEmptyHeight: 6 });
  look(checks, 1.9, { replicas: at(40, 19), nonEmptyHeight: 40 });
  t.false(checks.satisfied, 'all are to reach 20');
  t.deepEqual(accusations, []);
  look(checks, 2.1, { replicas: at(50, 19), nonEmptyHeight: 50 });
  t.deepEqual(accusations, ['L2']);
  const behind = checker();
  look(behind.checks, 0);
  look(behind.checks, 0.5, { replicas: at(20, 6), nonEmptyHeight: 6 });
  look(behind.checks, 1.9, { replicas: at(40, 20), nonEmptyHeight: 40 });
  look(behind.checks, 2.1, { replicas: at(80, 50), nonEmptyHeight: 80 });
  t.deepEqual(behind.accusations, [], 'it is behind, and goes on');
});

test('a command that waits for four times that is L3, counted from when it was submitted', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0);
  const all = { replicas: at(9) };
  look(checks, 3.9, { ...all, nonEmptyHeight: 6 });
  look(checks, 8.9, { ...all, nonEmptyHeight: 9, waitingSince: HEAL_AT + 5 * checks.patienceMs });
  t.deepEqual(accusations, []);
  look(checks, 9.1, { ...all, nonEmptyHeight: 9, waitingSince: HEAL_AT + 5 * checks.patienceMs });
  t.deepEqual(accusations, ['L3']);
});

test('where each command takes a block, one waits a tenure longer for each that stands before it', (t) => {
  const { checks, accusations } = checker({ commandsAhead: 10 });
  // A timer of 100 ms grown to 430, and eight messages of 10 ms.
  const longer = (10 * (100 * 1.2 ** 8 + 80)) / checks.patienceMs;
  const all = { replicas: at(9), nonEmptyHeight: 9 };
  look(checks, 0);
  look(checks, 3.99 + longer, all);
  t.deepEqual(accusations, []);
  look(checks, 4.01 + longer, all);
  t.deepEqual(accusations, ['L3']);
});

test('where machines build their own blocks L3 says that none was committed, and of no command', (t) => {
  const said: string[] = [];
  const { checks } = checker({ speculative: true, accuse: (_, detail) => said.push(detail) });
  look(checks, 0);
  look(checks, 4.1, { replicas: at(6), nonEmptyHeight: 6 });
  t.deepEqual(said, [
    `no block of a machine was committed for ${Math.round(4.1 * checks.patienceMs)} ms without faults`,
  ]);
});

test('views that have not come within two of each other when one timeout is over are L4', (t) => {
  const apart = [0, 1, 2, 3].map((id) => ({ id, view: id === 0 ? 12 : 9, height: 6 }));
  const { checks, accusations } = checker();
  const timeout = checks.viewPatienceMs / checks.patienceMs;
  look(checks, 0, { replicas: apart });
  look(checks, 0.99 * timeout, { replicas: apart, nonEmptyHeight: 6 });
  t.false(checks.satisfied);
  t.deepEqual(accusations, []);
  look(checks, 1.01 * timeout, { replicas: apart, nonEmptyHeight: 6 });
  t.deepEqual(accusations, ['L4']);
  const once = checker();
  look(once.checks, 0, { replicas: apart });
  look(once.checks, 0.9 * timeout, { nonEmptyHeight: 6, replicas: at(6) });
  look(once.checks, 1.1 * timeout, { replicas: apart, nonEmptyHeight: 6 });
  t.deepEqual(once.accusations, []);
});

test('a moment between two looks at which views are together is enough, when a view is entered', (t) => {
  const apart = [0, 1, 2, 3].map((id) => ({ id, view: id === 0 ? 12 : 9, height: 6 }));
  const { checks, accusations } = checker();
  const entered = (now: number, replicas: ClusterView['replicas']) =>
    checks.enteredView({
      now,
      replicas,
      connected: () => true,
      heard: () => true,
      nonEmptyHeight: 6,
      waitingSince: HEAL_AT,
    });
  t.false(checks.awaitsViews(HEAL_AT - 1));
  look(checks, 0, { replicas: apart });
  t.true(checks.awaitsViews(HEAL_AT + 1));
  entered(HEAL_AT + 0.5 * checks.viewPatienceMs, apart);
  entered(HEAL_AT + 0.6 * checks.viewPatienceMs, at(6));
  t.false(checks.awaitsViews(HEAL_AT + checks.viewPatienceMs));
  look(checks, 1.5 * (checks.viewPatienceMs / checks.patienceMs), { replicas: apart, nonEmptyHeight: 6 });
  t.deepEqual(accusations, []);
  const late = checker();
  look(late.checks, 0, { replicas: apart });
  late.checks.enteredView({
    now: HEAL_AT + 1.01 * checks.viewPatienceMs,
    replicas: apart,
    connected: () => true,
    heard: () => true,
    nonEmptyHeight: 6,
    waitingSince: HEAL_AT,
  });
  t.deepEqual(late.accusations, ['L4']);
});
