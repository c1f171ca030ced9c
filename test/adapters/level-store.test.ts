import { constants } from 'node:fs';
import { cp, mkdtemp, open, readdir, readFile, readlink, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Level } from 'level';
import { committedLogOf, openCommittedLog } from '../../src/adapters/committed-log.js';
import { createStore } from '../../src/adapters/create-store.js';
import { levelStore } from '../../src/adapters/level-store.js';
import { type Database, openDatabase } from '../../src/adapters/store-database.js';
import { storedEvidence } from '../../src/adapters/stored-evidence.js';
import { asHeight } from '../../src/protocol/numbers.js';
import { encodeStoredBlock } from '../../src/wire/block.js';
import { decodeSafetyCopy, SLOT_BYTES, SLOT_FILE } from '../../src/wire/safety-copy.js';
import type { StoreEffect, StoreMessage } from '../../src/wire/store.js';
import { blockKey, placeOf } from '../../src/wire/store-layout.js';
import { at, CLUSTER_ID, certify, chainOf, childOf, GENESIS, recordOf } from '../support/chain.js';
import { twoProposals, twoVotes } from '../support/equivocations.js';
import { IDENTITY, newStore, RealLife } from '../support/real-store.js';

const chain = chainOf(8);

/** Octal flags of the open file that `name` ends, as Linux tells them. */
async function flagsOfOpen(name: string): Promise<number> {
  for (const descriptor of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
    if (!target.endsWith(name)) continue;
    const info = await readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    return Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? '0', 8);
  }
  return 0;
}

test('writes beside each other are answered together, and one alone at once', async (t) => {
  const directory = await newStore(t);
  const told: StoreMessage['type'][] = [];
  let toldTogether: readonly StoreMessage['type'][] = [];
  let heard = () => {};
  const port = levelStore({ directory, clusterId: CLUSTER_ID, uncommittedMax: 100 }).port((message) => {
    told.push(message.type);
    if (told.length > 1) return true;
    // What the same turn tells has been told by then; another completion has a turn of its own.
    queueMicrotask(() => (toldTogether = [...told]));
    setImmediate(heard);
    return true;
  });
  t.teardown(() => port.close?.());
  async function perform(...effects: readonly StoreEffect[]): Promise<readonly StoreMessage['type'][]> {
    told.length = 0;
    const answered = new Promise<void>((resolve) => (heard = resolve));
    for (const effect of effects) port.perform(effect);
    await answered;
    return [...toldTogether].sort();
  }
  const entries: StoreEffect = { type: 'writeEntries', token: 1, entries: [], deletes: ['none'] };
  const slot: StoreEffect = { type: 'writeSlot', token: 1, slot: 0, bytes: new Uint8Array(100) };
  await perform({ type: 'openStore' });
  for (let round = 0; round < 5; round += 1) {
    t.deepEqual(await perform(entries, slot), ['entriesWritten', 'slotWritten']);
    t.deepEqual(await perform(entries), ['entriesWritten']);
    t.deepEqual(await perform(slot), ['slotWritten']);
  }
});

test('what is reported durable was written with sync, in both places', async (t) => {
  const directory = await newStore(t);
  const options: unknown[] = [];
  const { batch } = Level.prototype;
  t.teardown(() => {
    Level.prototype.batch = batch;
  });
  Level.prototype.batch = function (this: Database, ...args: unknown[]) {
    const chained = Reflect.apply(batch, this, args) as unknown as ReturnType<Database['batch']>;
    if (args.length > 0 || !this.location.startsWith(directory)) return chained;
    const write = chained.write.bind(chained);
    return Object.assign(chained, {
      write: (given: object) => {
        options.push(given);
        return write(given);
      },
    });
  } as typeof batch;
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: chain });
  t.deepEqual(options, [{ sync: true }]);
  if (process.platform === 'linux') t.not((await flagsOfOpen(join(directory, SLOT_FILE))) & constants.O_DSYNC, 0);
  await life.close();
});

