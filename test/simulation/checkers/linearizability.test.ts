import test from 'ava';
import fc from 'fast-check';
import type { Operation, SequentialModel } from '../../../src/simulation/checkers/history.js';
import { precedes } from '../../../src/simulation/checkers/history.js';
import {
  type KeyValueOperation,
  type KeyValueResult,
  keyValueModel,
} from '../../../src/simulation/checkers/key-value-model.js';
import { linearizable } from '../../../src/simulation/checkers/linearizability.js';
import { type Call, history, NEVER } from '../../support/histories.js';

const verdict = (calls: readonly Call[]) => linearizable(history(calls), keyValueModel).ok;

/** Two operations at either end of one queue: the examples of Herlihy & Wing, figures 1 and 4. */
type QueueCommand = { readonly enqueue: string } | 'dequeue';
const queue: SequentialModel<readonly string[], QueueCommand, string | null> = {
  initial: () => [],
  stateKey: (items) => JSON.stringify(items),
  step: (items, command) =>
    command === 'dequeue'
      ? { state: items.slice(1), result: items[0] ?? null }
      : { state: [...items, command.enqueue], result: 'ok' },
};

function queueVerdict(calls: readonly [number, number, QueueCommand, string | null][]): boolean | 'unknown' {
  const operations = calls.map(([invokedAt, completedAt, command, result], id) => {
    return { id, client: id, invokedAt, completedAt, command, result };
  });
  return linearizable(operations, queue).ok;
}

test('an empty history and one after the other are linearizable', (t) => {
  t.true(verdict([]));
  t.true(
    verdict([
      [0, 1, 'SET x 1', 'OK'],
      [2, 3, 'GET x', '1'],
      [4, 5, 'INCR x', '2'],
      [6, 7, 'APPEND x 0', '2'],
      [8, 9, 'DEL x', '1'],
      [10, 11, 'GET x', null],
    ]),
  );
});

test('a read may be before or after a write that it overlaps, and not before one that was answered', (t) => {
  t.true(
    verdict([
      [0, 5, 'SET x 1', 'OK'],
      [1, 2, 'GET x', null],
      [3, 4, 'GET x', '1'],
    ]),
  );
  t.true(
    verdict([
      [0, 5, 'SET x 1', 'OK'],
      [5, 6, 'GET x', null],
    ]),
    'at one instant they overlap',
  );
  t.false(
    verdict([
      [0, 5, 'SET x 1', 'OK'],
      [6, 7, 'GET x', null],
    ]),
    'a stale read',
  );
});

test('two reads of one write may not see it and then not see it', (t) => {
  const reads = (first: string | null, second: string | null): readonly Call[] => [
    [0, 9, 'SET x 1', 'OK'],
    [1, 2, 'GET x', first],
    [3, 4, 'GET x', second],
  ];
  t.true(verdict(reads(null, '1')));
  t.false(verdict(reads('1', null)));
});

test('a write that was answered and is gone is found, and so is a command that ran twice', (t) => {
  t.false(
    verdict([
      [0, 1, 'SET x 1', 'OK'],
      [2, 3, 'SET x 2', 'OK'],
      [4, 5, 'GET x', '1'],
    ]),
    'lost',
  );
  t.false(
    verdict([
      [0, 9, 'INCR x', '1'],
      [0, 9, 'INCR x', '2'],
      [10, 11, 'GET x', '3'],
    ]),
    'twice',
  );
  t.false(
    verdict([
      [0, 9, 'INCR x', '1'],
      [0, 9, 'INCR x', '1'],
    ]),
    'two at once that do not see each other',
  );
});

test('two clients that see two writes in opposite orders are found', (t) => {
  const seen = (first: string, second: string): readonly Call[] => [
    [0, 20, 'SET x 1', 'OK'],
    [0, 20, 'SET x 2', 'OK'],
    [1, 2, 'GET x', '1'],
    [3, 4, 'GET x', '2'],
    [1, 2, 'GET x', first],
    [3, 4, 'GET x', second],
  ];
  t.true(verdict(seen('1', '2')));
  t.false(verdict(seen('2', '1')));
});

