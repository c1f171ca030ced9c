import test from 'ava';
import fc from 'fast-check';
import { encodeCommand } from '../../../examples/key-value/commands.js';
import { sha256 } from '../../../examples/key-value/digest.js';
import { KeyValueMachine, parseLine, type RenderedReply, renderReply } from '../../../examples/key-value/index.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Gives a machine one line; what it answers. */
function tell(machine: KeyValueMachine, line: string): RenderedReply {
  const parsed = parseLine(line);
  if (!parsed.ok) throw new Error(parsed.error);
  return renderReply(machine.apply(parsed.command));
}

function told(...lines: readonly string[]): readonly RenderedReply[] {
  const machine = new KeyValueMachine();
  return lines.map((line) => tell(machine, line));
}

test('it answers as Redis does', (t) => {
  t.deepEqual(told('SET k a b  c', 'GET k', 'DEL k', 'DEL k', 'GET k'), ['OK', 'a b  c', '1', '0', null]);
  t.deepEqual(told('INCR n', 'incr n', 'GET n'), ['1', '2', '2']);
  t.deepEqual(told('APPEND k ab', 'APPEND k cd', 'GET k'), ['2', '4', 'abcd']);
  t.deepEqual(told('SET k ä', 'APPEND k ö', 'GET k'), ['OK', '4', 'äö'], 'lengths count bytes');
});

test('INCR counts in signed 64 bits: both ends', (t) => {
  const notANumber = { error: 'value is not an integer or out of range' };
  const rows: [before: string, after: RenderedReply][] = [
    ['9223372036854775806', '9223372036854775807'],
    ['9223372036854775807', { error: 'increment would overflow' }],
    ['9223372036854775808', notANumber],
    ['-9223372036854775808', '-9223372036854775807'],
    ['-9223372036854775809', notANumber],
    ['-1', '0'],
    ['9007199254740992', '9007199254740993'],
    ['007', notANumber],
    ['-0', notANumber],
    ['1 ', notANumber],
    ['x', notANumber],
  ];
  for (const [before, after] of rows) t.deepEqual(told(`SET n ${before}`, 'INCR n')[1], after, before);
});

test('a command that cannot be done changes nothing', (t) => {
  const machine = new KeyValueMachine();
  tell(machine, 'SET n 9223372036854775807');
  tell(machine, `SET v ${'x'.repeat(65_536)}`);
  const before = hex(machine.stateHash());
  t.deepEqual(tell(machine, 'INCR n'), { error: 'increment would overflow' });
  t.deepEqual(tell(machine, 'APPEND v x'), { error: 'value would be longer than 65536 bytes' });
  t.is(hex(machine.stateHash()), before);
  t.is(renderReply(machine.apply(encodeCommand({ operation: 'APPEND', key: 'v', value: '' }))), '65536');
});

test('bytes that are no command are answered with an error, whatever they are', (t) => {
  const machine = new KeyValueMachine();
  const bad = [
    [],
    [0],
    [0, 0],
    [0, 0, 0],
    [0, 0, 2, 65],
    [9, 0, 1, 65],
    [1, 0, 1, 65, 66],
    [0, 4, 1, ...Array(1025).fill(65)],
  ];
  for (const bytes of bad)
    t.deepEqual(renderReply(machine.apply(Uint8Array.from(bytes))), { error: 'the command cannot be read' });
  const tooLong = encodeCommand({ operation: 'SET', key: 'k', value: 'x'.repeat(65_537) });
  t.deepEqual(renderReply(machine.apply(tooLong)), { error: 'value would be longer than 65536 bytes' });
  t.is(machine.size, 0);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => machine.apply(bytes).length > 0));
});

test('lines: what is read, and what is refused with a reason', (t) => {
  const errorOf = (line: string) => {
    const parsed = parseLine(line);
    return parsed.ok ? null : parsed.error;
  };
  t.is(errorOf('  set\tk   v '), null);
  t.is(errorOf('GET k\r\n'), null);
  t.is(errorOf('GET k  '), null);
  t.is(errorOf(''), 'the line is empty');
  t.is(errorOf('   '), 'the line is empty');
  t.is(errorOf('FROB k'), 'unknown command "FROB"; known are SET, GET, DEL, INCR, APPEND');
  t.is(errorOf('__proto__ k'), 'unknown command "__proto__"; known are SET, GET, DEL, INCR, APPEND');
  t.is(errorOf('SET'), 'SET needs a key');
  t.is(errorOf('SET k'), 'SET needs a value');
  t.is(errorOf('APPEND k '), 'APPEND needs a value');
  t.is(errorOf('INCR k 2'), 'INCR takes a key and nothing else');
  t.is(errorOf(`GET ${'k'.repeat(1024)}`), null);
  t.is(errorOf(`GET ${'k'.repeat(1025)}`), 'the key has 1025 bytes; at most 1024 are allowed');
  t.is(errorOf(`SET k ${'v'.repeat(65_536)}`), null);
  t.is(errorOf(`SET k ${'v'.repeat(65_537)}`), 'the value has 65537 bytes; at most 65536 are allowed');
  t.is(errorOf(`SET k ${'ä'.repeat(32_769)}`), 'the value has 65538 bytes; at most 65536 are allowed');
});

