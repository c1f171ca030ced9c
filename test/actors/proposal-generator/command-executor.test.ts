import test from 'ava';
import fc from 'fast-check';
import { CommandExecutor } from '../../../actors/proposal-generator/command-executor.js';
import type { ExecutedBlock } from '../../../actors/proposal-generator/messages.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import type { CommandBatch } from '../../../src/wire/peer-messages.js';
import { batchOf, blockOf, range } from '../../support/command-blocks.js';
import { JournalMachine } from '../../support/journal-machine.js';

const BOUNDS = { clients: 4, window: 1024, replyBytes: 10_000, tableBytes: 1_000_000 };

interface Rig {
  readonly machine: JournalMachine;
  readonly executor: CommandExecutor;
}

function rig(): Rig {
  const machine = new JournalMachine();
  return { machine, executor: new CommandExecutor(machine, BOUNDS) };
}

function execute({ executor }: Rig, batches: readonly CommandBatch[]): ExecutedBlock {
  return executor.execute(blockOf({ height: executor.height + 1, batches }));
}

/** What a block said, as `client:sequence=reply`, the height of the command's run before it where that is another. */
function told({ replies, repeated, refused }: ExecutedBlock): readonly string[] {
  const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const ran = replies.flatMap(({ client, replies: all }) =>
    all.map(({ sequence, reply }) => `${Number.parseInt(client, 16)}:${sequence}=${textOf(reply)}`),
  );
  const again = repeated.flatMap(({ height, replies: groups }) =>
    groups.flatMap(({ client, replies: all }) =>
      all.map(({ sequence, reply }) => `${height}/${Number.parseInt(client, 16)}:${sequence}=${textOf(reply)}`),
    ),
  );
  const not = refused.flatMap(({ client, sequences, reason }) =>
    sequences.map((sequence) => `${Number.parseInt(client, 16)}:${sequence} ${reason}`),
  );
  return [...ran, ...again, ...not];
}

test('commands run in the order of the block, each told its place', (t) => {
  const all = rig();
  t.deepEqual(told(execute(all, [batchOf(1, [1, 2]), batchOf(2, [1])])), ['1:1=1:1', '1:2=2:2', '2:1=3:1']);
  t.deepEqual(all.machine.journal, ['1@1.0', '2@1.1', '1@1.2']);
});

test('a command in two blocks, or twice in one, runs once and is answered alike under its own height', (t) => {
  const all = rig();
  t.deepEqual(told(execute(all, [batchOf(1, [1]), batchOf(1, [1])])), ['1:1=1:1', '1/1:1=1:1']);
  t.deepEqual(told(execute(all, [batchOf(1, [1], 'another text')])), ['1/1:1=1:1']);
  t.is(all.machine.journal.length, 1);
});

test('a sequence below the window is refused and does not run; its edges', (t) => {
  const all = rig();
  execute(all, [batchOf(1, [1025])]);
  t.deepEqual(told(execute(all, [batchOf(1, [1, 2])])), ['1:2=2:2', '1:1 sequenceTooOld']);
});

test('an invalid command is refused without running, and again when it comes back', (t) => {
  const all = rig();
  t.deepEqual(told(execute(all, [batchOf(1, [1], '!')])), ['1:1 invalid']);
  t.deepEqual(told(execute(all, [batchOf(1, [1], 'now valid')])), ['1:1 invalid']);
  t.deepEqual(all.machine.journal, []);
});

test('a body that cannot be read, and an empty one, do nothing but raise the height', (t) => {
  const all = rig();
  t.deepEqual(told(all.executor.execute(blockOf({ height: 1, body: Uint8Array.of(1, 2, 3) }))), []);
  t.deepEqual(told(execute(all, [])), []);
  t.is(all.executor.height, asHeight(2));
  t.throws(() => all.executor.execute(blockOf({ height: 4 })), { name: 'InvariantViolation' });
});

test('the state hash differs by machine, sessions and height', (t) => {
  const [plain, empty, repeated] = [rig(), rig(), rig()];
  execute(plain, [batchOf(1, [1])]);
  execute(empty, []);
  execute(repeated, [batchOf(2, [1])]);
  const hashes = [plain, empty, repeated].map(({ executor }) => executor.stateHash());
  execute(plain, []);
  hashes.push(plain.executor.stateHash());
  t.is(new Set(hashes).size, 4);
});

/** Exactly once by client and sequence, window and eviction, the naive way. */
class NaiveModel {
  readonly #clients = new Map<number, { ran: Map<number, string>; highest: number; active: number }>();
  #clock = 0;
  runs = 0;

  block(height: number, batches: readonly { client: number; sequences: readonly number[] }[]): readonly string[] {
    const answers: string[] = [];
    for (const { client, sequences } of batches) {
      let touched = false;
      for (const sequence of sequences) {
        const known = this.#clients.get(client);
        if (known !== undefined && sequence <= known.highest - 1024)
          answers.push(`${client}:${sequence} sequenceTooOld`);
        else if (known?.ran.has(sequence)) answers.push(`${known.ran.get(sequence)}`);
        else {
          const session = known ?? this.#open(client);
          if (!touched) session.active = ++this.#clock;
          touched = true;
          this.runs += 1;
          answers.push(`${client}:${sequence}=${this.runs}:${sequence}`);
          session.ran.set(sequence, `${height}/${client}:${sequence}=${this.runs}:${sequence}`);
          session.highest = Math.max(session.highest, sequence);
        }
      }
    }
    return answers;
  }

