import test, { type ExecutionContext } from 'ava';
import { Level } from 'level';
import { openCommittedLog } from '../../src/adapters/committed-log.js';
import { type Database, openDatabase } from '../../src/adapters/store-database.js';
import { equalBytes } from '../../src/crypto/hash.js';
import { asHeight } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { encodeStoredBlock } from '../../src/wire/block.js';
import { blockKey, hashKey, placeOf, STORED_PART_BYTES } from '../../src/wire/store-layout.js';
import { APART_BYTES } from '../../src/wire/stored-block.js';
import { at, CLUSTER_ID, chainOf, childOf, GENESIS, recordOf } from '../support/chain.js';
import { newStore, RealLife } from '../support/real-store.js';

/** A body of so many bytes, no two parts of which are alike. */
function bodyOf(length: number): Uint8Array {
  const body = new Uint8Array(length);
  for (let start = 0; start < length; start += STORED_PART_BYTES) {
    body.fill(1 + start / STORED_PART_BYTES, start, start + STORED_PART_BYTES);
  }
  return body;
}

const whole = childOf(GENESIS, { body: bodyOf(STORED_PART_BYTES) });
const inTwo = childOf(whole, { body: bodyOf(STORED_PART_BYTES + 1) });
const inThree = childOf(inTwo, { body: bodyOf(3 * STORED_PART_BYTES) });
const chain = [whole, inTwo, inThree, ...chainOf(3, inThree)];

async function keysOf(database: Database, prefix: string): Promise<readonly string[]> {
  return database.keys({ gte: prefix, lt: `${prefix}~` }).all();
}

/** Blocks bear the hashes of their bodies, and are decoded with them; to compare the bodies again takes minutes where they differ. */
const namesOf = (blocks: readonly Block[]) => blocks.map(({ hash, body }) => ({ hash, bytes: body.length }));

/** What a stopped store has under keys that begin so. */
async function onDisk(directory: string, prefix: string): Promise<readonly string[]> {
  const database = await openDatabase(directory);
  const keys = await keysOf(database, prefix);
  await database.close();
  return keys;
}

const partOf = (block: Block, index: number): string =>
  `${blockKey(placeOf(block)).replace('block/', 'part/')}/000${index}`;

/** A store with the three large blocks committed; closed. */
async function usedStore(t: ExecutionContext): Promise<string> {
  const directory = await newStore(t);
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: chain });
  await life.persist(2, { safety: recordOf(2, 64, at(chain, 4)), committed: chain.slice(0, 3).map(placeOf) });
  await life.close();
  return directory;
}

/** Opens the store, closes it, and says what storage told first. */
async function outcomeOf(directory: string) {
  const life = new RealLife(directory);
  const told = await life.open();
  await life.close();
  return told;
}

async function uncommittedIn(directory: string) {
  const told = await outcomeOf(directory);
  return told.type === 'recovered' ? namesOf(told.store.uncommitted) : told.detail;
}

test('a body of one part stands in its block, one byte more makes two parts', async (t) => {
  const keys = await onDisk(await usedStore(t), 'part/');
  t.deepEqual(keys, [partOf(inTwo, 0), partOf(inTwo, 1), ...[0, 1, 2].map((index) => partOf(inThree, index))]);
});

test('bodies that stand in their blocks are joined to them each as it is, whatever was joined before', async (t) => {
  const directory = await newStore(t);
  const sizes = [STORED_PART_BYTES, APART_BYTES, APART_BYTES - 1, STORED_PART_BYTES - 7, 0];
  const blocks: Block[] = [];
  for (const [index, length] of sizes.entries())
    blocks.push(childOf(blocks.at(-1) ?? GENESIS, { body: new Uint8Array(length).fill(index + 1) }));
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks });
  await life.close();
  const database = await openDatabase(directory);
  const stored = await database.getMany(blocks.map((block) => blockKey(placeOf(block))));
  await database.close();
  for (const [index, block] of blocks.entries())
    t.true(equalBytes(stored[index] ?? new Uint8Array(0), encodeStoredBlock(block)), `${sizes[index]} bytes`);
  t.deepEqual(await onDisk(directory, 'part/'), []);
  t.deepEqual(await uncommittedIn(directory), namesOf(blocks));
});

test('a body in parts is whole again for a restart, the committed log and sync', async (t) => {
  const directory = await usedStore(t);
  await using log = await openCommittedLog(directory, CLUSTER_ID);
  const blocks = [];
  for await (const block of log.blocks(asHeight(1))) blocks.push(block);
  t.deepEqual(namesOf(blocks), namesOf(chain.slice(0, 3)));
  t.is((await log.loadBlock(inThree.hash))?.hash, inThree.hash);
  await log[Symbol.asyncDispose]();

  const life = new RealLife(directory);
  const recovered = await life.open();
  t.is(recovered.type === 'recovered' ? recovered.store.committed.hash : recovered.detail, inThree.hash);
  const range = { fromHeight: asHeight(1), maxBlocks: 10, maxBytes: 100 * STORED_PART_BYTES };
  life.tell({ type: 'readRange', reader: 'sync', token: 1, ...range });
  const { blocks: served } = await life.heard('blocksRead');
  t.deepEqual(namesOf(served), namesOf(chain.slice(0, 3)));
  await life.close();
});