test('a reply that cannot be read is an error, not a throw', (t) => {
  for (const bytes of [[], [7], [3, 0, 1], [3, ...Array(9).fill(0)]]) {
    t.deepEqual(Object.keys(renderReply(Uint8Array.from(bytes)) ?? {}), ['error']);
  }
});

type Step = { operation: 'SET' | 'GET' | 'DEL' | 'INCR' | 'APPEND'; key: string; value: string };
const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.constantFrom('SET', 'GET', 'DEL', 'INCR', 'APPEND'),
  key: fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__', 'k€y'),
  value: fc.oneof(
    fc.constantFrom('7', '-3', 'x y'),
    fc.string({ minLength: 1, maxLength: 5 }).filter((text) => /^[^ \t\r\n][^\r\n]*$/.test(text)),
  ),
});

function naive(model: Map<string, string>, { operation, key, value }: Step): RenderedReply {
  const old = model.get(key);
  if (operation === 'GET') return old ?? null;
  if (operation === 'DEL') return model.delete(key) ? '1' : '0';
  if (operation === 'SET') {
    model.set(key, value);
    return 'OK';
  }
  if (operation === 'APPEND') {
    model.set(key, (old ?? '') + value);
    return String(Buffer.byteLength((old ?? '') + value));
  }
  if (!/^(0|-?[1-9]\d*)$/.test(old ?? '0')) return { error: 'value is not an integer or out of range' };
  model.set(key, String(Number(old ?? '0') + 1));
  return String(Number(old ?? '0') + 1);
}

test('it equals a naive map, and its hash that of a machine told only the outcome', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.boolean()), (steps, asked) => {
      const machine = new KeyValueMachine();
      const model = new Map<string, string>();
      for (const [index, each] of steps.entries()) {
        const line = `${each.operation} ${each.key} ${each.operation === 'SET' || each.operation === 'APPEND' ? each.value : ''}`;
        t.deepEqual(tell(machine, line), naive(model, each));
        if (asked[index] === true) machine.stateHash();
      }
      const other = new KeyValueMachine();
      for (const [key, value] of [...model].reverse()) tell(other, `SET ${key} ${value}`);
      t.is(hex(machine.stateHash()), hex(other.stateHash()));
    }),
    { numRuns: 300 },
  );
});

async function chunksOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function* replay(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}

function filled(keys: number): KeyValueMachine {
  const machine = new KeyValueMachine();
  for (let index = 0; index < keys; index += 1) tell(machine, `SET key${index} ${'v'.repeat(index % 300)}.`);
  return machine;
}

test('a snapshot is of the moment it was asked for, comes in chunks, and restores to the same hash', async (t) => {
  const machine = filled(1000);
  const hash = hex(machine.stateHash());
  const snapshot = machine.snapshot();
  tell(machine, 'SET later x');
  const chunks = await chunksOf(snapshot);
  t.true(chunks.length > 2);
  const restored = new KeyValueMachine();
  tell(restored, 'SET stray x');
  await restored.restore(replay(chunks));
  t.is(hex(restored.stateHash()), hash);
  t.is(tell(restored, 'GET key7'), 'vvvvvvv.');
  t.is(tell(restored, 'GET stray'), null);
});

test('a snapshot that is cut, swapped, doubled or changed anywhere is refused', async (t) => {
  const [head, ...entries] = (await chunksOf(filled(600).snapshot())) as [Uint8Array, ...Uint8Array[]];
  const flipped = entries.map((chunk, index) =>
    index === 0 ? Uint8Array.from(chunk, (byte, at) => (at === 40 ? byte ^ 1 : byte)) : chunk,
  );
  const variants = [
    [],
    entries,
    [head],
    [head, ...entries.slice(1)],
    [head, ...entries, ...entries],
    [head, ...flipped],
  ];
  variants.push([head, ...entries.map((chunk) => chunk.subarray(0, -1))]);
  for (const variant of variants) await t.throwsAsync(() => new KeyValueMachine().restore(replay(variant)));
  await t.notThrowsAsync(() => new KeyValueMachine().restore(replay([head, ...entries])));
});

