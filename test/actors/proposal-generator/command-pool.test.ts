import test from 'ava';
import fc from 'fast-check';
import { CommandPool } from '../../../actors/proposal-generator/command-pool.js';
import { asReplicaId, asSequence } from '../../../src/protocol/numbers.js';
import type { CommandBatch } from '../../../src/wire/peer-messages.js';
import { batchOf, clientOf, namesOf, range } from '../../support/command-blocks.js';

const SELF = 0;
const BODY = { commands: 1_000, bytes: 100_000 };

function poolOf(
  options: { own?: number; ownClients?: number; ownBytes?: number; peer?: number; peerBytes?: number } = {},
): CommandPool {
  return new CommandPool({
    own: asReplicaId(SELF),
    replicas: 4,
    ownSpace: { commands: options.own ?? 1_000, bytes: options.ownBytes ?? 100_000 },
    ownClients: options.ownClients ?? 1_000,
    peerSpace: { commands: options.peer ?? 1_000, bytes: options.peerBytes ?? 100_000 },
  });
}

function admit(pool: CommandPool, source: number, batch: CommandBatch, address = ''): readonly string[] {
  const { client, commands } = batch;
  return commands.map((command) => pool.admit({ source: asReplicaId(source), address }, client, command, 0).outcome);
}

/** How many commands of each client a body holds. */
function sharesOf(batches: readonly CommandBatch[]): Record<string, number> {
  return Object.fromEntries(
    batches.map(({ client, commands }) => [Number.parseInt(client, 16), commands.length] as const),
  );
}

test('sources are served in turn, however much one of them has', (t) => {
  const pool = poolOf();
  for (const source of [1, 2, SELF]) admit(pool, source, batchOf(source + 1, range(1, source === 2 ? 20 : 500)));
  t.deepEqual(sharesOf(pool.take({ ...BODY, commands: 64 })), { 1: 32, 2: 16, 3: 16 });
  t.deepEqual(sharesOf(pool.take({ ...BODY, commands: 64 })), { 1: 44, 2: 16, 3: 4 });
});

test('an address has one turn for all of its clients, however many it brings', (t) => {
  const pool = poolOf();
  for (const client of range(1, 8)) admit(pool, SELF, batchOf(client, range(1, 50)), '10.0.0.1');
  admit(pool, SELF, batchOf(9, range(1, 50)), '10.0.0.2');
  const first = sharesOf(pool.take({ ...BODY, commands: 64 }));
  t.deepEqual(first, { 1: 16, 2: 16, 9: 32 });
  const second = sharesOf(pool.take({ ...BODY, commands: 64 }));
  t.deepEqual(second, { 3: 16, 4: 16, 5: 14, 9: 18 }, 'the next of its clients, and all of a body once it is alone');
});

test('what an abandoned block gives back waits in the turn of its own address', (t) => {
  const pool = poolOf();
  admit(pool, SELF, batchOf(1, range(1, 20)), '10.0.0.1');
  admit(pool, SELF, batchOf(2, range(1, 20)), '10.0.0.1');
  admit(pool, SELF, batchOf(3, range(1, 20)), '10.0.0.2');
  const all = pool.take(BODY);
  t.is(pool.waiting, 0);
  pool.release(all);
  t.deepEqual(sharesOf(pool.take({ ...BODY, commands: 40 })), { 1: 16, 2: 8, 3: 16 });
});

test('a peer fills one n-th of a body though nothing else waits; this replica’s own clients fill a whole one', (t) => {
  const pool = poolOf();
  admit(pool, 1, batchOf(1, range(1, 500)));
  t.deepEqual(sharesOf(pool.take({ ...BODY, commands: 80 })), { 1: 20 });
  t.deepEqual(sharesOf(pool.take({ ...BODY, commands: 3 })), { 1: 1 }, 'one command at least');
  admit(pool, SELF, batchOf(2, range(1, 500)));
  t.deepEqual(sharesOf(pool.take({ ...BODY, commands: 80 })), { 1: 20, 2: 60 });
  admit(pool, 2, batchOf(3, [1]));
  const alone = poolOf();
  admit(alone, SELF, batchOf(1, range(1, 80)));
  t.deepEqual(sharesOf(alone.take({ ...BODY, commands: 80 })), { 1: 80 });
});