test('uncommitted bodies in parts are recovered', async (t) => {
  const directory = await newStore(t);
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: chain });
  await life.close();
  t.deepEqual(await uncommittedIn(directory), namesOf(chain));
});

test('every part is synced before its block is written, and no two are under way at once', async (t) => {
  const directory = await newStore(t);
  const life = new RealLife(directory);
  await life.open();
  const steps: string[] = [];
  const { put, batch } = Level.prototype;
  t.teardown(() => Object.assign(Level.prototype, { put, batch }));
  Level.prototype.put = async function (this: Database, key: string, ...rest: unknown[]) {
    const ours = this.location.startsWith(directory);
    if (ours) steps.push(`${key.slice(-4)} ${JSON.stringify(rest[1])}`);
    await Reflect.apply(put, this, [key, ...rest]);
    if (ours) steps.push('done');
  } as typeof put;
  Level.prototype.batch = function (this: Database, ...args: unknown[]) {
    if (this.location.startsWith(directory)) steps.push('batch');
    return Reflect.apply(batch, this, args);
  } as typeof batch;
  await life.persist(1, { safety: recordOf(1, 64), blocks: [whole, inTwo] });
  t.deepEqual(steps, ['0000 {"sync":true}', 'done', '0001 {"sync":true}', 'done', 'batch']);
  await life.close();
});

test('a block that is given up takes its parts along, and no other part', async (t) => {
  const directory = await newStore(t);
  const fork = childOf(GENESIS, { view: 30, body: bodyOf(2 * STORED_PART_BYTES) });
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: [fork, ...chain] });
  await life.persist(2, { safety: recordOf(2, 64, at(chain, 3)), committed: [placeOf(whole)], abandoned: [fork.hash] });
  await life.close();
  const kept = await onDisk(directory, 'part/');
  t.deepEqual(
    new Set(kept),
    new Set([0, 1].map((i) => partOf(inTwo, i)).concat([0, 1, 2].map((i) => partOf(inThree, i)))),
  );
});

test('a block that is given up in the batch that would have written it leaves no part', async (t) => {
  const directory = await newStore(t);
  const fork = childOf(GENESIS, { view: 30, body: bodyOf(2 * STORED_PART_BYTES) });
  const life = new RealLife(directory);
  await life.open();
  // The second and third wait for the first, and make up one batch.
  const first = life.persist(1, { safety: recordOf(1, 64), blocks: [whole] });
  const second = life.persist(2, { safety: recordOf(2, 64), blocks: [fork] });
  await Promise.all([first, second, life.persist(3, { safety: recordOf(3, 64), abandoned: [fork.hash] })]);
  await life.close();
  t.deepEqual(await onDisk(directory, 'part/'), []);
  t.deepEqual(await uncommittedIn(directory), namesOf([whole]));
});

/** A store as a crash between the parts of `inTwo` and its block leaves it. */
async function withOrphans(t: ExecutionContext): Promise<string> {
  const directory = await newStore(t);
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: [whole, inTwo] });
  await life.close();
  const database = await openDatabase(directory);
  await database.batch([
    { type: 'del', key: blockKey(placeOf(inTwo)) },
    { type: 'del', key: hashKey(inTwo.hash) },
  ]);
  await database.close();
  return directory;
}

test('a block whose parts alone a crash has left is not there, and its parts go with the next write', async (t) => {
  const directory = await withOrphans(t);
  t.deepEqual(await uncommittedIn(directory), namesOf([whole]));
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64) });
  await life.close();
  t.deepEqual(await onDisk(directory, 'part/'), []);
});

test('a block that comes again after a crash has left its parts is whole', async (t) => {
  const directory = await withOrphans(t);
  const life = new RealLife(directory);
  await life.open();
  await life.persist(1, { safety: recordOf(1, 64), blocks: [inTwo] });
  await life.close();
  t.deepEqual(await uncommittedIn(directory), namesOf([whole, inTwo]));
});

test('a part that is missing, short, long or changed is damage', async (t) => {
  const part = bodyOf(STORED_PART_BYTES);
  const spoilt = [null, part.subarray(1), new Uint8Array(STORED_PART_BYTES + 1), part.with(5, 99)];
  for (const value of spoilt) {
    const directory = await usedStore(t);
    const database = await openDatabase(directory);
    if (value === null) await database.del(partOf(inThree, 0));
    else await database.put(partOf(inThree, 0), value);
    await database.close();
    const told = await outcomeOf(directory);
    t.is(told.type === 'recovered' ? told.type : told.code, 'STORE_DAMAGED');
  }
});