test('what was reported durable is there after a restart', async (t) => {
  const directory = await newStore(t);
  const chain = chainOf(6);
  const life = new RealLife(directory);
  t.like(await life.open(), { type: 'recovered', store: { record: null, uncommitted: [] } });
  await life.persist(1, { safety: recordOf(1, 64), blocks: chain });
  await life.persist(2, { safety: recordOf(2, 64, at(chain, 4)), committed: chain.slice(0, 3).map(placeOf) });
  const log = await life.store.committedLog();
  t.is(log.committedHeight, asHeight(3));
  await life.close();

  const again = new RealLife(directory);
  const recovered = await again.open();
  await again.close();
  if (recovered.type !== 'recovered') return t.fail(recovered.detail);
  t.deepEqual(recovered.store.record, recordOf(2, 64, at(chain, 4)));
  t.deepEqual(recovered.store.committed, chain[2]);
  t.deepEqual(recovered.store.uncommitted, chain.slice(3));

  await using stopped = await openCommittedLog(directory, CLUSTER_ID);
  for (const from of [undefined, Number.NaN, 'x', -1, 0.5])
    t.throws(() => stopped.blocks(from as never), {
      code: 'OPTION_OUT_OF_RANGE',
      message: /it must be a whole number/,
    });
  const blocks = [];
  for await (const block of stopped.blocks(asHeight(2))) blocks.push(block);
  t.deepEqual(blocks, chain.slice(1, 3));
  t.deepEqual(await stopped.loadBlock(at(chain, 0).hash), chain[0]);
  t.is(await stopped.loadBlock(at(chain, 4).hash), null);
});

/** A store with five of eight blocks committed, in four batches; closed. */
async function usedStore(t: ExecutionContext): Promise<string> {
  const directory = await newStore(t);
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: chain.slice(0, 4) });
  await life.persist(2, { safety: recordOf(2, 64, at(chain, 3)), blocks: chain.slice(4, 6) });
  await life.persist(3, { safety: recordOf(3, 64, at(chain, 4)), blocks: chain.slice(6) });
  await life.persist(4, { safety: recordOf(4, 80, at(chain, 6)), committed: chain.slice(0, 5).map(placeOf) });
  await life.close();
  return directory;
}

/** Opens the store and says what came of it. */
async function outcomeOf(directory: string, id = 0) {
  const life = new RealLife(directory, id);
  const told = await life.open();
  await life.close();
  return told;
}

async function codeOf(directory: string, id = 0): Promise<string> {
  const told = await outcomeOf(directory, id);
  return told.type === 'recovered' ? 'recovered' : told.code;
}

const databaseOf = (directory: string) => join(directory, 'blocks');
const slotsOf = (directory: string) => join(directory, 'safety-record');

async function databaseFile(directory: string, ending: string): Promise<string> {
  const names = (await readdir(databaseOf(directory))).filter((name) => name.endsWith(ending)).sort();
  return join(databaseOf(directory), names.at(-1) ?? 'none');
}

async function writeAt(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

async function flipAt(path: string, position: number): Promise<void> {
  const byte = (await readFile(path))[position] ?? 0;
  await writeAt(path, position, Uint8Array.of(byte ^ 0x10));
}

test('a store is made by init alone, once', async (t) => {
  const directory = await newStore(t);
  await t.throwsAsync(createStore(directory, IDENTITY), { code: 'STORE_EXISTS' });
  t.is(await codeOf(directory), 'recovered');
});

test('a directory without a store is refused, and stays as it is', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hotstuff store '));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  t.is(await codeOf(directory), 'STORE_MISSING');
  t.is(await codeOf(join(directory, 'nothing')), 'STORE_MISSING');
  t.deepEqual(await readdir(directory), []);
});

test('a store of another replica or cluster is refused', async (t) => {
  const directory = await usedStore(t);
  t.is(await codeOf(directory, 1), 'STORE_OF_ANOTHER_REPLICA');
});