test('the hash of a block’s changes costs the paths of the keys it changed, not the keys there are', (t) => {
  const hashesFor = (keys: number): number => {
    let hashes = 0;
    const machine = new KeyValueMachine((bytes) => {
      hashes += 1;
      return sha256(bytes);
    });
    for (let index = 0; index < keys; index += 1) {
      machine.apply(encodeCommand({ operation: 'SET', key: `key${index}`, value: 'v' }));
    }
    machine.stateHash();
    hashes = 0;
    for (let index = 0; index < 100; index += 1) {
      machine.apply(encodeCommand({ operation: 'SET', key: `key${index}`, value: 'w' }));
    }
    machine.stateHash();
    return hashes;
  };
  const [few, many] = [hashesFor(1_000), hashesFor(100_000)];
  t.true(few >= 100 * 2 && few <= 100 * 5, `${few} hashes at 1,000 keys`);
  t.true(many <= 100 * 8, `${many} hashes at 100,000 keys`);
  t.true(many - few <= 100 * 3, 'a hundredfold more keys cost at most two more levels a key, and one for skew');
});

test('the hash is not touched by commands that nobody asked about', (t) => {
  let hashes = 0;
  const machine = new KeyValueMachine((bytes) => {
    hashes += 1;
    return sha256(bytes);
  });
  for (let index = 0; index < 1000; index += 1)
    machine.apply(encodeCommand({ operation: 'INCR', key: 'one', value: '' }));
  t.is(hashes, 0);
  machine.stateHash();
  t.is(hashes, 2);
});

test('the shipped commands all parse and all succeed', async (t) => {
  const { readFile } = await import('node:fs/promises');
  const lines = (await readFile('examples/key-value/commands.txt', 'utf8')).trimEnd().split('\n');
  t.is(lines.length, 2000);
  const machine = new KeyValueMachine();
  for (const line of lines) {
    const reply = tell(machine, line);
    t.true(reply === null || typeof reply === 'string', line);
  }
});

/** Drives a hash to its end with something done in each rest. */
function finish(slices: Iterator<undefined, Uint8Array>, inRest: (rest: number) => void): Uint8Array {
  for (let rest = 0; ; rest += 1) {
    const { done, value } = slices.next();
    if (done === true) return value;
    inRest(rest);
  }
}

test('a hash made in slices is of the moment it was asked for, whatever commands run between', (t) => {
  const change = fc.record({ operation: fc.constantFrom('SET', 'DEL', 'INCR'), key: fc.nat({ max: 450 }) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 20, maxLength: 200 }), (changes) => {
      const machine = filledBut(changes.slice(0, 10));
      const expected = hex(filledBut(changes.slice(0, 10)).stateHash());
      let next = 0;
      const hash = finish(machine.stateHashInSlices(), () => {
        for (const { operation, key } of changes.slice(next, next + 20))
          tell(machine, `${operation} key${key}${operation === 'SET' ? ' changed' : ''}`);
        next += 20;
      });
      t.is(hex(hash), expected);
      const outcome = new KeyValueMachine();
      for (let key = 0; key <= 450; key += 1) {
        const value = tell(machine, `GET key${key}`);
        if (typeof value === 'string') tell(outcome, `SET key${key} ${value}`);
      }
      t.is(hex(machine.stateHash()), hex(outcome.stateHash()), 'and what ran between is in the next one');
      t.is(machine.size, outcome.size);
    }),
    { numRuns: 40 },
  );
});

/** Of 400 keys that were set some are deleted again. */
function filledBut(deleted: readonly { readonly key: number }[]): KeyValueMachine {
  const machine = filled(400);
  for (const { key } of deleted) tell(machine, `DEL key${key}`);
  return machine;
}

test('a slice of the hash is small, however many keys have changed', (t) => {
  let hashes = 0;
  const machine = new KeyValueMachine((bytes) => {
    hashes += 1;
    return sha256(bytes);
  });
  for (let index = 0; index < 20_000; index += 1) tell(machine, `SET key${index} v`);
  const slices = machine.stateHashInSlices();
  let largest = 0;
  finish({ next: () => counted(() => slices.next()) }, () => undefined);
  t.true(largest <= 130, `${largest} hashes in one slice`);

  function counted<Result>(run: () => Result): Result {
    hashes = 0;
    const result = run();
    largest = Math.max(largest, hashes);
    return result;
  }
});

test('who else asks for a hash that is being made does not end it for the first', (t) => {
  const machine = filled(500);
  const slices = machine.stateHashInSlices();
  slices.next();
  const second = machine.stateHash();
  t.is(hex(finish(slices, () => undefined)), hex(second));
});

test('changes that nobody asks about are taken in one by one, beyond a bound', (t) => {
  let hashes = 0;
  const machine = new KeyValueMachine((bytes) => {
    hashes += 1;
    return sha256(bytes);
  });
  const set = (index: number) => tell(machine, `SET k${index} v`);
  for (let index = 0; index < 2 ** 17; index += 1) set(index);
  t.is(hashes, 0);
  for (let index = 2 ** 17; index < 2 ** 17 + 100; index += 1) {
    hashes = 0;
    set(index);
    t.true(hashes <= 4);
  }
});
