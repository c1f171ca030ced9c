import { checkOptions } from '../config/check-options.js';
import { type OptionTable, oneOf, required, text, whole } from '../config/option-kinds.js';
import { invariant, OperationalError } from '../errors.js';
import type { CommittedLog } from '../protocol/committed-log.js';
import { asHeight } from '../protocol/numbers.js';
import type { Port, PortFactory } from '../runtime/behaviour.js';
import { plainBytes } from '../wire/schema.js';
import type { StoreContents, StoreEffect, StoreEntry, StoreMessage } from '../wire/store.js';
import {
  BLOCKS_END,
  blocksFrom,
  decodeTip,
  EVIDENCE_END,
  EVIDENCE_PREFIX,
  MACHINE_KEY,
  META_KEY,
  parseBlockKey,
  RECORD_KEY,
  TIP_KEY,
  WRITTEN_KEY,
} from '../wire/store-layout.js';
import { orphanedParts, partsOf, standsInParts, ValueJoiner, withParts, writeParts } from './block-parts.js';
import { committedLogOf } from './committed-log.js';
import { SlotFile } from './slot-file.js';
import { type Database, openDatabase, reasonOf } from './store-database.js';
import { checkVolatileMark, type Durability } from './volatile-mark.js';

type Effect<Type extends StoreEffect['type']> = Extract<StoreEffect, { type: Type }>;

/** The store of a running replica: the port of its storage actor, and its committed chain for the state machine. */
export interface LevelStore {
  readonly port: PortFactory<StoreEffect, StoreMessage>;
  /** The committed chain as of now. @throws OperationalError `STORE_CLOSED` while the store is not open. */
  committedLog(): Promise<CommittedLog>;
}

/** What `levelStore` takes. */
export interface LevelStoreOptions {
  /** The data directory that `createStore` made the store in. */
  readonly directory: string;
  readonly clusterId: string;
  /** Blocks above the last committed one that are read at opening at most; more is damage. */
  readonly uncommittedMax: number;
  /** `volatile`: no write is synced, and the directory is marked so that nobody opens it again. Default `durable`. */
  readonly durability?: Durability;
}

const LEVEL_STORE_TABLE: OptionTable<LevelStoreOptions> = {
  directory: required(text('the path of a directory')),
  clusterId: required(text('the id of a cluster')),
  uncommittedMax: required(whole(1, Number.MAX_SAFE_INTEGER)),
  durability: oneOf('durable', 'volatile'),
};

/**
 * Keeps a replica's store in LevelDB and in a two-slot file beside it.
 * @throws ConfigurationError for an option that there is not, or that is not what it must be.
 */
export function levelStore(options: LevelStoreOptions): LevelStore {
  checkOptions(LEVEL_STORE_TABLE, options, { call: 'levelStore' });
  let open: LevelStorePort | null = null;
  return {
    port: (deliver) => {
      invariant(open === null, 'a store has one port');
      open = new LevelStorePort(options, deliver);
      return open;
    },
    committedLog: () => {
      if (open === null) throw closed(options.directory);
      return open.committedLog();
    },
  };
}

class LevelStorePort implements Port<StoreEffect> {
  readonly #options: LevelStoreOptions;
  readonly #deliver: (message: StoreMessage) => boolean;
  readonly #running = new Set<Promise<void>>();
  readonly #values = new ValueJoiner();
  #writesRunning = 0;
  /** When the slot file was seen to have a name. */
  #namedAt = Number.NEGATIVE_INFINITY;
  /** Of the writes that are done while others beside them are not. */
  #answersKept: StoreMessage[] = [];
  #database: Database | null = null;
  #slots: SlotFile | null = null;
  /** Parts on the disk without their block. */
  #orphans: readonly string[] = [];
  #failed = false;
  #closing = false;

  constructor(options: LevelStoreOptions, deliver: (message: StoreMessage) => boolean) {
    this.#options = options;
    this.#deliver = deliver;
  }

