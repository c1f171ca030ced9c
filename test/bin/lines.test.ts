import test from 'ava';
import fc from 'fast-check';
import { type InputLine, linesOf } from '../../bin/lines.js';

async function read(chunks: readonly Uint8Array[], bytesMax = 100): Promise<InputLine[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const lines: InputLine[] = [];
  for await (const batch of linesOf(source(), bytesMax)) lines.push(...batch);
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const good = (number: number, text: string): InputLine => ({ number, text, problem: null });

test('lines end in LF or CRLF, and the last one needs no end', async (t) => {
  t.deepEqual(await read([bytes('a\nb\r\n\nc')]), [good(1, 'a'), good(2, 'b'), good(3, ''), good(4, 'c')]);
  t.deepEqual(await read([bytes('a\n')]), [good(1, 'a')]);
  t.deepEqual(await read([]), []);
});

test('however the bytes are cut, the lines are the same', async (t) => {
  const content = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(content, fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), async (parts, cuts) => {
      const all = bytes(parts.join('\n'));
      const places = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
      const chunks = places.slice(1).map((end, index) => all.slice(places[index], end));
      t.deepEqual(await read(chunks), await read([all]));
    }),
  );
});

test('a line of the largest size is read, one byte more is a problem, and the next line is whole again', async (t) => {
  const exact = 'x'.repeat(100);
  t.deepEqual(await read([bytes(`${exact}\nb`)]), [good(1, exact), good(2, 'b')]);
  const [long, next] = await read([bytes('x'.repeat(60)), bytes('x'.repeat(41)), bytes('x'.repeat(500)), bytes('\nb')]);
  t.is(long?.problem, 'longer than 100 bytes');
  t.is(long?.text, `${'x'.repeat(80)}…`);
  t.deepEqual(next, good(2, 'b'));
});

test('bytes that are not UTF-8 make their line a problem and no other', async (t) => {
  const lines = await read([Uint8Array.of(0x61, 0xff, 0x0a, 0x62)]);
  t.is(lines[0]?.problem, 'not UTF-8');
  t.is(lines[0]?.text, 'a\ufffd');
  t.deepEqual(lines[1], good(2, 'b'));
});