test('a command without an answer may have happened, at any time since its call, or never', (t) => {
  const open = (...reads: readonly Call[]): readonly Call[] => [
    [0, 1, 'SET x 0', 'OK'],
    [5, null, 'SET x 1', NEVER],
    ...reads,
  ];
  t.true(verdict(open([6, 7, 'GET x', '0'])), 'never');
  t.true(verdict(open([6, 7, 'GET x', '1'])), 'at once');
  t.true(verdict(open([6, 7, 'GET x', '0'], [90, 91, 'GET x', '1'])), 'late');
  t.false(verdict(open([6, 7, 'GET x', '1'], [90, 91, 'GET x', '0'])), 'and then not');
  t.false(verdict(open([2, 3, 'GET x', '1'])), 'before its call');
  t.false(verdict(open([6, 7, 'INCR x', '2'], [8, 9, 'SET x 5', 'OK'], [10, 11, 'INCR x', '2'])), 'twice');
});

test('a write that changes nothing now may be the one that is needed later', (t) => {
  t.true(
    verdict([
      [10, 10, 'SET x 1', 'OK'],
      [20, 20, 'INCR x', '2'],
      [19, 30, 'SET x 1', 'OK'],
      [9, 30, 'SET x 1', 'OK'],
      [40, 40, 'GET x', '1'],
    ]),
  );
});

test('the queues of Herlihy and Wing are told apart', (t) => {
  const [x, y] = [{ enqueue: 'x' }, { enqueue: 'y' }];
  const overlapping: [number, number, QueueCommand, string][] = [
    [0, 4, x, 'ok'],
    [1, 3, y, 'ok'],
  ];
  t.true(queueVerdict([...overlapping, [5, 6, 'dequeue', 'x'], [7, 8, 'dequeue', 'y']]), 'H1');
  t.true(queueVerdict([...overlapping, [5, 6, 'dequeue', 'y'], [7, 8, 'dequeue', 'x']]), 'and the other way');
  t.false(
    queueVerdict([
      [0, 1, x, 'ok'],
      [2, 3, y, 'ok'],
      [4, 5, 'dequeue', 'y'],
    ]),
    'H2: x was there first',
  );
  t.true(
    queueVerdict([
      [0, 3, x, 'ok'],
      [1, 2, 'dequeue', 'x'],
    ]),
    'H3: taken out while it is put in',
  );
  t.false(
    queueVerdict([
      [0, 5, x, 'ok'],
      [1, 6, y, 'ok'],
      [7, 9, 'dequeue', 'y'],
      [8, 10, 'dequeue', 'y'],
    ]),
    'H4: one item for two',
  );
});

test('a failure names the partition, the longest order and what could not follow', (t) => {
  const calls: readonly Call[] = [
    [0, 1, 'SET a 1', 'OK'],
    [0, 1, 'SET x 1', 'OK'],
    [2, 3, 'SET x 2', 'OK'],
    [4, 6, 'GET x', '1'],
    [5, 7, 'GET x', '2'],
  ];
  const found = linearizable(history(calls), keyValueModel);
  if (found.ok !== false) return t.fail('the read of 1 is stale');
  t.is(found.partition, 'x');
  t.deepEqual(
    found.prefix.map(({ id }) => id),
    [1, 2, 4],
  );
  t.deepEqual(
    found.stuck.map(({ id }) => id),
    [3],
  );
});

test('a search that is too long is given up and says so, and a contradiction elsewhere is found all the same', (t) => {
  const hard = Array.from({ length: 12 }, (_, index): Call => [0, 100, `APPEND x ${index}`, String(index + 50)]);
  const impossible: readonly Call[] = [...hard, [0, 100, 'GET x', 'never']];
  const given = linearizable(history(impossible), keyValueModel, { stepsMax: 10 });
  t.is(given.ok, 'unknown');
  if (given.ok === 'unknown') t.regex(given.why, /13 operations of x in 10 steps/);
  const stale: readonly Call[] = [
    [0, 1, 'SET y 1', 'OK'],
    [2, 3, 'GET y', null],
  ];
  t.is(linearizable(history([...impossible, ...stale]), keyValueModel, { stepsMax: 10 }).ok, false);
});

