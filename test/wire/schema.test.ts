import test from 'ava';
import { asReplicaId, NUMBER_MAX } from '../../src/protocol/numbers.js';
import {
  clientId,
  decodeWhole,
  detached,
  hash,
  list,
  NO_HEAD,
  nullable,
  number,
  oneOf,
  plainBytes,
  replicaId,
  type Schema,
  signature,
  sizedBytes,
  struct,
  whole,
} from '../../src/wire/schema.js';

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

function decoded<T>(schema: Schema<T>, encoded: Uint8Array): T | null {
  return decodeWhole(whole(NO_HEAD, schema), encoded);
}

test('a number is eight bytes, the highest first, from 0 to NUMBER_MAX', (t) => {
  for (const [value, encoded] of [
    [0, bytes(0, 0, 0, 0, 0, 0, 0, 0)],
    [1, bytes(0, 0, 0, 0, 0, 0, 0, 1)],
    [2 ** 32 + 7, bytes(0, 0, 0, 1, 0, 0, 0, 7)],
    [NUMBER_MAX, bytes(0, 0x1f, 0xff, 0xff, 0xff, 0xef, 0xff, 0xff)],
  ] as const) {
    t.deepEqual(number().encode(value), encoded);
    t.is(decoded(number(), encoded), value);
  }
  for (const value of [-1, 0.5, Number.NaN, NUMBER_MAX + 1, 2 ** 53]) {
    t.throws(() => number().encode(value), { message: /not a number/ }, String(value));
  }
  t.is(decoded(number(), bytes(0, 0x1f, 0xff, 0xff, 0xff, 0xf0, 0, 0)), null);
});

test('a hash is 32 bytes, the id of a client 16, and text of another length is neither', (t) => {
  for (const [schema, size] of [
    [hash, 32],
    [clientId as unknown as Schema<string>, 16],
  ] as const) {
    const text = 'a1'.repeat(size);
    t.is(schema.size, size);
    t.deepEqual(schema.encode(text), new Uint8Array(size).fill(0xa1));
    t.is(decoded(schema, new Uint8Array(size).fill(0xa1)), text);
    for (const other of [text.slice(2), `${text}a1`, ''])
      t.throws(() => schema.encode(other), { message: /hex digits/ });
  }
});

test('the index of a replica is four bytes, a signature 64 that keep nothing else alive', (t) => {
  t.deepEqual(replicaId.encode(asReplicaId(258)), bytes(0, 0, 1, 2));
  t.is(decoded(replicaId, bytes(0, 0, 1, 2)), asReplicaId(258));
  const frame = new Uint8Array(1000).fill(5);
  const signed = decodeWhole(whole(NO_HEAD, signature), frame.subarray(100, 164));
  t.deepEqual(signed, new Uint8Array(64).fill(5));
  t.is(signed?.buffer.byteLength, 64);
  t.deepEqual(signature.encode(new Uint8Array(64).fill(5)), new Uint8Array(64).fill(5));
  t.throws(() => signature.encode(new Uint8Array(63)));
});

test('a list has as many entries as its bound and no more, both ways', (t) => {
  const two = list(replicaId, 2);
  const entries = [1, 2].map(asReplicaId);
  const encoded = bytes(0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2);
  t.deepEqual(two.encode(entries), encoded);
  t.deepEqual(decoded(two, encoded), entries);
  t.deepEqual(decoded(two, bytes(0, 0, 0, 0)), []);
  t.throws(() => two.encode([...entries, asReplicaId(3)]));
  t.is(decoded(two, bytes(0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3)), null);
  t.is(decoded(two, encoded.slice(0, -1)), null);
});

test('what may be absent is a byte 0, or a byte 1 and the value', (t) => {
  const maybe = nullable(replicaId);
  for (const [value, encoded] of [
    [null, bytes(0)],
    [asReplicaId(0), bytes(1, 0, 0, 0, 0)],
  ] as const) {
    t.deepEqual(maybe.encode(value), encoded);
    t.deepEqual(decoded(struct<{ value: typeof value }>({ value: maybe }), encoded), { value });
  }
  t.is(decoded(maybe, bytes(2, 0, 0, 0, 0)), null);
});

test('a name is the byte of its place, and a place without a name is refused', (t) => {
  const names = oneOf(['first', 'second']);
  t.deepEqual(names.encode('first'), bytes(0));
  t.deepEqual(names.encode('second'), bytes(1));
  t.is(decoded(names, bytes(1)), 'second');
  t.is(decoded(names, bytes(2)), null);
  t.is(names.size, 1);
});

test('fields stand in the order in which they are named', (t) => {
  const pair = struct<{ b: number; a: Uint8Array }>({ b: number(), a: sizedBytes });
  t.deepEqual(pair.encode({ a: bytes(7, 8), b: 3 }), bytes(0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 7, 8));
  t.deepEqual(decoded(pair, bytes(0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 7, 8)), { b: 3, a: bytes(7, 8) });
});

test('a whole message begins with its head and ends with its last field', (t) => {
  const message = whole(bytes(9, 8), replicaId);
  t.deepEqual(message.encode(asReplicaId(1)), bytes(9, 8, 0, 0, 0, 1));
  t.is(decodeWhole(message, bytes(9, 8, 0, 0, 0, 1)), asReplicaId(1));
  t.is(decodeWhole(message, bytes(9, 7, 0, 0, 0, 1)), null, 'another head');
  t.is(decodeWhole(message, bytes(9, 8, 0, 0, 0, 1, 0)), null, 'a byte too many');
  t.is(decodeWhole(message, bytes(9, 8, 0, 0, 0)), null, 'a byte too few');
  t.is(NO_HEAD.length, 0);
  t.is(decodeWhole(replicaId, bytes(0, 0, 0, 1, 0)), asReplicaId(1), 'only a whole message says where it ends');
});

test('bytes that are refused are no bug, and a bug is no refusal', (t) => {
  const broken = (error: unknown) => {
    const schema = whole(NO_HEAD, replicaId);
    return {
      ...schema,
      decode: () => {
        throw error;
      },
    };
  };
  t.is(decodeWhole(broken(new Error('Reader(): bytes after the end')), bytes()), null);
  t.throws(() => decodeWhole(broken(new Error('not of the Reader(')), bytes()), { message: 'not of the Reader(' });
  t.throws(() => decodeWhole(broken(new TypeError('a bug')), bytes()), { message: 'a bug' });
  t.throws(() => decodeWhole(broken('Reader(text)'), bytes()), { any: true });
});

test('a view into a Buffer becomes a plain view of the same memory', (t) => {
  const plain = bytes(1, 2, 3);
  t.is(plainBytes(plain), plain);
  const view = Buffer.from(plain.buffer, 1, 1);
  const made = plainBytes(view);
  t.is(made.constructor, Uint8Array);
  t.is(made.buffer, plain.buffer);
  t.deepEqual(made, bytes(2));
});

test('what is kept of a frame keeps at most twice its own size alive', (t) => {
  const frame = new Uint8Array(100).fill(4);
  const half = frame.subarray(50);
  t.is(detached(half), half);
  const less = frame.subarray(51);
  t.deepEqual(detached(less), less);
  t.is(detached(less).buffer.byteLength, 49);
});
