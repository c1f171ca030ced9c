/** LevelDB ends the process over some damage of its tables: it is found before LevelDB sees it. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { crc32c } from '../../src/adapters/crc32c.js';
import { createStore } from '../../src/adapters/create-store.js';
import { tablesOf } from '../../src/adapters/level-manifest.js';
import { tableDamage } from '../../src/adapters/level-table.js';
import { DATABASE_DIRECTORY, databaseAt, openDatabase } from '../../src/adapters/store-database.js';
import { OperationalError } from '../../src/errors.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { CLUSTER_ID } from '../support/chain.js';

const ENTRIES = 120;
const contentOf = (index: number): Uint8Array => new Uint8Array(60).fill(index);

async function scratch(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hotstuff tables '));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A closed store with two tables, one of them of several blocks. */
async function storeWithTables(t: ExecutionContext): Promise<string> {
  const directory = await scratch(t);
  await createStore(directory, { clusterId: CLUSTER_ID, replica: asReplicaId(0) });
  const database = databaseAt(directory);
  await database.open({ createIfMissing: false });
  for (let index = 0; index < ENTRIES; index += 1) await database.put(`entry ${index}`, contentOf(index));
  await database.close();
  await (await openDatabase(directory)).close();
  return directory;
}

const databaseOf = (directory: string): string => join(directory, DATABASE_DIRECTORY);
const filesOf = async (directory: string, ending: RegExp): Promise<readonly string[]> =>
  (await readdir(databaseOf(directory)))
    .filter((name) => ending.test(name))
    .map((name) => join(databaseOf(directory), name));

/** What becomes of a store: the code of its refusal, or how many entries it gives back. */
async function fateOf(directory: string): Promise<string | number> {
  try {
    await using database = await openDatabase(directory);
    let found = 0;
    for (let index = 0; index < ENTRIES; index += 1) {
      const value = await database.get(`entry ${index}`);
      if (value !== undefined && Buffer.compare(value, contentOf(index)) === 0) found += 1;
    }
    return found;
  } catch (error) {
    return error instanceof OperationalError ? error.code : `${error}`;
  }
}

test('the checksum is that of RFC 3720, from whatever byte and of whatever length', (t) => {
  t.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.is(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  t.is(crc32c(new TextEncoder().encode('xx123456789x'), 2, 11), 0xe3069283);
  t.is(crc32c(new Uint8Array()), 0);
});

test('a whole table is whole; with any byte flipped but the padding of its footer, or cut anywhere, it is not', async (t) => {
  const directory = await storeWithTables(t);
  const paths = await filesOf(directory, /\.ldb$/);
  t.true(paths.length >= 2);
  for (const path of paths) {
    const table = await readFile(path);
    t.is(tableDamage(table), null);
    const unnoticed: number[] = [];
    for (let offset = 0; offset < table.length; offset += 1) {
      table.writeUInt8((table.readUInt8(offset) ^ (1 << (offset % 8))) & 255, offset);
      if (tableDamage(table) === null) unnoticed.push(offset - table.length);
      table.writeUInt8((table.readUInt8(offset) ^ (1 << (offset % 8))) & 255, offset);
    }
    // Two handles of two to ten bytes each, and eight of the magic number, are no padding.
    t.true(
      unnoticed.every((fromEnd) => fromEnd >= -44 && fromEnd < -8),
      unnoticed.join(),
    );
    for (let length = 0; length < table.length; length += 1) {
      if (tableDamage(table.subarray(0, length)) === null) t.fail(`whole with ${length} of ${table.length} bytes`);
    }
  }
});

test('a table whose footer points past its data is not whole, though every checksum that it leads to is right', async (t) => {
  const [path = ''] = await filesOf(await storeWithTables(t), /\.ldb$/);
  const table = await readFile(path);
  const footer = table.length - 48;
  // The handle of the index of filters, two numbers that each end with a byte below 128, in place of that of the data.
  let end = footer;
  for (let numbers = 0; numbers < 2; end += 1) if (table.readUInt8(end) < 128) numbers += 1;
  table.copy(table, end, footer, end);
  t.is(tableDamage(table), 'there is no block at 0');
});

test('the tables that the MANIFEST names are those that are there, and with any byte of it flipped it names no other', async (t) => {
  const directory = await storeWithTables(t);
  const [path = ''] = await filesOf(directory, /MANIFEST/);
  const manifest = await readFile(path);
  const there = (await filesOf(directory, /\.ldb$/)).map((file) => Number.parseInt(file.slice(-10), 10));
  const numbers = [...tablesOf(manifest).keys()];
  t.deepEqual(numbers.toSorted(), there.toSorted());
  for (let offset = 0; offset < manifest.length; offset += 1) {
    manifest.writeUInt8(manifest.readUInt8(offset) ^ 64, offset);
    t.true(
      [...tablesOf(manifest).keys()].every((number) => numbers.includes(number)),
      `${offset}`,
    );
    manifest.writeUInt8(manifest.readUInt8(offset) ^ 64, offset);
  }
});

test('a store with a flipped byte in a table, MANIFEST or CURRENT is refused by name or gives back everything', async (t) => {
  const source = await storeWithTables(t);
  t.is(await fateOf(source), ENTRIES);
  const fates = new Map<string | number, number>();
  for (const path of await filesOf(source, /\.ldb$|MANIFEST|CURRENT/)) {
    const bytes = await readFile(path);
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let offset = 0; offset < bytes.length; offset += step) {
      const directory = await scratch(t);
      await cp(source, directory, { recursive: true });
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(offset) ^ (1 << (offset % 8)), offset);
      await writeFile(path.replace(source, directory), flipped);
      const fate = await fateOf(directory);
      fates.set(fate, (fates.get(fate) ?? 0) + 1);
      const right = fate === ENTRIES || (typeof fate === 'string' && fate.startsWith('STORE_'));
      t.true(right, `${path} at ${offset}: ${fate}`);
      if (path.endsWith('.ldb') && offset < bytes.length - 48) t.is(fate, 'STORE_DAMAGED');
      await rm(directory, { recursive: true, force: true });
    }
  }
  t.true((fates.get('STORE_DAMAGED') ?? 0) > 50, JSON.stringify([...fates]));
});

test('a table that a crash left half written, and that nothing names, is no damage', async (t) => {
  const directory = await storeWithTables(t);
  const [path = ''] = await filesOf(directory, /\.ldb$/);
  await writeFile(path.replace(/\d+\.ldb$/, '009999.ldb'), (await readFile(path)).subarray(0, 100));
  t.is(await fateOf(directory), ENTRIES);
});