test('a peer’s share counts in bytes too, and a larger command passes alone', (t) => {
  const pool = poolOf();
  const text = 'x'.repeat(988);
  admit(pool, 1, batchOf(1, range(1, 20), text));
  t.deepEqual(sharesOf(pool.take({ commands: 1_000, bytes: 12_000 })), { 1: 3 });
  t.deepEqual(sharesOf(pool.take({ commands: 1_000, bytes: 3_000 })), { 1: 1 });
});

test('what waits beyond a peer’s share fills no body', (t) => {
  const pool = poolOf();
  admit(pool, 1, batchOf(1, range(1, 500)));
  t.false(pool.fills({ ...BODY, commands: 100 }));
  admit(pool, SELF, batchOf(2, range(1, 74)));
  t.false(pool.fills({ ...BODY, commands: 100 }));
  admit(pool, SELF, batchOf(2, [75]));
  t.true(pool.fills({ ...BODY, commands: 100 }));
});

test('a client whose commands are large takes no more of the bodies than any other', (t) => {
  const pool = poolOf({ ownBytes: 10_000_000 });
  admit(pool, SELF, batchOf(1, range(1, 100), 'x'.repeat(50_000)));
  admit(pool, SELF, batchOf(2, range(1, 100)));
  const bodies = range(1, 4).map(() => sharesOf(pool.take({ commands: 1_000, bytes: 120_000 })));
  t.true(
    bodies.slice(0, 2).some((body) => (body[2] ?? 0) >= 16),
    JSON.stringify(bodies),
  );
});

test('what executed and replaced commands took is free again for the source that they came from', (t) => {
  const pool = poolOf({ peer: 3 });
  admit(pool, 1, batchOf(1, [1, 2, 3]));
  t.deepEqual(admit(pool, 1, batchOf(1, [4])), ['poolFull']);
  pool.executed(clientOf(1), asSequence(1));
  admit(pool, SELF, batchOf(1, [2]));
  t.deepEqual(admit(pool, 1, batchOf(1, [4, 5, 6])), ['accepted', 'accepted', 'poolFull']);
});

test('this replica’s own clients with commands here are bounded, those of peers do not count, and known ones go on', (t) => {
  const pool = poolOf({ ownClients: 2 });
  admit(pool, 1, batchOf(7, [1]));
  admit(pool, SELF, batchOf(1, [1]));
  t.deepEqual(admit(pool, SELF, batchOf(2, [1])), ['accepted']);
  t.deepEqual(admit(pool, SELF, batchOf(3, [1])), ['poolFull']);
  t.deepEqual(admit(pool, SELF, batchOf(7, [1])), ['poolFull'], 'a peer having brought it makes no room');
  t.deepEqual(admit(pool, SELF, batchOf(2, [2])), ['accepted']);
  pool.executed(clientOf(2), asSequence(1));
  t.deepEqual(admit(pool, SELF, batchOf(3, [1])), ['poolFull'], 'its other command is still here');
  pool.executed(clientOf(2), asSequence(2));
  t.deepEqual(admit(pool, SELF, batchOf(3, [1])), ['accepted']);
});

const countOf = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === 'accepted').length;

test('one address fills four fifths of the pool and no more, another four fifths of the rest, and so on', (t) => {
  const pool = poolOf({ own: 500 });
  t.is(countOf(admit(pool, SELF, batchOf(1, range(1, 500)), 'mallory')), 400);
  t.is(countOf(admit(pool, SELF, batchOf(2, range(1, 500)), 'bob')), 80);
  t.is(countOf(admit(pool, SELF, batchOf(3, [1, 2]), 'alice')), 2);
  for (const sequence of range(1, 100)) pool.executed(clientOf(1), asSequence(sequence));
  t.is(countOf(admit(pool, SELF, batchOf(1, range(501, 600)), 'mallory')), 35, '335 are four times 84');
});

test('many greedy addresses leave room for one more, whatever is executed', (t) => {
  const pool = poolOf({ own: 2_000 });
  const next = new Map(range(1, 6).map((host) => [host, 1]));
  for (let round = 0; round < 60; round += 1) {
    for (const host of range(1, 6)) {
      const from = next.get(host) as number;
      const taken = countOf(admit(pool, SELF, batchOf(host, range(from, from + 200)), `mallory ${host}`));
      next.set(host, from + taken);
    }
    t.deepEqual(admit(pool, SELF, batchOf(100 + round, [1]), 'alice'), ['accepted'], `${round}`);
    const body = pool.take({ commands: 100, bytes: 100_000 });
    for (const { client, commands } of body) for (const { sequence } of commands) pool.executed(client, sequence);
  }
});

