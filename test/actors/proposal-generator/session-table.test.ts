import test from 'ava';
import fc from 'fast-check';
import { SessionTable } from '../../../actors/proposal-generator/session-table.js';
import { asHeight, asSequence } from '../../../src/protocol/numbers.js';
import { clientOf } from '../../support/command-blocks.js';

const BOUNDS = { clients: 3, window: 1024, replyBytes: 100, tableBytes: 10_000 };
const reply = (size: number) => new Uint8Array(size).fill(7);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function run(table: SessionTable, client: number, sequence: number, outcome: Uint8Array | 'invalid' = reply(1)): void {
  table.activate(clientOf(client)).record({ sequence: asSequence(sequence), height: asHeight(sequence), outcome });
}

function kindOf(table: SessionTable, client: number, sequence: number): string {
  const past = table.recall(clientOf(client), asSequence(sequence));
  return past === null ? 'new' : past.outcome instanceof Uint8Array ? 'reply' : past.outcome;
}

test('the window holds 1024 sequences up to the highest one: its edges', (t) => {
  const rows: [ran: number[], asked: number, expected: string][] = [
    [[], 1, 'new'],
    [[1], 1, 'reply'],
    [[1], 2, 'new'],
    [[1024], 1, 'new'],
    [[1, 1024], 1, 'reply'],
    [[1, 1025], 1, 'forgotten'],
    [[1, 1025], 2, 'new'],
    [[2, 1025], 2, 'reply'],
    [[1025], 1, 'forgotten'],
    [[1025, 2], 2, 'reply'],
    [[5, 2 ** 40], 2 ** 40 - 1024, 'forgotten'],
    [[5, 2 ** 40], 2 ** 40 - 1023, 'new'],
    [[3, 3 + 1024], 3 + 1024, 'reply'],
    [[3, 4 + 1024], 3 + 1024, 'new'],
  ];
  for (const [ran, asked, expected] of rows) {
    const table = new SessionTable(BOUNDS);
    for (const sequence of ran) run(table, 1, sequence);
    t.is(kindOf(table, 1, asked), expected, `${asked} after ${ran.join(', ')}`);
  }
});

test('a reply is remembered with the height at which its command ran', (t) => {
  const table = new SessionTable(BOUNDS);
  run(table, 1, 9);
  t.deepEqual(table.recall(clientOf(1), asSequence(9)), { outcome: reply(1), height: asHeight(9) });
});

test('replies beyond the bound are forgotten lowest first, that their commands ran is not', (t) => {
  const table = new SessionTable(BOUNDS);
  run(table, 1, 1, reply(60));
  run(table, 1, 2, reply(40));
  t.deepEqual([kindOf(table, 1, 1), kindOf(table, 1, 2)], ['reply', 'reply'], 'exactly at the bound');
  run(table, 1, 3, reply(1));
  t.deepEqual(
    [1, 2, 3].map((sequence) => kindOf(table, 1, sequence)),
    ['forgotten', 'reply', 'reply'],
  );
  run(table, 1, 4, reply(101));
  t.deepEqual(
    [2, 3, 4].map((sequence) => kindOf(table, 1, sequence)),
    ['forgotten', 'forgotten', 'forgotten'],
  );
  run(table, 1, 5, reply(100));
  t.is(kindOf(table, 1, 5), 'reply');
});

test('beyond its bound the table forgets the client least recently active, and no other', (t) => {
  const table = new SessionTable(BOUNDS);
  for (const client of [1, 2, 3]) run(table, client, 1);
  run(table, 1, 2);
  run(table, 4, 1);
  t.is(table.size, 3);
  t.deepEqual(
    [1, 2, 3, 4].map((client) => kindOf(table, client, 1)),
    ['reply', 'new', 'reply', 'reply'],
  );
});

/** A reply of so many bytes takes 200 more. */
const TIGHT = { clients: 10, window: 1024, replyBytes: 1_000, tableBytes: 1_000 };

test('beyond the bytes of the table the replies of the client idle for longest go, its commands stay run', (t) => {
  const table = new SessionTable(TIGHT);
  run(table, 1, 1, reply(300));
  run(table, 2, 1, reply(300));
  run(table, 1, 2, 'invalid');
  t.is(table.replyMemoryBytes, 1_000, 'exactly at the bound');
  run(table, 3, 1, reply(1));
  t.deepEqual([kindOf(table, 1, 1), kindOf(table, 2, 1)], ['reply', 'reply'], 'one client’s replies may exceed it');
  run(table, 4, 1, reply(1));
  t.deepEqual(
    [kindOf(table, 1, 1), kindOf(table, 1, 2), kindOf(table, 2, 1), kindOf(table, 2, 2), kindOf(table, 3, 1)],
    ['reply', 'invalid', 'forgotten', 'new', 'reply'],
  );
  t.is(table.size, 4);
  t.is(table.replyMemoryBytes, 500 + 201 + 201);
});

