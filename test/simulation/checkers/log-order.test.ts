import test from 'ava';
import fc from 'fast-check';
import { keyValueModel } from '../../../src/simulation/checkers/key-value-model.js';
import { linearizable } from '../../../src/simulation/checkers/linearizability.js';
import {
  comparePositions,
  logOrdered,
  readingGoneBack,
  type ServerReading,
} from '../../../src/simulation/checkers/log-order.js';
import { type Call, loggedHistory, NEVER } from '../../support/histories.js';

const kinds = (calls: readonly Call[]) => logOrdered(loggedHistory(calls), keyValueModel).map(({ kind }) => kind);

test('a history that its log explains has no fault', (t) => {
  t.deepEqual(kinds([]), []);
  t.deepEqual(
    kinds([
      [0, 5, 'SET x 1', 'OK', 1],
      [1, 2, 'GET x', null, 0],
      [0, 9, 'SET y 7', 'OK', 3],
      [6, 7, 'GET x', '1', 4],
      [8, null, 'INCR x', NEVER, 5],
      [8, null, 'INCR x', NEVER],
      [9, 10, 'INCR x', '3', 6],
    ]),
    [],
  );
});

test('an answer that is in no log, and two commands in one place, are faults', (t) => {
  t.deepEqual(kinds([[0, 1, 'SET x 1', 'OK']]), ['notInLog']);
  t.deepEqual(
    kinds([
      [0, 9, 'SET x 1', 'OK', 4],
      [0, 9, 'SET x 2', 'OK', 4],
    ]),
    ['samePosition'],
  );
});

test('what was answered before another was called stands before it in the log', (t) => {
  const pair = (invokedAt: number): readonly Call[] => [
    [0, 5, 'SET x 1', 'OK', 2],
    [invokedAt, 9, 'SET y 1', 'OK', 1],
  ];
  t.deepEqual(kinds(pair(5)), [], 'at one instant they overlap');
  t.deepEqual(kinds(pair(6)), ['againstRealTime']);
  const open = [...pair(5).slice(0, 1), [6, null, 'SET y 1', NEVER, 1] as const];
  t.deepEqual(kinds(open), ['againstRealTime'], 'one without an answer was not there before its call either');
});

test('an answer that a replay of the log does not give is a fault: stale, lost or applied twice', (t) => {
  const [fault] = logOrdered(
    loggedHistory([
      [0, 1, 'SET x 1', 'OK', 1],
      [2, 3, 'GET x', null, 2],
    ]),
    keyValueModel,
  );
  t.like(fault, { kind: 'wrongResult', expected: '1', operation: { id: 1 } });
  t.deepEqual(
    kinds([
      [0, 1, 'INCR x', '1', 1],
      [2, 3, 'INCR x', '3', 2],
    ]),
    ['wrongResult'],
  );
});

test('in one block the commands stand by index', (t) => {
  t.true(comparePositions({ height: 1, index: 9 }, { height: 2, index: 0 }) < 0);
  t.true(comparePositions({ height: 2, index: 1 }, { height: 2, index: 0 }) > 0);
  t.is(comparePositions({ height: 2, index: 1 }, { height: 2, index: 1 }), 0);
});

test('what its log explains is linearizable', (t) => {
  const call = fc.tuple(
    fc.nat({ max: 60 }),
    fc.nat({ max: 20 }),
    fc.constantFrom('SET x 1', 'GET x', 'INCR x', 'DEL x'),
  );
  let sound = 0;
  fc.assert(
    fc.property(fc.array(call, { maxLength: 6 }), (calls) => {
      let state: string | null = null;
      const answered = calls.map(([at, long, text], index): Call => {
        const [operation] = loggedHistory([[0, null, text, NEVER]]);
        if (operation === undefined) throw new Error('one call makes one operation');
        const next = keyValueModel.step(state, operation.command);
        state = next.state;
        return [at, at + long, text, next.result, index];
      });
      const operations = loggedHistory(answered);
      if (logOrdered(operations, keyValueModel).length > 0) return true;
      sound += 1;
      return linearizable(operations, keyValueModel).ok === true;
    }),
    { numRuns: 2000 },
  );
  t.true(sound > 300, `${sound} of 2000 agree with their log`);
});

test('no server tells an earlier position than it told before, and each server is judged by itself', (t) => {
  const reading = (server: number, invokedAt: number, height: number): ServerReading => {
    return { server, invokedAt, completedAt: invokedAt + 2, position: { height, index: 0 } };
  };
  t.is(readingGoneBack([reading(0, 0, 5), reading(0, 3, 5), reading(1, 6, 4), reading(0, 9, 6)]), null);
  t.is(readingGoneBack([reading(0, 0, 5), reading(0, 2, 4)]), null, 'overlapping');
  const [first, second] = [reading(0, 0, 5), reading(0, 3, 4)];
  t.deepEqual(readingGoneBack([reading(0, 6, 9), second, first]), [first, second]);
});