test('addresses share the bytes of the pool too', (t) => {
  const pool = poolOf({ ownBytes: 90_000 });
  t.true(admit(pool, SELF, batchOf(1, range(1, 100), 'x'.repeat(1_000)), 'mallory').includes('poolFull'));
  t.deepEqual(admit(pool, SELF, batchOf(2, [1], 'x'.repeat(5_000)), 'alice'), ['accepted']);
});

test('addresses share the clients of the pool, each counted where its first command came from', (t) => {
  const pool = poolOf({ ownClients: 100 });
  const clients = (first: number, last: number, address: string) =>
    range(first, last).flatMap((client) => admit(pool, SELF, batchOf(client, [1]), address));
  t.is(countOf(clients(1, 200, 'mallory')), 80);
  t.deepEqual(admit(pool, SELF, batchOf(300, [1]), 'alice'), ['accepted']);
  t.deepEqual(admit(pool, SELF, batchOf(300, [2]), 'mallory'), ['accepted'], 'known');
  for (const sequence of [1, 2]) pool.executed(clientOf(300), asSequence(sequence));
  t.is(countOf(clients(301, 400, 'alice')), 16);
});

test('clients of one source are served in turn, and the turn goes on in the next body', (t) => {
  const pool = poolOf();
  admit(pool, SELF, batchOf(1, range(1, 300)));
  admit(pool, SELF, batchOf(2, range(1, 300)));
  admit(pool, SELF, batchOf(3, [1]));
  t.deepEqual(
    namesOf(pool.take({ ...BODY, commands: 16 })),
    range(1, 16).map((sequence) => `1:${sequence}`),
  );
  const next = namesOf(pool.take({ ...BODY, commands: 17 }));
  t.true(next.includes('3:1'));
  t.true(next.includes('2:1'));
});

test('a peer fills its own space and nobody else’s', (t) => {
  const pool = poolOf({ peer: 5 });
  const answers = admit(pool, 1, batchOf(1, range(1, 6)));
  t.deepEqual(answers, [...Array(5).fill('accepted'), 'poolFull']);
  t.deepEqual(admit(pool, 2, batchOf(2, [1])), ['accepted']);
  t.deepEqual(admit(pool, SELF, batchOf(3, [1])), ['accepted']);
});

test('a client has no more commands in the pool than its session spans', (t) => {
  const pool = poolOf({ own: 5_000 });
  t.false(admit(pool, SELF, batchOf(1, range(1, 1024))).includes('poolFull'));
  t.deepEqual(admit(pool, SELF, batchOf(1, [1025])), ['poolFull']);
  t.deepEqual(admit(pool, SELF, batchOf(2, [1])), ['accepted']);
});

test('space is counted in bytes too, and comes back with execution', (t) => {
  const pool = poolOf({ peerBytes: 30 });
  t.deepEqual(admit(pool, 1, batchOf(1, [1, 2, 3])), ['accepted', 'accepted', 'poolFull']);
  pool.executed(clientOf(1), asSequence(1));
  t.deepEqual(admit(pool, 1, batchOf(1, [3, 4])), ['accepted', 'poolFull']);
});

test('a command is kept once by client and sequence, and the client’s own word counts for more than a peer’s', (t) => {
  const pool = poolOf({ peer: 1 });
  t.deepEqual(admit(pool, 1, batchOf(1, [1], 'forged')), ['accepted']);
  t.deepEqual(admit(pool, 2, batchOf(1, [1])), ['duplicate']);
  t.deepEqual(admit(pool, SELF, batchOf(1, [1], 'real')), ['accepted']);
  t.deepEqual(admit(pool, SELF, batchOf(1, [1], 'other')), ['duplicate']);
  t.deepEqual(admit(pool, 1, batchOf(2, [1])), ['accepted'], 'the peer’s space is free again');
  const [first] = pool.take(BODY);
  t.is(new TextDecoder().decode(first?.commands[0]?.bytes), 'real');
});

