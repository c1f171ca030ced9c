import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../src/config/limits.js';
import { concatBytes, equalBytes } from '../../src/crypto/hash.js';
import { type FragmentRefusal, framesAsAsked, framesOf, Reassembler } from '../../src/wire/fragments.js';
import { decodeFrame, encodeFrame, WIRE_VERSION } from '../../src/wire/frames.js';
import { patched } from '../support/codecs.js';

const PIECE = limits.fragmentBytes;
const bounds = { messageBytes: 4 * PIECE, openMessages: 2, reassemblyBytes: 6 * PIECE };

function message(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17) & 0xff);
}

function payloads(messageId: number, bytes: Uint8Array): Uint8Array[] {
  return [...framesOf(messageId, bytes)].map((frame) => {
    const decoding = decodeFrame(frame);
    if (!decoding.ok || decoding.kind !== 'fragment') throw new Error('expected a fragment');
    return decoding.payload;
  });
}

/** The fragment at `index` of what `payloads` returns. */
const nth = (all: readonly Uint8Array[], index: number) => all[index] as Uint8Array;

/** Feeds the payloads to a new reassembler and returns the first refusal. */
function refusalOf(...fragments: readonly Uint8Array[]): FragmentRefusal | null {
  const reassembler = new Reassembler(bounds);
  for (const fragment of fragments) {
    const decoding = reassembler.accept(fragment);
    if (!decoding.ok) return decoding.reason;
  }
  return null;
}

test('a message up to the length of a fragment is one frame, and a byte more is two', (t) => {
  const kinds = (length: number) =>
    [...framesOf(1, message(length))].map((frame) => {
      const decoding = decodeFrame(frame);
      return decoding.ok ? decoding.kind : decoding.reason;
    });
  t.deepEqual(kinds(0), ['message']);
  t.deepEqual(kinds(PIECE), ['message']);
  t.deepEqual(kinds(PIECE + 1), ['fragment', 'fragment']);
  t.deepEqual(kinds(2 * PIECE), ['fragment', 'fragment']);
  t.deepEqual(kinds(2 * PIECE + 1), ['fragment', 'fragment', 'fragment']);
});

test('fragments of several messages may alternate, and each message comes back whole', (t) => {
  const lengths = fc.array(fc.integer({ min: PIECE + 1, max: 3 * PIECE }), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.nat({ max: 1 })), (sizes, choices) => {
      const reassembler = new Reassembler(bounds);
      const queues = sizes.map((size, id) => payloads(id, message(size, id)));
      const whole: Uint8Array[] = [];
      for (const choice of choices) {
        const queue = queues[choice % queues.length] as Uint8Array[];
        const next = queue.shift() ?? queues.find((other) => other.length > 0)?.shift();
        if (next === undefined) break;
        const decoding = reassembler.accept(next);
        if (!decoding.ok) throw new Error(decoding.reason);
        if (decoding.message !== null) whole.push(decoding.message);
      }
      const expected = sizes.map((size, id) => message(size, id));
      t.true(expected.every((bytes) => whole.some((other) => Buffer.compare(bytes, other) === 0)));
      t.is(whole.length, sizes.length);
      t.is(reassembler.heldBytes, 0);
    }),
    { numRuns: 10 },
  );
});

test('every kind of fragment that does not belong is refused by its own reason', (t) => {
  const three = payloads(7, message(2 * PIECE + 5));
  const other = payloads(7, message(2 * PIECE + 6));
  t.is(refusalOf(...three), null);
  t.is(refusalOf(new Uint8Array(0)), 'truncatedFragment');
  t.is(refusalOf(nth(three, 0).slice(0, 12)), 'truncatedFragment');
  t.is(refusalOf(nth(three, 0).slice(0, -1)), 'wrongFragmentLength');
  t.is(refusalOf(concatBytes(nth(three, 0), Uint8Array.of(0))), 'wrongFragmentLength');
  t.is(refusalOf(nth(three, 1)), 'unknownMessage');
  t.is(refusalOf(nth(three, 0), nth(three, 0)), 'outOfOrder');
  t.is(refusalOf(nth(three, 0), nth(three, 2)), 'outOfOrder');
  t.is(refusalOf(nth(three, 0), nth(other, 1)), 'lengthChanged');
  t.is(refusalOf(...three, nth(three, 2)), 'unknownMessage');
  t.is(refusalOf(patched(nth(three, 0), 4, 0xff, 0xff, 0xff, 0xff)), 'wrongFragmentLength');
});

