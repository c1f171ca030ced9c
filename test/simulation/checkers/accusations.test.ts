import test from 'ava';
import { MISBEHAVIOUR } from '../../../actors/consensus/peer-refusals.js';
import { AccusationChecker } from '../../../src/simulation/checkers/accusations.js';

const LIAR = 3;

function checker() {
  const said: string[] = [];
  const accuse = (invariant: string, detail: string) => void said.push(`${invariant}: ${detail}`);
  return { checks: new AccusationChecker({ isHonest: (id) => id !== LIAR, accuse }), said };
}

test('nothing that consensus refuses may stand in a log against a correct replica, disorder as little as a lie', (t) => {
  for (const reason of [...MISBEHAVIOUR, 'stale', 'tooMany', 'treeFull']) {
    const { checks, said } = checker();
    checks.refused(0, { peer: LIAR, reason });
    t.deepEqual(said, []);
    checks.refused(0, { peer: 1, reason });
    t.deepEqual(said, [`S12: replica 0 accuses the honest replica 1: ${reason}`]);
  }
});

test('what the network refuses may be an accident, and a stranger is nobody', (t) => {
  const { checks, said } = checker();
  for (const reason of ['greetingTimeout', 'banned', 'duplicateConnection']) checks.refused(0, { peer: 1, reason });
  checks.refused(0, { peer: 'stranger', reason: 'badSignature' });
  checks.refused(0, {});
  t.deepEqual(said, []);
});

test('no correct replica is proved to contradict itself, or kept out', (t) => {
  const { checks, said } = checker();
  checks.proved(0, LIAR, 'votes');
  checks.keptOut(0, [LIAR]);
  t.deepEqual(said, []);
  checks.proved(0, 1, 'votes');
  checks.keptOut(2, [LIAR, 1]);
  t.deepEqual(said, [
    'S12: replica 0 holds a proof against honest 1: votes',
    'S12: replica 2 keeps the honest replica 1 out',
  ]);
});