test('a second opener is told that the store is in use', async (t) => {
  const directory = await usedStore(t);
  const first = new RealLife(directory);
  await first.open();
  const second = await outcomeOf(directory);
  await t.throwsAsync(openCommittedLog(directory, CLUSTER_ID), { code: 'STORE_LOCKED' });
  await first.close();
  t.like(second, { type: 'operationFailed', code: 'STORE_LOCKED' });
  t.is(await codeOf(directory), 'recovered');
});

test('a database without its CURRENT file is refused, and nothing in it is deleted', async (t) => {
  const directory = await usedStore(t);
  await rm(join(databaseOf(directory), 'CURRENT'));
  const before = await readdir(databaseOf(directory));
  t.is(await codeOf(directory), 'STORE_DAMAGED');
  t.deepEqual(await readdir(databaseOf(directory)), before);
});

test('a store whose database or whose slots are gone is refused', async (t) => {
  const directory = await usedStore(t);
  const copy = await usedStore(t);
  await rm(databaseOf(directory), { recursive: true });
  t.is(await codeOf(directory), 'STORE_DAMAGED');
  await rm(slotsOf(copy));
  t.is(await codeOf(copy), 'STORE_DAMAGED');
});

test('a database that was swapped for a new one is refused: the slots remember', async (t) => {
  const directory = await usedStore(t);
  const fresh = await newStore(t);
  await rm(databaseOf(directory), { recursive: true });
  await cp(databaseOf(fresh), databaseOf(directory), { recursive: true });
  t.is(await codeOf(directory), 'STORE_LOST_WRITES');
});

test('wherever the log of the database is cut, the store is refused, or lacks the last batch and has its bound', async (t) => {
  const whole = await outcomeOf(await usedStore(t));
  const size = (await stat(await databaseFile(await usedStore(t), '.log'))).size;
  const codes = new Set<string>();
  for (const share of [0, 0.1, 0.3, 0.5, 0.7, 0.9]) {
    const directory = await usedStore(t);
    await truncate(await databaseFile(directory, '.log'), Math.floor(size * share));
    codes.add(await codeOf(directory));
  }
  t.deepEqual(
    [...codes].filter((code) => code === 'recovered'),
    [],
  );
  // only the last batch may be missing, as after a crash in the middle of it: the bound is not lower for it
  const directory = await usedStore(t);
  await truncate(await databaseFile(directory, '.log'), size - 1);
  const cut = await outcomeOf(directory);
  if (cut.type !== 'recovered' || whole.type !== 'recovered') return t.fail('the last batch is not needed to recover');
  t.is(cut.store.record?.bound, whole.store.record?.bound);
});

test('a flipped byte in the log of the database never gives back a lower bound or high QC', async (t) => {
  const source = await usedStore(t);
  const size = (await stat(await databaseFile(source, '.log'))).size;
  for (let position = 10; position < size; position += Math.ceil(size / 25)) {
    const directory = await mkdtemp(join(tmpdir(), 'hotstuff store '));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    await cp(source, directory, { recursive: true });
    await flipAt(await databaseFile(directory, '.log'), position);
    const told = await outcomeOf(directory);
    if (told.type !== 'recovered') continue;
    t.is(told.store.record?.bound, recordOf(4, 80).bound, `byte ${position}`);
    t.true((told.store.record?.highQc.view ?? 0) >= at(chain, 4).header.view, `byte ${position}`);
  }
});

test('a flipped bit or a torn write in one slot costs nothing', async (t) => {
  const whole = await outcomeOf(await usedStore(t));
  const [flipped, torn] = [await usedStore(t), await usedStore(t)];
  await flipAt(slotsOf(flipped), 60);
  await writeAt(slotsOf(torn), SLOT_BYTES + 20, new Uint8Array(400));
  t.deepEqual(await outcomeOf(flipped), whole);
  t.deepEqual(await outcomeOf(torn), whole);
});

