import test from 'ava';
import { UsageError } from '../../bin/outcome.js';
import { counted, table } from '../../bin/table.js';
import { oneOf, placement, placementText, text, wholeNumber } from '../../bin/usage.js';

test('a whole number is read up to both ends of its range', (t) => {
  const port = wholeNumber('--base-port', { min: 1, max: 65_535 });
  t.is(port('1'), 1);
  t.is(port('65535'), 65_535);
  const refused = [
    '0',
    '65536',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    'abc',
    ' 1',
    '1 ',
    'NaN',
    'Infinity',
    '99999999999999999999',
  ];
  for (const value of refused) {
    const error = t.throws(() => port(value), { instanceOf: UsageError });
    t.is(error.message, `--base-port is ${JSON.stringify(value)}; it must be a whole number from 1 to 65535`);
  }
});

test('a missing value is told apart from a wrong one', (t) => {
  t.throws(() => text('--dir')(''), { message: '--dir is empty; it needs a value' });
  t.throws(() => text('--dir')('--json'), { message: '--dir lacks its value: --json is the next flag' });
  t.is(text('--dir')('-'), '-');
});

test('a name must be one of those that are known', (t) => {
  const rule = oneOf('--rule', ['three-chain', 'two-chain']);
  t.is(rule('two-chain'), 'two-chain');
  t.throws(() => rule('Two-chain'), { message: '--rule is "Two-chain"; it must be three-chain or two-chain' });
});

test('a placement is a word, or roles with their threads, and reads back what it is written as', (t) => {
  for (const value of ['inline', 'threads', 'storage=disk', 'storage=disk,consensus=core,proposalGenerator=disk']) {
    t.is(placementText(placement(value)), value);
  }
  t.deepEqual(placement('storage=disk,network=main'), { storage: 'disk', network: 'main' });
});

for (const [value, message] of [
  ['thread', '--placement is "thread"; it must be inline, threads or role=thread,role=thread'],
  ['storage=', '--placement is "storage="; it must be inline, threads or role=thread,role=thread'],
  ['storage=a,', '--placement is "storage=a,"; it must be inline, threads or role=thread,role=thread'],
  ['storage=a,storage=b', '--placement is "storage=a,storage=b"; it names storage twice'],
  ['disk=a', /^--placement is "disk=a": placement\.disk is no actor; the actors are /],
  ['consensus=a,sync=b', /^--placement is "consensus=a,sync=b": .*always on one thread/],
  ['replica=a', /^--placement is "replica=a": placement\.replica is 'a', but it tells the application/],
] as const) {
  test(`--placement ${value} is refused with what would be right`, (t) => {
    t.throws(() => placement(value), { instanceOf: UsageError, message });
  });
}

test('one of a thing is not many', (t) => {
  t.deepEqual(
    [0, 1, 2, 1000].map((count) => counted(count, 'command')),
    ['0 commands', '1 command', '2 commands', '1,000 commands'],
  );
});

test('a long value is shown in part', (t) => {
  const error = t.throws(() => wholeNumber('--tenure', { min: 1, max: 9 })('7'.repeat(10_000)));
  t.true((error?.message.length ?? 0) < 200);
});

test('a table has its numbers to the right and no blanks at line ends', (t) => {
  t.is(
    table(
      ['id', 'height', 'hash'],
      [
        ['0', 1000, 'ab'],
        ['1', 7, ''],
      ],
    ),
    'id  height  hash\n0    1,000  ab\n1        7',
  );
});