test('a message is refused when it is too long, or so short that it needs no fragments', (t) => {
  const longest = payloads(1, message(bounds.messageBytes));
  t.is(refusalOf(...longest), null);
  t.is(refusalOf(nth(payloads(1, message(bounds.messageBytes + 1)), 0)), 'messageTooLong');
  t.is(refusalOf(patched(nth(longest, 0), 8, 0xff, 0xff, 0xff, 0xff)), 'messageTooLong');
  const first = nth(payloads(1, message(PIECE + 1)), 0);
  t.is(refusalOf(first), null);
  t.is(refusalOf(patched(first, 8, 0, 1, 0, 0)), 'messageTooShort');
});

test('the number of half messages and their bytes are bounded', (t) => {
  const first = (id: number) => nth(payloads(id, message(4 * PIECE)), 0);
  t.is(refusalOf(first(1), first(2)), null);
  t.is(refusalOf(first(1), first(2), first(3)), 'tooManyMessages');
  const [a, b] = [payloads(1, message(4 * PIECE)), payloads(2, message(4 * PIECE))];
  t.is(refusalOf(...a.slice(0, 3), ...b.slice(0, 3)), null);
  t.is(refusalOf(...a.slice(0, 3), ...b), 'tooManyBytes');
});

test('a promise of a long message reserves nothing', (t) => {
  const reassembler = new Reassembler({ ...limits, openMessages: 1000 });
  const first = nth(payloads(1, message(PIECE + 1)), 0);
  const claim = patched(first, 8, 0x04, 0, 0, 0);
  const before = process.memoryUsage().arrayBuffers;
  for (let id = 0; id < 100; id++) t.true(reassembler.accept(patched(claim, 0, 0, 0, 0, id)).ok);
  t.is(reassembler.heldBytes, 100 * PIECE);
  t.true(process.memoryUsage().arrayBuffers - before < 2 * 100 * (PIECE + 64));
});

test('random payloads never throw and never hold more than arrived', (t) => {
  const payload = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 20 }), (all) => {
      const reassembler = new Reassembler(bounds);
      for (const bytes of all) reassembler.accept(bytes);
      t.true(reassembler.heldBytes <= all.reduce((sum, bytes) => sum + bytes.length, 0));
    }),
    { numRuns: 200 },
  );
});

test('a frame names its version and kind, and anything else is refused by its own reason', (t) => {
  const frame = encodeFrame('hello', Uint8Array.of(1, 2), Uint8Array.of(3));
  t.deepEqual(decodeFrame(frame), { ok: true, kind: 'hello', payload: Uint8Array.of(1, 2, 3) });
  t.deepEqual(decodeFrame(encodeFrame('keepalive')), { ok: true, kind: 'keepalive', payload: new Uint8Array(0) });
  t.deepEqual(decodeFrame(new Uint8Array(0)), { ok: false, reason: 'tooShort' });
  t.deepEqual(decodeFrame(Uint8Array.of(WIRE_VERSION)), { ok: false, reason: 'tooShort' });
  t.deepEqual(decodeFrame(patched(frame, 0, WIRE_VERSION + 1)), { ok: false, reason: 'wrongVersion' });
  t.deepEqual(decodeFrame(patched(frame, 1, 0)), { ok: false, reason: 'unknownKind' });
  t.deepEqual(decodeFrame(patched(frame, 1, 6)), { ok: false, reason: 'unknownKind' });
});

test('a frame is taken up to its limit and refused above it, and the largest fragment fits', (t) => {
  const frame = new Uint8Array(limits.frameBytes);
  frame.set([WIRE_VERSION, 3]);
  t.true(decodeFrame(frame).ok);
  t.deepEqual(decodeFrame(concatBytes(frame, Uint8Array.of(0))), { ok: false, reason: 'tooLong' });
  const fragment = framesOf(1, message(2 * PIECE)).next().value as Uint8Array;
  t.true(fragment.length <= limits.frameBytes);
});

test('a message in parts has the frames of the whole, each made once', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 * PIECE), { minLength: 1, maxLength: 5 }), (lengths) => {
      const parts = lengths.map((length, index) => message(length, index));
      const expected = [...framesOf(7, concatBytes(...parts))];
      const frames = framesAsAsked(7, parts);
      t.is(frames.length, expected.length);
      for (const [index, frame] of expected.entries()) {
        t.true(equalBytes(frames.at(index) as Uint8Array, frame), `frame ${index} of ${lengths}`);
        t.is(frames.at(index), frames.at(index), 'all peers of a broadcast share it');
      }
      t.is(frames.at(expected.length), undefined);
    }),
    { numRuns: 50 },
  );
});

test('no frame of a long message is made before it is asked for', (t) => {
  const body = message(3 * PIECE);
  const frames = framesAsAsked(1, [body]);
  const first = frames.at(0) as Uint8Array;
  body.fill(9);
  t.is(first.at(-1), message(PIECE).at(-1));
  t.is(frames.at(1)?.at(-1), 9);
});
