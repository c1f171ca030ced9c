import test from 'ava';
import { compactBytes } from '../../src/runtime/compact-bytes.js';
import { acrossThreads } from '../support/hosts.js';
import { scriptedSystem, send } from '../support/scripted-system.js';
import type { SpanningSystem } from '../support/spanning-system.js';

const frame = () => Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
const messageOf = (bytes: unknown) => ({ type: 'voteReceived', view: 7, vote: { signatures: [{ signer: 1, bytes }] } });
const bytesOf = (message: object) => (message as ReturnType<typeof messageOf>).vote.signatures[0]?.bytes as Uint8Array;

test('bytes that are less than half of their buffer get one of their own, equal to them', (t) => {
  const message = messageOf(frame().subarray(10, 509));
  const compact = compactBytes(message);
  t.deepEqual(compact, message);
  t.is(bytesOf(compact).buffer.byteLength, 499);
});

test('bytes that are half of their buffer or more go as they are', (t) => {
  for (const bytes of [frame(), frame().subarray(500), new Uint8Array(0)]) {
    const message = messageOf(bytes);
    t.is(compactBytes(message), message);
  }
});

test('many small views that are most of one buffer together go as they are, with it', (t) => {
  const whole = frame();
  const commands = Array.from({ length: 10 }, (_, index) => whole.subarray(index * 60, index * 60 + 50));
  const message = { type: 'commandsReceived', commands };
  t.is(compactBytes(message), message);
  const few = { type: 'commandsReceived', commands: commands.slice(1) };
  t.not(compactBytes(few), few);
});

test('of a Buffer from the pool only its own bytes cross', (t) => {
  const compact = compactBytes(messageOf(Buffer.from([1, 2, 3])));
  t.deepEqual(bytesOf(compact), new Uint8Array([1, 2, 3]));
  t.is(bytesOf(compact).buffer.byteLength, 3);
});

test('maps stay maps, and a ring of objects comes to an end', (t) => {
  interface Ring {
    readonly type: string;
    readonly bytes: Uint8Array;
    readonly map: ReadonlyMap<number, number>;
    self: Ring | null;
  }
  const ring: Ring = { type: 'note', bytes: frame().subarray(0, 1), map: new Map([[1, 2]]), self: null };
  ring.self = ring;
  const compact = compactBytes(ring) as Ring;
  t.deepEqual(compact.map, ring.map);
  t.is(compact.bytes.buffer.byteLength, 1);
});

test('what crosses to another thread brings no more of a buffer than its bytes', (t) => {
  const { system, time } = acrossThreads(() => scriptedSystem());
  const note = { type: 'note', id: 1, bytes: frame().subarray(0, 64) } as const;
  system.post('a', { type: 'do', effects: [send('b', note)] });
  system.start();
  time.runUntilIdle();
  const crossed = (system as unknown as SpanningSystem<never>).links
    .flatMap(({ posted }) => posted)
    .flatMap((message) => (message.type === 'batch' ? message.parcels : []))
    .flatMap(({ messages }) => messages) as unknown as (typeof note)[];
  t.deepEqual(crossed, [note]);
  t.is(crossed[0]?.bytes.buffer.byteLength, 64);
});