test('with the file of the slots empty, garbage or cut, the database alone is not believed', async (t) => {
  const fresh = await newStore(t);
  for (const directory of [fresh, await usedStore(t)]) {
    for (const content of ['', 'garbage', new Uint8Array(2 * SLOT_BYTES)]) {
      await writeFile(slotsOf(directory), content);
      const told = await outcomeOf(directory);
      if (told.type === 'recovered') return t.fail('opened');
      t.is(told.code, 'SAFETY_RECORD_LOST');
      t.regex(told.detail, /slot 0 of the file safety-record and slot 1 .* unreadable/);
    }
  }
});

test('init leaves the record in all three places', async (t) => {
  const directory = await newStore(t);
  const bytes = await readFile(slotsOf(directory));
  const database = await openDatabase(directory);
  const copies = [await database.get('record'), bytes, bytes.subarray(SLOT_BYTES)];
  await database.close();
  t.deepEqual(
    copies.map((copy) => decodeSafetyCopy(copy ?? new Uint8Array(0))),
    [0, 1, 2].map(() => ({ identity: IDENTITY, batch: 0, record: null })),
  );
});

test('after a stop in order no cut of the log is taken for a crash', async (t) => {
  const source = await usedStore(t);
  const life = new RealLife(source);
  await life.open();
  life.tell({ type: 'stopRequested' });
  await life.heard('partStopped');
  await life.close();
  const size = (await stat(await databaseFile(source, '.log'))).size;
  for (const left of [0, Math.floor(size / 2), size - 1, size]) {
    const directory = await mkdtemp(join(tmpdir(), 'hotstuff store '));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    await cp(source, directory, { recursive: true });
    await truncate(await databaseFile(directory, '.log'), left);
    t.is(await codeOf(directory), left < size ? 'STORE_LOST_WRITES' : 'recovered', `${left} of ${size} bytes`);
  }
});

test('the two slots hold the last two records', async (t) => {
  const bytes = await readFile(slotsOf(await usedStore(t)));
  const numbers = [0, SLOT_BYTES].map((start) => decodeSafetyCopy(bytes.subarray(start))?.record?.number);
  t.deepEqual(numbers, [3, 4]);
});

test('after a write that failed the port writes nothing more and says so once', async (t) => {
  const directory = await newStore(t);
  const told: StoreMessage[] = [];
  let heard = () => {};
  const port = levelStore({ directory, clusterId: CLUSTER_ID, uncommittedMax: 10 }).port((message) => {
    told.push(message);
    heard();
    return true;
  });
  const next = () => new Promise<void>((resolve) => (heard = resolve));
  port.perform({ type: 'openStore' });
  await next();
  const spoilt = [{ key: 'x', value: null as unknown as Uint8Array }];
  port.perform({ type: 'writeEntries', token: 1, entries: spoilt, deletes: [] });
  await next();
  port.perform({ type: 'writeEntries', token: 2, entries: [{ key: 'y', value: new Uint8Array(1) }], deletes: [] });
  port.perform({ type: 'writeSlot', token: 2, slot: 0, bytes: new Uint8Array(100) });
  await port.close();
  t.deepEqual(
    told.map((message) => (message.type === 'storeFailed' ? message.code : message.type)),
    ['storeOpened', 'STORE_WRITE_FAILED'],
  );
  const database = await openDatabase(directory);
  t.false(await database.has('y'));
  await database.close();
  t.not(decodeSafetyCopy(await readFile(slotsOf(directory))), null);
});

test('a store that is deleted while it is open fails at the next record: nothing is signed after it', async (t) => {
  const directory = await newStore(t);
  const told: StoreMessage[] = [];
  let heard = () => {};
  const port = levelStore({ directory, clusterId: CLUSTER_ID, uncommittedMax: 100 }).port((message) => {
    told.push(message);
    heard();
    return true;
  });
  t.teardown(() => port.close?.());
  const perform = async (effect: StoreEffect) => {
    const answered = new Promise<void>((resolve) => (heard = resolve));
    port.perform(effect);
    await answered;
    return told.at(-1);
  };
  await perform({ type: 'openStore' });
  await rm(directory, { recursive: true });
  const failure = await perform({ type: 'writeSlot', token: 1, slot: 0, bytes: new Uint8Array(100) });
  t.like(failure, { type: 'storeFailed', code: 'STORE_DELETED' });
});