test('a client whose replies went holds its next ones', (t) => {
  const table = new SessionTable(TIGHT);
  run(table, 1, 1, reply(500));
  run(table, 2, 1, reply(500));
  run(table, 3, 1);
  run(table, 1, 2);
  t.deepEqual([kindOf(table, 1, 1), kindOf(table, 1, 2)], ['forgotten', 'reply']);
  for (let round = 3; round < 10; round += 1) for (const client of [1, 2, 3]) run(table, client, round, reply(400));
  t.true(table.replyMemoryBytes <= TIGHT.tableBytes + 600, 'and they count again');
});

test('ten thousand invented clients take no more memory than the bound, and none of an evicted one', (t) => {
  const table = new SessionTable({ clients: 100, window: 1024, replyBytes: 1_000, tableBytes: 50_000 });
  for (let client = 1; client <= 10_000; client += 1) {
    run(table, client, 1, reply(500));
    t.true(table.replyMemoryBytes <= 50_000 + 700);
  }
  t.is(table.size, 100);
  const roomy = new SessionTable({ clients: 10, window: 1024, replyBytes: 1_000, tableBytes: 1_000_000 });
  for (let client = 1; client <= 100; client += 1) run(roomy, client, 1, reply(500));
  t.is(roomy.replyMemoryBytes, 10 * 700);
});

test('a client that is alone over the bound keeps its replies until another comes', (t) => {
  const table = new SessionTable(TIGHT);
  for (const sequence of [1, 2, 3, 4]) run(table, 1, sequence, reply(150));
  t.deepEqual(
    [1, 4].map((sequence) => kindOf(table, 1, sequence)),
    ['reply', 'reply'],
  );
  run(table, 2, 1);
  t.deepEqual(
    [1, 4].map((sequence) => kindOf(table, 1, sequence)),
    ['forgotten', 'forgotten'],
  );
});

test('a table that has forgotten replies has the same digest however often it is asked, and restored', (t) => {
  const [asked, silent] = [new SessionTable(TIGHT), new SessionTable(TIGHT)];
  for (let step = 1; step < 60; step += 1) {
    const client = 1 + ((step * 7) % 5);
    for (const table of [asked, silent]) run(table, client, step, step % 9 === 0 ? 'invalid' : reply(step * 5));
    asked.digest();
  }
  t.is(hex(asked.digest()), hex(silent.digest()));
  const restored = new SessionTable(TIGHT);
  t.true(restored.restore(structuredClone(silent.records())));
  t.is(restored.replyMemoryBytes, silent.replyMemoryBytes);
  t.is(hex(restored.digest()), hex(silent.digest()));
  for (let step = 60; step < 90; step += 1) {
    for (const table of [silent, restored]) run(table, 1 + (step % 5), step, reply(300));
  }
  t.is(hex(restored.digest()), hex(silent.digest()));
});

test('the digest is a function of what is remembered, however often it is asked for', (t) => {
  const [asked, silent] = [new SessionTable(BOUNDS), new SessionTable(BOUNDS)];
  for (const [client, sequence] of [
    [1, 5],
    [2, 1],
    [1, 2000],
    [3, 7],
    [4, 1],
    [1, 2001],
  ] as const) {
    run(asked, client, sequence);
    asked.digest();
    run(silent, client, sequence);
  }
  t.is(hex(asked.digest()), hex(silent.digest()));
});

test('a digest is made in slices, each of a bounded part of the changed sessions', (t) => {
  const table = new SessionTable({ ...BOUNDS, clients: 1000, tableBytes: 10_000_000 });
  const slicesOf = () => {
    const slices = table.digestInSlices();
    for (let count = 1; ; count += 1) if (slices.next().done === true) return count;
  };
  for (let client = 1; client <= 1000; client += 1) run(table, client, 1);
  t.is(slicesOf(), Math.ceil(1000 / 32), 'a session and one page of it each, of 64 units a slice');
  t.is(slicesOf(), 1, 'nothing has changed');
  for (let client = 1; client <= 10; client += 1) {
    for (let sequence = 1; sequence <= 1024; sequence += 1) run(table, client, sequence + 1, reply(0));
  }
  t.is(slicesOf(), 5, 'a session and 32 pages of it each');
});

