import test from 'ava';
import type { Message } from '../../src/runtime/behaviour.js';
import { OutgoingBytes } from '../../src/runtime/outgoing-bytes.js';
import { acrossThreads } from '../support/hosts.js';
import { scriptedSystem, send } from '../support/scripted-system.js';
import type { SpanningSystem } from '../support/spanning-system.js';

/** As it would cross alone. */
const compactBytes = <Sent extends Message>(message: Sent) => new OutgoingBytes().prepare(message) as Sent;
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
  const compact = compactBytes(ring);
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

const MOVED = 128 * 1024;
const large = (bytes = MOVED) => Uint8Array.from({ length: bytes }, (_, index) => index % 251);

test('a large buffer crosses as a copy that is moved, and the sender keeps its own', (t) => {
  const outgoing = new OutgoingBytes();
  const message = messageOf(large());
  const prepared = outgoing.prepare(message);
  t.deepEqual(prepared, message);
  t.deepEqual(outgoing.moved, [bytesOf(prepared).buffer as ArrayBuffer]);
  structuredClone(prepared, { transfer: outgoing.moved });
  t.is(bytesOf(prepared).length, 0, 'moved');
  t.is(bytesOf(message).length, MOVED, 'and not this');
});

test('one byte less is cloned', (t) => {
  const outgoing = new OutgoingBytes();
  const message = messageOf(large(MOVED - 1));
  t.is(outgoing.prepare(message), message);
  t.deepEqual(outgoing.moved, []);
});

test('views of one large buffer move together, each at its place', (t) => {
  const outgoing = new OutgoingBytes();
  const whole = large(2 * MOVED);
  const message = {
    type: 'block',
    body: whole.subarray(8),
    head: whole.subarray(0, 8),
    commands: [whole.subarray(9, 20)],
  };
  const prepared = outgoing.prepare(message) as typeof message;
  t.deepEqual(prepared, message);
  t.is(outgoing.moved.length, 1);
  t.is(prepared.head.buffer, prepared.body.buffer);
  t.is(prepared.commands[0]?.byteOffset, 9);
});

test('large bytes that are a small part of their buffer move without it, and their neighbours stay', (t) => {
  const outgoing = new OutgoingBytes();
  const pool = large(4 * MOVED);
  const message = messageOf(pool.subarray(100, 100 + MOVED));
  const prepared = outgoing.prepare(message);
  structuredClone(prepared, { transfer: outgoing.moved });
  t.is(outgoing.moved.length, 1);
  t.is(pool.length, 4 * MOVED);
  t.deepEqual(bytesOf(message), large(4 * MOVED).subarray(100, 100 + MOVED));
});

test('a body that goes to two actors of one thread is copied once for both', (t) => {
  for (const body of [large(), large(4 * MOVED).subarray(7, 7 + MOVED)]) {
    const outgoing = new OutgoingBytes();
    const [first, second] = ['blockAdded', 'blocksCommitted'].map((type) =>
      outgoing.prepare({ ...messageOf(body), type }),
    );
    t.is(outgoing.moved.length, 1);
    const crossed = structuredClone([first, second], { transfer: outgoing.moved }) as object[];
    for (const message of crossed) t.deepEqual(bytesOf(message), new Uint8Array(body));
  }
});

test('shared memory crosses as it is', (t) => {
  const outgoing = new OutgoingBytes();
  const message = messageOf(new Uint8Array(new SharedArrayBuffer(2 * MOVED)).subarray(5));
  t.is(outgoing.prepare(message), message);
});

test('what is large arrives whole on the other thread, for each of those that it goes to, and stays here', (t) => {
  const { system, time } = acrossThreads(() => scriptedSystem());
  const bytes = large(3 * MOVED);
  const notes = [1, 2].map((id) => ({ type: 'note', id, bytes }) as const);
  system.post('a', { type: 'do', effects: notes.flatMap((note) => [send('b', note), send('c', note)]) });
  system.start();
  time.runUntilIdle();
  const crossed = (system as unknown as SpanningSystem<never>).links
    .flatMap(({ posted }) => posted)
    .flatMap((message) => (message.type === 'batch' ? message.parcels : []))
    .flatMap(({ messages }) => messages) as unknown as (typeof notes)[number][];
  t.is(crossed.length, 4);
  for (const note of crossed) t.deepEqual(note.bytes, large(3 * MOVED));
  t.is(bytes.length, 3 * MOVED);
});