  #open(client: number) {
    if (this.#clients.size === BOUNDS.clients) {
      const [oldest] = [...this.#clients].sort(([, a], [, b]) => a.active - b.active);
      if (oldest !== undefined) this.#clients.delete(oldest[0]);
    }
    const session = { ran: new Map<number, string>(), highest: 0, active: 0 };
    this.#clients.set(client, session);
    return session;
  }
}

const sequence = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1020, max: 1040 }),
  fc.integer({ min: 5000, max: 5003 }),
);
const group = fc.record({
  client: fc.integer({ min: 1, max: 6 }),
  sequences: fc.array(sequence, { minLength: 1, maxLength: 6 }),
});
const blocks = fc.array(fc.array(group, { maxLength: 5 }), { maxLength: 12 });
const asBatches = (groups: readonly { client: number; sequences: readonly number[] }[]) =>
  groups.map(({ client, sequences }) => batchOf(client, sequences));

test('whatever the interleaving and the repeats, it equals a naive exactly-once model', (t) => {
  fc.assert(
    fc.property(blocks, (chain) => {
      const all = rig();
      const model = new NaiveModel();
      for (const [index, groups] of chain.entries()) {
        const expected = model.block(index + 1, groups);
        t.deepEqual([...told(execute(all, asBatches(groups)))].sort(), [...expected].sort());
      }
      t.is(all.machine.journal.length, model.runs);
    }),
    { numRuns: 300 },
  );
});

test('replicas that execute the same blocks have equal hashes, asked at whatever heights', (t) => {
  fc.assert(
    fc.property(blocks, fc.array(fc.boolean()), (chain, asked) => {
      const [one, other] = [rig(), rig()];
      for (const [index, groups] of chain.entries()) {
        execute(one, asBatches(groups));
        execute(other, asBatches(groups));
        if (asked[index] === true) one.executor.stateHash();
      }
      t.is(one.executor.stateHash(), other.executor.stateHash());
    }),
  );
});

test('a restored executor has the same hash and gives the same replies from then on', async (t) => {
  await fc.assert(
    fc.asyncProperty(blocks, blocks, async (before, after) => {
      const original = rig();
      for (const groups of before) execute(original, asBatches(groups));
      const snapshot = original.executor.snapshot();
      const hash = original.executor.stateHash();
      const later = after.map((groups) => told(execute(original, asBatches(groups))));
      const restored = rig();
      await restored.executor.restore(snapshot);
      t.is(restored.executor.stateHash(), hash);
      t.deepEqual(
        after.map((groups) => told(execute(restored, asBatches(groups)))),
        later,
      );
      t.is(restored.executor.stateHash(), original.executor.stateHash());
    }),
    { numRuns: 60 },
  );
});

test('chunks that are no snapshot are refused', async (t) => {
  const original = rig();
  execute(original, [batchOf(1, range(1, 3))]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of original.executor.snapshot()) chunks.push(chunk);
  const [head, sessions, ...machine] = chunks as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const variants = [
    [],
    [sessions, head, ...machine],
    [head, sessions.subarray(0, -1), ...machine],
    [head, Uint8Array.of(...sessions, 0), ...machine],
    [head, sessions, sessions, ...machine],
    [head, sessions, ...machine, head],
    [head, sessions, Uint8Array.of(9)],
    [head.subarray(1), sessions, ...machine],
    [Uint8Array.of(...head, 0), sessions, ...machine],
  ];
  for (const variant of variants) {
    const given = (async function* () {
      yield* variant;
    })();
    await t.throwsAsync(() => rig().executor.restore(given), { code: 'SNAPSHOT_UNREADABLE' });
  }
});

/** Hashes in three parts what it held at the first. */
class SlicedMachine extends JournalMachine {
  stateHashInSlices(): Iterator<undefined, Uint8Array> {
    const hash = super.stateHash();
    let left = 3;
    return {
      next: () => {
        left -= 1;
        return left > 0 ? { done: false, value: undefined } : { done: true, value: hash };
      },
    };
  }
}

test('a hash in slices is of the height at which it was begun: machine and sessions', (t) => {
  const machine = new SlicedMachine();
  const sliced = { machine, executor: new CommandExecutor(machine, BOUNDS) };
  const whole = rig();
  for (const all of [sliced, whole]) execute(all, [batchOf(1, [1])]);
  const expected = { height: asHeight(1), stateHash: whole.executor.stateHash() };
  t.is(sliced.executor.hashOn(), null);
  execute(sliced, [batchOf(1, [2]), batchOf(2, [1])]);
  t.is(sliced.executor.hashOn(), null);
  t.deepEqual(sliced.executor.hashOn(), expected);
  t.is(sliced.executor.hashOn(), null, 'the next one begins anew');
});

test('many changed sessions are hashed in slices, for a machine that hashes in one go too', (t) => {
  const bounds = { ...BOUNDS, clients: 1000 };
  const clients = range(1, 1000).map((client) => batchOf(client, [1]));
  const [sliced, whole] = [bounds, bounds].map((each) => {
    const machine = new JournalMachine();
    return { machine, executor: new CommandExecutor(machine, each) };
  }) as [Rig, Rig];
  for (const all of [sliced, whole]) execute(all, clients);
  const expected = { height: asHeight(1), stateHash: whole.executor.stateHash() };
  t.is(sliced.executor.hashOn(), null);
  let slices = 1;
  let hashed: ReturnType<CommandExecutor['hashOn']> = null;
  for (; hashed === null; slices += 1) {
    execute(sliced, [batchOf(1 + slices * 20, [2]), batchOf(999, [2])]);
    hashed = sliced.executor.hashOn();
  }
  t.deepEqual(hashed, expected);
  t.true(slices >= 10, `${slices} slices`);
});