test('a body is full by count or by encoded bytes, whichever comes first, and nothing overtakes what did not fit', (t) => {
  const pool = poolOf();
  admit(pool, SELF, batchOf(1, [1, 2, 3], 'x'.repeat(10)));
  t.deepEqual(namesOf(pool.take({ commands: 2, bytes: 1_000 })), ['1:1', '1:2']);
  const exactly = 20 + 2 * 22;
  admit(pool, SELF, batchOf(1, [4], 'x'.repeat(10)));
  t.deepEqual(namesOf(pool.take({ commands: 9, bytes: exactly - 1 })), ['1:3']);
  admit(pool, SELF, batchOf(1, [5], 'x'.repeat(10)));
  t.deepEqual(namesOf(pool.take({ commands: 9, bytes: exactly })), ['1:4', '1:5']);
});

test('released commands come back in front of later ones of their client', (t) => {
  const pool = poolOf();
  admit(pool, SELF, batchOf(1, range(1, 5)));
  const taken = pool.take({ ...BODY, commands: 2 });
  pool.release(taken);
  t.deepEqual(namesOf(pool.take(BODY)), ['1:1', '1:2', '1:3', '1:4', '1:5']);
});

test('a command that two blocks hold waits again only when both have let go', (t) => {
  const pool = poolOf();
  const batch = batchOf(1, [1]);
  admit(pool, SELF, batch);
  pool.claim([batch]);
  pool.claim([batch]);
  pool.release([batch]);
  t.is(pool.waiting, 0);
  pool.release([batch]);
  t.is(pool.waiting, 1);
  pool.release([batch]);
  t.is(pool.waiting, 1);
});

test('a command that comes after the block that holds it does not wait', (t) => {
  const pool = poolOf();
  const batch = batchOf(1, [1]);
  pool.claim([batch]);
  admit(pool, 2, batch);
  t.is(pool.waiting, 0);
  pool.release([batch]);
  t.deepEqual(namesOf(pool.take(BODY)), ['1:1']);
});

test('an executed command is gone for good', (t) => {
  const pool = poolOf();
  const batch = batchOf(1, [1, 2]);
  admit(pool, SELF, batch);
  const taken = pool.take({ ...BODY, commands: 1 });
  pool.executed(clientOf(1), asSequence(1));
  pool.release(taken);
  t.deepEqual(namesOf(pool.take(BODY)), ['1:2']);
});

interface Model {
  readonly held: Map<string, { claims: number }>;
}

test('whatever happens in whatever order, exactly the unclaimed commands wait, and each is taken once', (t) => {
  const name = fc.record({ client: fc.integer({ min: 1, max: 3 }), sequence: fc.integer({ min: 1, max: 6 }) });
  const action = fc.record({
    kind: fc.constantFrom('admit', 'claim', 'release', 'execute', 'take'),
    source: fc.integer({ min: 0, max: 3 }),
    name,
  });
  const check = (actions: readonly { kind: string; source: number; name: { client: number; sequence: number } }[]) => {
    const pool = poolOf();
    const model: Model = { held: new Map() };
    const unseen = new Map<string, number>();
    for (const { kind, source, name: one } of actions) {
      const key = `${one.client}:${one.sequence}`;
      const batch = batchOf(one.client, [one.sequence]);
      const known = model.held.get(key);
      if (kind === 'admit') {
        admit(pool, source, batch);
        if (known === undefined) model.held.set(key, { claims: unseen.get(key) ?? 0 });
        unseen.delete(key);
      } else if (kind === 'claim') {
        pool.claim([batch]);
        if (known === undefined) unseen.set(key, (unseen.get(key) ?? 0) + 1);
        else known.claims += 1;
      } else if (kind === 'release') {
        pool.release([batch]);
        if (known === undefined) unseen.set(key, Math.max(0, (unseen.get(key) ?? 0) - 1));
        else known.claims = Math.max(0, known.claims - 1);
      } else if (kind === 'execute') {
        pool.executed(clientOf(one.client), asSequence(one.sequence));
        model.held.delete(key);
        unseen.delete(key);
      } else {
        const taken = namesOf(pool.take({ ...BODY, commands: 2 }));
        for (const taking of taken) {
          const held = model.held.get(taking);
          t.is(held?.claims, 0);
          if (held !== undefined) held.claims = 1;
        }
      }
      t.is(pool.waiting, [...model.held.values()].filter(({ claims }) => claims === 0).length);
    }
    const rest = namesOf(pool.take(BODY));
    t.deepEqual(
      [...rest].sort(),
      [...model.held]
        .filter(([, { claims }]) => claims === 0)
        .map(([key]) => key)
        .sort(),
    );
  };
  fc.assert(fc.property(fc.array(action, { maxLength: 60 }), check), { numRuns: 300 });
});
