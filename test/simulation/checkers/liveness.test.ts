import test from 'ava';
import { type ClusterView, LivenessChecker, type LivenessOptions } from '../../../src/simulation/checkers/liveness.js';

const HEAL_AT = 1000;

function checker(changes: Partial<LivenessOptions> = {}) {
  const accusations: string[] = [];
  const checks = new LivenessChecker({
    replicas: 4,
    baseTimeoutMs: 100,
    tenure: 1,
    delayMaxMs: 10,
    healAt: HEAL_AT,
    timerMaxMs: 500,
    liars: 0,
    dead: 0,
    speculative: false,
    accuse: (invariant) => accusations.push(invariant),
    ...changes,
  });
  return { checks, accusations };
}

/** At a moment so long after the healing, in multiples of the patience; height 5 was reached before. */
function look(checks: LivenessChecker, patiences: number, changes: Partial<Omit<ClusterView, 'now'>> = {}): void {
  checks.look({
    now: HEAL_AT + patiences * checks.patienceMs,
    replicas: [0, 1, 2, 3].map((id) => ({ id, view: 9, height: 5 })),
    nonEmptyHeight: 5,
    waitingSince: HEAL_AT,
    ...changes,
  });
}

test('a cluster that commits, comes together and answers satisfies everything', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0.1);
  t.false(checks.satisfied);
  look(checks, 0.9, { nonEmptyHeight: 6 });
  t.true(checks.satisfied);
  look(checks, 9, { nonEmptyHeight: 6, waitingSince: null });
  t.deepEqual(accusations, []);
});

test('before the healing nothing is judged', (t) => {
  const { checks, accusations } = checker();
  look(checks, -0.5, { replicas: [0, 1].map((id) => ({ id, view: 100 * id, height: 0 })), waitingSince: 0 });
  t.deepEqual(accusations, []);
});

test('no new block in 2f + 3 tenures is L1, and L5 where replicas stay dead; it is told once', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0.1);
  look(checks, 0.99);
  t.deepEqual(accusations, []);
  look(checks, 1.01);
  look(checks, 1.5);
  t.deepEqual(accusations, ['L1']);
  const withDead = checker({ dead: 1 });
  look(withDead.checks, 0.1);
  look(withDead.checks, 1.01);
  t.deepEqual(withDead.accusations, ['L5']);
});

test('a replica that stays below what was committed is L2', (t) => {
  const { checks, accusations } = checker();
  const behind = [0, 1, 2, 3].map((id) => ({ id, view: 9, height: id === 3 ? 4 : 6 }));
  look(checks, 0.1, { replicas: behind });
  look(checks, 1.9, { replicas: behind, nonEmptyHeight: 6 });
  t.deepEqual(accusations, []);
  look(checks, 2.1, { replicas: behind, nonEmptyHeight: 6 });
  t.deepEqual(accusations, ['L2']);
});

test('a command that waits for four times that is L3, counted from when it was submitted', (t) => {
  const { checks, accusations } = checker();
  look(checks, 0.1);
  look(checks, 3.9, { nonEmptyHeight: 6 });
  look(checks, 8.9, { nonEmptyHeight: 9, waitingSince: HEAL_AT + 5 * checks.patienceMs });
  t.deepEqual(accusations, []);
  look(checks, 9.1, { nonEmptyHeight: 9, waitingSince: HEAL_AT + 5 * checks.patienceMs });
  t.deepEqual(accusations, ['L3']);
});

test('where machines build their own blocks L3 says that none was committed, and of no command', (t) => {
  const said: string[] = [];
  const { checks } = checker({ speculative: true, accuse: (_, detail) => said.push(detail) });
  look(checks, 0.1);
  look(checks, 4.1, { nonEmptyHeight: 6 });
  t.deepEqual(said, [
    `no block of a machine was committed for ${Math.round(4.1 * checks.patienceMs)} ms without faults`,
  ]);
});

test('views that never come within two of each other are L4', (t) => {
  const apart = [0, 1, 2, 3].map((id) => ({ id, view: id === 0 ? 12 : 9, height: 5 }));
  const { checks, accusations } = checker();
  look(checks, 0.1, { replicas: apart });
  look(checks, 0.5, { replicas: apart, nonEmptyHeight: 6 });
  t.false(checks.satisfied);
  t.deepEqual(accusations, []);
  look(checks, 1.01, { replicas: apart, nonEmptyHeight: 6 });
  t.deepEqual(accusations, ['L4']);
  const once = checker();
  look(once.checks, 0.1, { replicas: apart });
  look(once.checks, 0.5, { nonEmptyHeight: 6 });
  look(once.checks, 1.01, { replicas: apart, nonEmptyHeight: 6 });
  t.deepEqual(once.accusations, []);
});