  perform(effect: StoreEffect): void {
    if (this.#failed || this.#closing) return;
    const writes = effect.type === 'writeEntries' || effect.type === 'writeSlot';
    if (writes) this.#writesRunning += 1;
    const running = this.#carryOut(effect).then(
      (message) => (writes ? this.#tellWritten(message) : this.#tell(message)),
      (error: unknown) => this.#fail(effect.type, error),
    );
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#running);
    await this.#slots?.close();
    await this.#database?.close();
    this.#slots = null;
    this.#database = null;
  }

  async committedLog(): Promise<CommittedLog> {
    if (this.#database === null) throw closed(this.#options.directory);
    return committedLogOf(this.#database, this.#options.clusterId);
  }

  #carryOut(effect: StoreEffect): Promise<StoreMessage> {
    switch (effect.type) {
      case 'openStore':
        return this.#open();
      case 'writeEntries':
        return this.#writeEntries(effect);
      case 'writeSlot':
        return this.#writeSlot(effect);
      case 'readEntries':
        return this.#readEntries(effect);
      case 'scanRange':
        return this.#scanRange(effect);
    }
  }

  async #open(): Promise<StoreMessage> {
    const { directory, uncommittedMax, durability = 'durable' } = this.#options;
    this.#database = await openDatabase(directory);
    await checkVolatileMark(directory, durability);
    this.#slots = await SlotFile.open(directory, durability === 'durable' ? 'writeSynced' : 'write');
    const slots: StoreContents['slots'] = [await this.#slots.read(0), await this.#slots.read(1)];
    const { entries, orphans } = await readForRecovery(this.#database, uncommittedMax);
    this.#orphans = orphans;
    return { type: 'storeOpened', contents: { slots, entries } };
  }

  async #writeEntries({ token, entries, deletes }: Effect<'writeEntries'>): Promise<StoreMessage> {
    const database = this.#openDatabase();
    const options = { sync: this.#options.durability !== 'volatile' };
    // Not at opening, since a store that is refused stays as it is; and before a block may come again with its parts.
    if (this.#orphans.length > 0) await this.#dropOrphans(database);
    // A block that is given up before it was written leaves no parts that nobody would ever delete.
    const gone = new Set(deletes);
    const kept = deletes.length === 0 ? entries : entries.filter(({ key }) => !gone.has(key));
    if (kept.some(standsInParts)) await writeParts(database, kept, options);
    const parts = deletes.length === 0 ? [] : await partsOf(database, deletes);
    // Chained: a batch given as an array costs three times as much of this thread, in copies and look-ups an entry.
    const batch = database.batch();
    for (const entry of kept) batch.put(entry.key, this.#values.join(entry));
    for (const key of deletes) batch.del(key);
    for (const key of parts) batch.del(key);
    // Each batch is synced: the sync of a later log does not reach into an older log file.
    await batch.write(options);
    return { type: 'entriesWritten', token };
  }

  async #dropOrphans(database: Database): Promise<void> {
    await database.batch(this.#orphans.map((key) => ({ type: 'del', key })));
    this.#orphans = [];
  }

  async #writeSlot({ token, slot, bytes }: Effect<'writeSlot'>): Promise<StoreMessage> {
    if (this.#slots === null) throw closed(this.#options.directory);
    await this.#slots.write(slot, bytes);
    await this.#requireName(this.#slots);
    return { type: 'slotWritten', token };
  }

  /** Asked once a second at most. What was signed on a store that somebody deletes would be forgotten with this process. */
  async #requireName(slots: SlotFile): Promise<void> {
    const now = performance.now();
    if (now - this.#namedAt < NAME_CHECK_MS) return;
    this.#namedAt = now;
    if (!(await slots.isDeleted())) return;
    const { directory } = this.#options;
    const detail = `The store in ${directory} was deleted while the replica ran. ${DELETED_ADVICE}`;
    throw new OperationalError('STORE_DELETED', detail, { directory });
  }

  async #readEntries({ token, keys }: Effect<'readEntries'>): Promise<StoreMessage> {
    const database = this.#openDatabase();
    const values: (Uint8Array | null)[] = [];
    for (const [index, value] of (await database.getMany([...keys])).entries()) {
      values.push(value === undefined ? null : await withParts(database, keys[index] as string, value));
    }
    return { type: 'entriesRead', token, values };
  }

  async #scanRange({ token, from, to, limit, maxBytes }: Effect<'scanRange'>): Promise<StoreMessage> {
    const values: Uint8Array[] = [];
    let bytes = 0;
    // No filling of the cache: whoever catches up reads everything once.
    const database = this.#openDatabase();
    for await (const [key, entry] of database.iterator({ gte: from, lt: to, limit, fillCache: false })) {
      const value = await withParts(database, key, entry);
      values.push(value);
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return { type: 'rangeScanned', token, values };
  }

  #openDatabase(): Database {
    if (this.#database === null) throw closed(this.#options.directory);
    return this.#database;
  }

  /** Writes beside each other are answered together: whoever waits needs them all, and is woken once. */
  #tellWritten(message: StoreMessage): void {
    this.#writesRunning -= 1;
    this.#answersKept.push(message);
    if (this.#writesRunning > 0) return;
    const answers = this.#answersKept;
    this.#answersKept = [];
    for (const answer of answers) this.#tell(answer);
  }

  #tell(message: StoreMessage): void {
    if (!this.#failed) this.#deliver(message);
  }

  /** After a failed sync nobody knows what is on the disk: no write is tried again, no answer follows. */
  #fail(doing: StoreEffect['type'], error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const known = error instanceof OperationalError;
    const failure = FAILURES[doing];
    const code = known ? error.code : failure.code;
    const found = `The store in ${this.#options.directory} cannot be ${failure.what}`;
    const detail = known ? error.message : `${found}: ${describe(error)}. ${failure.advice}`;
    this.#deliver({ type: 'storeFailed', code, detail });
  }
}

const NAME_CHECK_MS = 1000;
const DELETED_ADVICE = 'Put the directory back as it was, or count the replica as one that lost its disk.';

const WRITING = {
  code: 'STORE_WRITE_FAILED',
  what: 'written',
  advice: 'Make room or mend the disk, then start the replica again.',
} as const;
const READING = {
  code: 'STORE_READ_FAILED',
  what: 'read',
  advice: 'Look at the disk, then start the replica again.',
} as const;
const FAILURES: Record<StoreEffect['type'], { readonly code: string; readonly what: string; readonly advice: string }> =
  {
    openStore: {
      code: 'STORE_UNREADABLE',
      what: 'opened',
      advice: 'The replica needs all its files as it left them, and the right to read and write them.',
    },
    writeEntries: WRITING,
    writeSlot: WRITING,
    readEntries: READING,
    scanRange: READING,
  };

function describe(error: unknown): string {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause === undefined ? reasonOf(error) : `${reasonOf(error)} (${reasonOf(cause)})`;
}

function closed(directory: string): OperationalError {
  return new OperationalError('STORE_CLOSED', `The store in ${directory} is not open.`, { directory });
}

interface ReadForRecovery {
  readonly entries: readonly StoreEntry[];
  /** Keys of parts without their block. */
  readonly orphans: readonly string[];
}

/** The single entries, proofs of equivocation, the last committed block, and everything above it. */
async function readForRecovery(database: Database, uncommittedMax: number): Promise<ReadForRecovery> {
  const keys = [META_KEY, WRITTEN_KEY, RECORD_KEY, MACHINE_KEY, TIP_KEY];
  const values = await database.getMany(keys);
  const entries: StoreEntry[] = [];
  for (const [index, value] of values.entries()) {
    if (value !== undefined) entries.push({ key: keys[index] as string, value: plainBytes(value) });
  }
  const tip = entries.find((entry) => entry.key === TIP_KEY);
  const place = tip === undefined ? { height: asHeight(0) } : decodeTip(tip.value);
  for await (const [key, value] of database.iterator({ gte: EVIDENCE_PREFIX, lt: EVIDENCE_END })) {
    entries.push({ key, value: plainBytes(value) });
  }
  if (place === null) return { entries, orphans: [] };
  const above = { gte: blocksFrom(place.height), lt: BLOCKS_END, limit: uncommittedMax + 2 };
  let blocks = 0;
  const held = new Set<string>();
  for await (const [key, value] of database.iterator(above)) {
    if (parseBlockKey(key) !== null) entries.push({ key, value: await withParts(database, key, value) });
    held.add(key);
    blocks += 1;
  }
  if (blocks <= uncommittedMax + 1) {
    return { entries, orphans: await orphanedParts(database, place.height, held) };
  }
  const found = `The store has more than ${uncommittedMax} blocks above the last committed one, at height ${place.height}`;
  throw new OperationalError('STORE_DAMAGED', `${found}. Put the data directory back as it was.`);
}