test('an abandoned block is gone from the disk', async (t) => {
  const directory = await newStore(t);
  const fork = childOf(GENESIS, { view: 30 });
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: [fork, ...chain] });
  await life.persist(2, {
    safety: recordOf(2, 64, at(chain, 4)),
    committed: chain.slice(0, 3).map(placeOf),
    abandoned: [fork.hash],
  });
  const log = await life.store.committedLog();
  t.is(await log.loadBlock(fork.hash), null);
  t.deepEqual(await log.loadBlock(at(chain, 0).hash), chain[0]);
  await life.close();
});

test('more uncommitted blocks than are ever read are damage', async (t) => {
  const directory = await newStore(t);
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: chainOf(102) });
  await life.close();
  t.is(await codeOf(directory), 'STORE_DAMAGED');
});

test('the committed log refuses a chain with a block missing or spoilt', async (t) => {
  for (const value of [null, new Uint8Array(3), encodeStoredBlock(childOf(at(chain, 0), { view: 77 }))]) {
    const directory = await usedStore(t);
    const database = await openDatabase(directory);
    const key = blockKey(placeOf(at(chain, 1)));
    if (value === null) await database.del(key);
    else await database.put(key, value);
    const log = await committedLogOf(database, CLUSTER_ID);
    await t.throwsAsync(
      async () => {
        for await (const block of log.blocks(asHeight(1))) t.true(block.header.height <= 2);
      },
      { code: 'STORE_DAMAGED' },
    );
    await database.close();
  }
});

test('a reader who stops early leaves nothing open', async (t) => {
  const directory = await usedStore(t);
  const log = await openCommittedLog(directory, CLUSTER_ID);
  for await (const block of log.blocks(asHeight(1))) {
    t.is(block.header.height, asHeight(1));
    break;
  }
  await log[Symbol.asyncDispose]();
  t.is(await codeOf(directory), 'recovered');
});

test('sync is served from the disk as from memory', async (t) => {
  const life = new RealLife(await usedStore(t));
  await life.open();
  life.tell({ type: 'readRange', reader: 'sync', token: 1, fromHeight: asHeight(2), maxBlocks: 3, maxBytes: 10_000 });
  const read = await life.heard('blocksRead');
  await life.close();
  t.deepEqual(read.blocks, chain.slice(1, 4));
  t.deepEqual(read.certificate, certify(at(chain, 3)));
});

test('proofs of equivocation outlive the replica that holds them, and are read while it is stopped', async (t) => {
  const directory = await newStore(t);
  const proofs = [twoProposals(1, 3), twoVotes(2, 7)];
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { evidence: proofs.toReversed(), urgent: true });
  await t.throwsAsync(storedEvidence(directory, CLUSTER_ID), { code: 'STORE_LOCKED' });
  await life.close();
  t.deepEqual(
    (await storedEvidence(directory, CLUSTER_ID)).map(({ proof }) => proof),
    proofs,
  );
  const again = new RealLife(directory);
  const told = await again.open();
  await again.close();
  if (told.type !== 'recovered') return t.fail();
  t.deepEqual(told.store.evidence, proofs);
});

test('a store is not made with options that it has not, or that are none', (t) => {
  const right = { directory: 'd', clusterId: CLUSTER_ID, uncommittedMax: 10 };
  t.notThrows(() => levelStore({ ...right, durability: 'volatile' }));
  for (const [changes, message] of [
    [{ durability: 'x' }, "durability is \"x\"; it must be 'durable' or 'volatile'"],
    [{ directory: undefined }, 'directory is undefined; it must be the path of a directory, as a text'],
    [{ durabilty: 'durable' }, 'levelStore has no option durabilty. Did you mean durability?'],
  ] as const) {
    t.throws(() => levelStore({ ...right, ...changes } as never), { name: 'ConfigurationError', message });
  }
});
