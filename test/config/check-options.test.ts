/** Options against their table: each kind on both sides of its border, names that there are not, and values in words. */
import test from 'ava';
import { checkOptions, checkValue, inWords } from '../../src/config/check-options.js';
import * as kinds from '../../src/config/option-kinds.js';
import { testCluster } from '../support/clusters.js';

const { coded, optionsOf, required, whole } = kinds;
const log = { info: () => undefined, warn: () => undefined };

const CASES: readonly (readonly [
  kinds.OptionKind,
  right: readonly unknown[],
  wrong: readonly unknown[],
  says: string,
])[] = [
  [whole(1, 3), [1, 3], [0, 4, 1.5, Number.NaN, '1', null, 1n], 'a whole number from 1 to 3'],
  [kinds.height, [0, 1, 2 ** 53 - 1 - 2 ** 20], [-1, 0.5, 2 ** 53 - 2 ** 20, undefined], 'a whole number from 0 to'],
  [kinds.milliseconds, [0, 0.5, 1e9], [-1, Number.NaN, Number.POSITIVE_INFINITY, '1'], 'milliseconds from 0'],
  [kinds.oneOf('a', 'b', 'c'), ['a', 'c'], ['d', 'A', null, ['a']], "'a', 'b' or 'c'"],
  [kinds.text('the name of a host'), ['h'], ['', 1, null], 'the name of a host, as a text'],
  [kinds.blockHash, ['0a'.repeat(32)], ['0A'.repeat(32), '0a'.repeat(31), Symbol('x')], '64 lower-case hex digits'],
  [kinds.flag, [true, false], ['x', 0, null], 'true or false'],
  [kinds.callback, [() => 0], [5, {}, null], 'a function'],
  [kinds.logger, [log], [{}, { info: log.info }, null, []], 'an object with the methods info and warn'],
  [kinds.abortSignal, [new AbortController().signal, null], [{}, 5, new AbortController()], 'an AbortSignal'],
  [
    kinds.cluster,
    [testCluster().cluster],
    [{}, { clusterId: 'x', replicas: [] }, null],
    'what loadCluster resolves with',
  ],
  [kinds.byName, [{}], [[], null, () => 0], 'an object with named fields'],
];

for (const [kind, right, wrong, says] of CASES) {
  test(`what must be ${kind.says} is taken when it is that, and else refused by name and value`, (t) => {
    for (const value of right) t.notThrows(() => checkValue('it', value, kind), inWords(value));
    for (const value of wrong) {
      const error = t.throws(() => checkValue('it', value, kind), { code: 'OPTION_OUT_OF_RANGE' }, inWords(value));
      t.is(error?.name, 'ConfigurationError');
      t.true(error?.message.startsWith(`it is ${inWords(value)}; it must be `), error?.message);
      t.true(error?.message.includes(says), error?.message);
    }
  });
}

test('a value is said in words, and nothing that stands within it', (t) => {
  const said = [undefined, null, 1n, Symbol('s'), 'a"b', ['secret'], { key: 'secret' }, () => 'secret'].map(inWords);
  t.deepEqual(said, ['undefined', 'null', '1n', 'Symbol(s)', '"a\\"b"', 'an array', 'an object', 'a function']);
  t.is(inWords(Promise.resolve()), 'a promise: await it');
  t.is(inWords('x'.repeat(81)), `"${'x'.repeat(80)}…"`);
});

interface Batch {
  readonly bytes?: number;
}
interface Options {
  readonly needed: number;
  readonly pacemaker?: 'manual';
  readonly batch?: Batch;
}
const TABLE: kinds.OptionTable<Options> = {
  needed: required(whole(0, 9)),
  pacemaker: coded('PACEMAKER_MODE', kinds.oneOf('manual')),
  batch: optionsOf<Batch>({ bytes: whole(1, 9) }),
};
const check = (options: unknown) => checkOptions(TABLE, options as Options, { call: 'make' });

test('options that are right are taken, with those left out that may be', (t) => {
  t.notThrows(() => check({ needed: 0 }));
  t.notThrows(() => check({ needed: 9, pacemaker: undefined, batch: {} }));
  t.notThrows(() => check({ needed: 9, pacemaker: 'manual', batch: { bytes: 1 } }));
});

for (const [options, code, message] of [
  [undefined, 'OPTION_OUT_OF_RANGE', 'what make is given is undefined; it must be an object of options'],
  [{}, 'OPTION_OUT_OF_RANGE', 'needed is undefined; it must be a whole number from 0 to 9'],
  [{ needed: 1, pacmaker: 'manual' }, 'OPTION_UNKNOWN', 'make has no option pacmaker. Did you mean pacemaker?'],
  [{ needed: 1, Batch: {} }, 'OPTION_UNKNOWN', 'make has no option Batch. Did you mean batch?'],
  [{ needed: 1, colour: 1 }, 'OPTION_UNKNOWN', 'make has no option colour. Its options are needed, pacemaker, batch.'],
  [
    { needed: 1, toString: 1 },
    'OPTION_UNKNOWN',
    'make has no option toString. Its options are needed, pacemaker, batch.',
  ],
  [{ needed: 1, pacemaker: 'x' }, 'PACEMAKER_MODE', 'pacemaker is "x"; it must be \'manual\''],
  [{ needed: 1, batch: null }, 'OPTION_OUT_OF_RANGE', 'batch is null; it must be an object of options'],
  [
    { needed: 1, batch: { bytes: 0 } },
    'OPTION_OUT_OF_RANGE',
    'batch.bytes is 0; it must be a whole number from 1 to 9',
  ],
  [{ needed: 1, batch: { byte: 1 } }, 'OPTION_UNKNOWN', 'make has no option batch.byte. Did you mean batch.bytes?'],
] as const) {
  test(`refused: ${message}`, (t) => {
    t.throws(() => check(options), { name: 'ConfigurationError', code, message });
  });
}

test('of a complete set none may be left out', (t) => {
  const message = 'in.bytes is undefined; it must be a whole number from 1 to 9';
  const of = { call: 'make', place: 'in.', complete: true } as const;
  t.throws(() => checkOptions<Batch>({ bytes: whole(1, 9) }, {}, of), { code: 'OPTION_OUT_OF_RANGE', message });
});