test('ten thousand operations of ten clients on one key take about one step each', (t) => {
  const calls = Array.from({ length: 10_000 }, (_, index): Call => [index, index + 9.5, 'INCR x', String(index + 1)]);
  t.deepEqual(linearizable(history(calls), keyValueModel, { stepsMax: 20_000 }), { ok: true });
});

const RANDOM_COMMANDS = ['SET x 1', 'SET x 2', 'GET x', 'GET x', 'DEL x', 'INCR x', 'APPEND x 3'] as const;

/** One command of an execution: when it was called and answered, counted from when it ran, if it did. */
interface Step {
  readonly text: string;
  readonly before: number;
  readonly after: number;
  readonly answered: boolean;
  /** Counts where no answer came. */
  readonly happened: boolean;
}

/** An execution one at a time, at 10, 20, 30 …; each call and answer lies up to 24 to either side. */
const execution: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    text: fc.constantFrom(...RANDOM_COMMANDS),
    before: fc.nat({ max: 24 }),
    after: fc.nat({ max: 24 }),
    answered: fc.integer({ min: 0, max: 4 }).map((chance) => chance > 0),
    happened: fc.boolean(),
  }),
  { maxLength: 6 },
);

function executed(steps: readonly Step[]): readonly Operation<KeyValueOperation, KeyValueResult>[] {
  let state = keyValueModel.initial();
  return steps.map(({ text, before, after, answered, happened }, id) => {
    const [operation] = history([[0, null, text, NEVER]]);
    if (operation === undefined) throw new Error('one call makes one operation');
    const next = keyValueModel.step(state, operation.command);
    if (answered || happened) state = next.state;
    const at = 10 * (id + 1);
    const completedAt = answered ? at + after : null;
    return { ...operation, id, invokedAt: at - before, completedAt, result: answered ? next.result : undefined };
  });
}

/** Every order of every choice of the open operations: the definition, taken at its word. */
function explained(operations: readonly Operation<KeyValueOperation, KeyValueResult>[]): boolean {
  const from = (state: string | null, left: readonly Operation<KeyValueOperation, KeyValueResult>[]): boolean =>
    left.every(({ completedAt }) => completedAt === null) ||
    left.some((operation) => {
      if (left.some((other) => precedes(other, operation))) return false;
      const { state: next, result } = keyValueModel.step(state, operation.command);
      const fits = operation.result === undefined || operation.result === result;
      return (
        fits &&
        from(
          next,
          left.filter((other) => other !== operation),
        )
      );
    });
  return from(keyValueModel.initial(), operations);
}

test('whatever ran one at a time is linearizable, however calls and answers overlap', (t) => {
  fc.assert(
    fc.property(execution, (steps) => linearizable(executed(steps), keyValueModel).ok === true),
    { numRuns: 2000 },
  );
  t.pass();
});

test('with one answer changed, the search says what trying every order says', (t) => {
  const changed = fc.tuple(
    execution,
    fc.nat(),
    fc.constantFrom<KeyValueResult[]>('OK', null, '0', '1', '2', '3', '13', '23', false),
  );
  let refused = 0;
  fc.assert(
    fc.property(changed, ([steps, which, result]) => {
      const operations = executed(steps).map((operation, index) =>
        index === which % steps.length && operation.completedAt !== null ? { ...operation, result } : operation,
      );
      const truth = explained(operations);
      if (!truth) refused += 1;
      return linearizable(operations, keyValueModel).ok === truth;
    }),
    { numRuns: 3000 },
  );
  t.true(refused > 500, `${refused} of 3000 were not linearizable`);
});