test('a digest in slices is of the moment at which it was begun, and the next one too, whatever runs meanwhile', (t) => {
  const step = fc.record({ client: fc.integer({ min: 1, max: 60 }), size: fc.integer({ min: 0, max: 400 }) });
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 60 }), { minLength: 2, maxLength: 6 }), (rounds) => {
      const bounds = { clients: 50, window: 1024, replyBytes: 1000, tableBytes: 6000 };
      const [sliced, silent] = [new SessionTable(bounds), new SessionTable(bounds)];
      let sequence = 0;
      const runBoth = (client: number, size: number) => {
        sequence += 1;
        for (const table of [sliced, silent]) run(table, client, sequence, reply(size));
      };
      for (let client = 1; client <= 50; client += 1) runBoth(client, 1);
      for (const steps of rounds) {
        const expected = hex(silent.digest());
        const slices = sliced.digestInSlices();
        let next = slices.next();
        for (const { client, size } of steps) {
          runBoth(client, size);
          if (next.done !== true) next = slices.next();
        }
        while (next.done !== true) next = slices.next();
        t.is(hex(next.value), expected);
      }
    }),
    { numRuns: 60 },
  );
});

test('a digest that is given up is no loss to the next one', (t) => {
  const [given, silent] = [
    new SessionTable({ ...BOUNDS, clients: 100 }),
    new SessionTable({ ...BOUNDS, clients: 100 }),
  ];
  for (const table of [given, silent]) for (let client = 1; client <= 100; client += 1) run(table, client, 1);
  t.false(given.digestInSlices().next().done);
  for (const table of [given, silent]) run(table, 7, 2);
  t.is(hex(given.digest()), hex(silent.digest()));
});

test('the digest differs by client, sequence, height, outcome and order of activity', (t) => {
  const digests = new Set<string>();
  const add = (...steps: [client: number, sequence: number, height: number, outcome: Uint8Array | 'invalid'][]) => {
    const table = new SessionTable(BOUNDS);
    for (const [client, sequence, height, outcome] of steps) {
      table.activate(clientOf(client)).record({ sequence: asSequence(sequence), height: asHeight(height), outcome });
    }
    digests.add(hex(table.digest()));
  };
  add();
  add([1, 1, 1, reply(1)]);
  add([2, 1, 1, reply(1)]);
  add([1, 2, 1, reply(1)]);
  add([1, 1, 2, reply(1)]);
  add([1, 1, 1, reply(2)]);
  add([1, 1, 1, 'invalid']);
  add([1, 1, 1, reply(1)], [2, 1, 1, reply(1)]);
  add([2, 1, 1, reply(1)], [1, 1, 1, reply(1)]);
  t.is(digests.size, 9);
});

test('restored sessions have the same digest and forget the same clients next', (t) => {
  const table = new SessionTable(BOUNDS);
  for (const [client, sequence] of [
    [1, 1],
    [2, 3000],
    [3, 2],
    [4, 9],
    [2, 2500],
    [3, 1],
  ] as const)
    run(table, client, sequence);
  run(table, 3, 5, reply(101));
  const restored = new SessionTable(BOUNDS);
  t.true(restored.restore(structuredClone(table.records())));
  t.is(hex(restored.digest()), hex(table.digest()));
  for (const each of [table, restored]) run(each, 5, 1);
  t.is(hex(restored.digest()), hex(table.digest()));
  t.is(kindOf(restored, 4, 9), 'new');
});

test('a table that takes over the sessions of another answers as that one does, and goes on as it would', (t) => {
  const table = new SessionTable(BOUNDS);
  run(table, 1, 1, reply(60));
  run(table, 1, 3, reply(50));
  run(table, 2, 2000, 'invalid');
  run(table, 3, 7);
  const other = new SessionTable(BOUNDS);
  other.takeOver(structuredClone(table.copies()));
  for (const each of [table, other]) run(each, 4, 1, reply(5));
  for (const client of [1, 2, 3, 4])
    for (const sequence of [1, 2, 3, 7, 976, 977, 2000])
      t.deepEqual(
        other.recall(clientOf(client), asSequence(sequence)),
        table.recall(clientOf(client), asSequence(sequence)),
        `${client}:${sequence}`,
      );
  t.is(kindOf(other, 3, 7), 'reply');
  t.is(other.replyMemoryBytes, table.replyMemoryBytes);
  t.is(hex(other.digest()), hex(table.digest()));
});

test('records that can be no table’s are refused', (t) => {
  const table = new SessionTable(BOUNDS);
  for (const client of [1, 2]) run(table, client, 1);
  const [first, second] = table.records();
  if (first === undefined || second === undefined) return t.fail();
  const refused = (...records: (typeof first)[]) => t.false(new SessionTable(BOUNDS).restore(records));
  refused(second, first);
  refused(first, { ...second, place: first.place });
  refused(first, { ...second, place: 2 });
  refused(first, { ...second, client: first.client });
  refused({ ...first, highest: 2 });
  refused({ ...first, heldFrom: 2 });
  refused({ ...first, entries: [...first.entries, ...first.entries] });
  t.true(new SessionTable(BOUNDS).restore([first, second]));
});
