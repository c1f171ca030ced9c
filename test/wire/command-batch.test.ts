import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../src/config/limits.js';
import { concatBytes } from '../../src/crypto/hash.js';
import { asClientId, asSequence, NUMBER_MAX } from '../../src/protocol/numbers.js';
import { bodyBytes, countCommands, decodeBody, encodeBody } from '../../src/wire/command-batch.js';
import { assertCanonical, assertRobust, patched } from '../support/codecs.js';
import { batches } from '../support/wire-arbitraries.js';

const codec = { encode: encodeBody, decode: decodeBody };
const client = asClientId('c7'.repeat(16));
const body = encodeBody([{ client, commands: [{ sequence: asSequence(1), bytes: Uint8Array.of(10, 11, 12) }] }]);
const NOTHING = new Uint8Array(0);
const COUNT = 16;
const SEQUENCE = 20;
const LENGTH = 28;

test('a body comes back whole, and no change of its bytes makes a second encoding', (t) => {
  fc.assert(
    fc.property(batches, (value) => {
      assertRobust(t, codec, value);
      t.is(encodeBody(value).length, bodyBytes(value));
    }),
    { numRuns: 30 },
  );
});

test('countCommands agrees with decodeBody on any bytes', (t) => {
  const changed = fc
    .tuple(batches.map(encodeBody), fc.nat(), fc.nat({ max: 255 }))
    .map(([bytes, at, value]) => (bytes.length === 0 ? bytes : patched(bytes, at % bytes.length, value)));
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 80 })), (bytes) => {
      assertCanonical(t, codec, bytes);
      const decoded = decodeBody(bytes) ?? [];
      const commands = decoded.reduce((sum, batch) => sum + batch.commands.length, 0);
      t.is(countCommands(bytes), commands);
    }),
    { numRuns: 2000 },
  );
});

test('nothing encodes to zero bytes, and batches without commands are left out', (t) => {
  t.is(encodeBody([]).length, 0);
  t.is(encodeBody([{ client, commands: [] }]).length, 0);
  t.deepEqual(decodeBody(new Uint8Array(0)), []);
});

test('the form of a body is the documented one', (t) => {
  const expected = [...new Array(16).fill(0xc7), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 10, 11, 12];
  t.deepEqual([...body], expected);
});

test('a group without commands is no body', (t) => {
  t.is(decodeBody(patched(body.slice(0, SEQUENCE), COUNT + 3, 0)), null);
  t.is(countCommands(Uint8Array.of(...body, ...patched(body.slice(0, SEQUENCE), COUNT + 3, 0))), 0);
});

test('a sequence is refused at 0 and above NUMBER_MAX, and taken at 1 and at NUMBER_MAX', (t) => {
  const sequenceOf = (...bytes: number[]) => decodeBody(patched(body, SEQUENCE, ...bytes))?.[0]?.commands[0]?.sequence;
  t.is(sequenceOf(0, 0, 0, 0, 0, 0, 0, 1), asSequence(1));
  t.is(sequenceOf(0, 0, 0, 0, 0, 0, 0, 0), undefined);
  t.is(sequenceOf(0, 0x1f, 0xff, 0xff, 0xff, 0xef, 0xff, 0xff), asSequence(NUMBER_MAX));
  t.is(sequenceOf(0, 0x1f, 0xff, 0xff, 0xff, 0xf0, 0, 0), undefined);
  t.is(sequenceOf(0, 0x20, 0, 0, 0, 0, 0, 0), undefined);
  t.is(sequenceOf(0x80, 0, 0, 0, 0, 0, 0, 0), undefined);
});

test('lengths and counts beyond the data are refused without making room for them', (t) => {
  const claims = [
    [0, 0, 0, 4],
    [0x80, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff],
  ];
  for (const claim of claims) {
    t.is(decodeBody(patched(body, LENGTH, ...claim)), null);
    t.is(decodeBody(patched(body, COUNT, ...claim)), null);
    t.is(countCommands(patched(body, COUNT, ...claim)), 0);
  }
});

test('a body holds commands up to the limit, over all its groups, and none beyond', (t) => {
  const commands = Array.from({ length: limits.bodyCommands }, () => ({ sequence: asSequence(1), bytes: NOTHING }));
  const full = encodeBody([{ client, commands }]);
  t.is(countCommands(full), limits.bodyCommands);
  t.is(decodeBody(full)?.[0]?.commands.length, limits.bodyCommands);
  const one = encodeBody([{ client, commands: commands.slice(0, 1) }]);
  t.is(decodeBody(concatBytes(full, one)), null);
  t.is(countCommands(concatBytes(full, one)), 0);
  t.is(decodeBody(encodeBody([{ client, commands: [...commands, ...commands.slice(0, 1)] }])), null);
});

test('commands are views into the body, plain Uint8Arrays even where it is a Buffer', (t) => {
  t.is(decodeBody(Buffer.from(body))?.[0]?.commands[0]?.bytes.constructor, Uint8Array);
  t.is(decodeBody(body)?.[0]?.commands[0]?.bytes.buffer, body.buffer);
});
