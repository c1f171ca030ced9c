import test from 'ava';
import fc from 'fast-check';
import { asClientId, asHeight, asSequence } from '../../src/protocol/numbers.js';
import {
  decodeClientAnswer,
  decodeClientRequest,
  encodeClientAnswer,
  encodeClientRequest,
} from '../../src/wire/client-codec.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import { encodeBody } from '../../src/wire/command-batch.js';
import { assertCanonical, assertRobust, patched, type TestedCodec } from '../support/codecs.js';
import { clientAnswer, clientRequest } from '../support/wire-arbitraries.js';

const requests: TestedCodec<ClientRequest> = {
  encode: encodeClientRequest,
  decode: (bytes) => {
    const decoding = decodeClientRequest(bytes);
    return decoding.ok ? decoding.message : null;
  },
};

const answers: TestedCodec<ClientAnswer> = {
  encode: encodeClientAnswer,
  decode: (bytes) => {
    const decoding = decodeClientAnswer(bytes);
    return decoding.ok ? decoding.message : null;
  },
};

const client = asClientId('c7'.repeat(16));
const malformed = { ok: false, reason: 'malformed' } as const;

test('every request comes back whole, and no change of its bytes makes a second encoding', (t) => {
  fc.assert(
    fc.property(clientRequest, (request) => assertRobust(t, requests, request)),
    { numRuns: 25 },
  );
});

test('every answer comes back whole, and no change of its bytes makes a second encoding', (t) => {
  fc.assert(
    fc.property(clientAnswer, (answer) => assertRobust(t, answers, answer)),
    { numRuns: 25 },
  );
});

test('random bytes behind any type byte never throw', (t) => {
  const bytes = fc.tuple(fc.nat({ max: 8 }), fc.uint8Array({ maxLength: 120 }));
  fc.assert(
    fc.property(bytes, ([type, rest]) => {
      assertCanonical(t, requests, Uint8Array.of(type, ...rest));
      assertCanonical(t, answers, Uint8Array.of(type, ...rest));
    }),
    { numRuns: 2000 },
  );
  t.deepEqual(decodeClientRequest(new Uint8Array(0)), { ok: false, reason: 'empty' });
  t.deepEqual(decodeClientAnswer(Uint8Array.of(99)), { ok: false, reason: 'unknownType' });
});

test('a submit without commands, or with those of two clients, is malformed', (t) => {
  const command = { sequence: asSequence(1), bytes: Uint8Array.of(1) };
  const submit = encodeClientRequest({ type: 'submit', client, commands: [command] });
  const type = submit[0] as number;
  const two = encodeBody([
    { client, commands: [command] },
    { client: asClientId('00'.repeat(16)), commands: [command] },
  ]);
  t.deepEqual(decodeClientRequest(Uint8Array.of(type)), malformed);
  t.deepEqual(decodeClientRequest(Uint8Array.of(type, ...two)), malformed);
});

test('replies that claim more or less than there is are malformed', (t) => {
  const replies = [{ sequence: asSequence(5), reply: Uint8Array.of(1, 2) }];
  const bytes = encodeClientAnswer({ type: 'replies', client, height: asHeight(3), replies });
  const count = 1 + 16 + 8;
  t.is(bytes[count + 3], 1);
  t.deepEqual(decodeClientAnswer(patched(bytes, count, 0xff, 0xff, 0xff, 0xff)), malformed);
  t.deepEqual(decodeClientAnswer(patched(bytes, count + 3, 0)), malformed);
  t.deepEqual(decodeClientAnswer(patched(bytes, count + 4 + 8, 0x80, 0, 0, 0)), malformed);
});
