import test from 'ava';
import { limits } from '../../src/config/limits.js';
import { decodeFrame, encodeFrame, WIRE_VERSION } from '../../src/wire/frames.js';

/** As they are told on the wire: never renumbered, whatever the code calls them. */
const KINDS = [
  ['hello', 1],
  ['helloAnswer', 2],
  ['message', 3],
  ['fragment', 4],
  ['keepalive', 5],
] as const;

test('a frame is the version, the kind and the parts of its payload one after the other', (t) => {
  t.is(WIRE_VERSION, 1);
  for (const [kind, byte] of KINDS) {
    t.deepEqual(encodeFrame(kind, Uint8Array.of(7), Uint8Array.of(8, 9)), Uint8Array.of(1, byte, 7, 8, 9));
    t.deepEqual(decodeFrame(Uint8Array.of(1, byte, 7, 8, 9)), { ok: true, kind, payload: Uint8Array.of(7, 8, 9) });
  }
});

test('a frame without a payload is two bytes, and less is no frame', (t) => {
  const none = new Uint8Array(0);
  t.deepEqual(decodeFrame(encodeFrame('keepalive')), { ok: true, kind: 'keepalive', payload: none });
  t.deepEqual(decodeFrame(Uint8Array.of(1)), { ok: false, reason: 'tooShort' });
  t.deepEqual(decodeFrame(none), { ok: false, reason: 'tooShort' });
});

test('a frame of another version, or of a kind that nobody knows, is refused', (t) => {
  for (const version of [0, 2, 255]) {
    t.deepEqual(decodeFrame(Uint8Array.of(version, 1)), { ok: false, reason: 'wrongVersion' });
  }
  for (const kind of [0, 6, 255]) {
    t.deepEqual(decodeFrame(Uint8Array.of(1, kind)), { ok: false, reason: 'unknownKind' });
  }
});

test('a frame is as long as the bound and no longer', (t) => {
  const longest = encodeFrame('message', new Uint8Array(limits.frameBytes - 2));
  t.is(longest.length, limits.frameBytes);
  t.true(decodeFrame(longest).ok);
  const longer = encodeFrame('message', new Uint8Array(limits.frameBytes - 1));
  t.deepEqual(decodeFrame(longer), { ok: false, reason: 'tooLong' });
});

test('the payload is a plain view into the bytes of the socket', (t) => {
  const bytes = Buffer.from([0, 1, 3, 7, 8]).subarray(1);
  const frame = decodeFrame(bytes);
  if (!frame.ok) return t.fail(frame.reason);
  t.is(frame.payload.constructor, Uint8Array);
  t.is(frame.payload.buffer, bytes.buffer);
  t.deepEqual(frame.payload, Uint8Array.of(7, 8));
});
