import fc from 'fast-check';
import { asReplicaId, asView, type BlockHash } from '../../../src/protocol/numbers.js';
import type { Block, SafetyRecord } from '../../../src/protocol/types.js';
import { encodeStoredBlock } from '../../../src/wire/block.js';
import { encodeSafetyCopy } from '../../../src/wire/safety-copy.js';
import { blockKey, encodeCount, encodeTip, placeOf } from '../../../src/wire/store-layout.js';
import { at, CLUSTER_ID, chainOf, childOf, GENESIS, recordOf } from '../../support/chain.js';
import { FakeDisk, StorageLife } from '../../support/fake-store.js';
import { onBothHosts as test } from '../../support/hosts.js';

const chain = chainOf(8);
const RECORD = recordOf(3, 64, at(chain, 5));

/** Two batches of blocks, five committed; the high QC certifies the sixth of eight. */
function usedDisk(): FakeDisk {
  const disk = new FakeDisk();
  const life = new StorageLife(disk).open().persist(1, { safety: recordOf(1, 64), blocks: chain.slice(0, 5) });
  life.persist(2, { safety: recordOf(2, 64, at(chain, 3)), blocks: chain.slice(5) }).doAll();
  life.persist(3, { safety: RECORD, committed: chain.slice(0, 5).map(placeOf) }).doAll();
  return disk;
}

function opened(disk: FakeDisk) {
  const life = new StorageLife(disk).open();
  const failure = life.told('operationFailed')[0];
  return {
    store: life.told('recovered')[0]?.store ?? null,
    code: failure?.code ?? null,
    detail: failure?.detail ?? '',
  };
}

/** A copy of a record as it stands in either place. */
function copyOf(record: SafetyRecord | null, batch: number, replica = 0, clusterId = CLUSTER_ID): Uint8Array {
  return encodeSafetyCopy({ identity: { clusterId, replica: asReplicaId(replica) }, batch, record });
}

function flip(bytes: Uint8Array | null | undefined): Uint8Array {
  const flipped = Uint8Array.from(bytes ?? []);
  const middle = flipped.length >> 1;
  flipped[middle] = (flipped[middle] ?? 0) ^ 1;
  return flipped;
}

const keyOf = (index: number) => blockKey(placeOf(at(chain, index)));

test('a whole store gives back the record, the last committed block and what stands above it', (t) => {
  t.deepEqual(opened(usedDisk()).store, {
    record: RECORD,
    committed: at(chain, 4),
    uncommitted: chain.slice(5),
    evidence: [],
  });
});

test('any two copies of the record are enough, one is not', (t) => {
  const disk = usedDisk();
  const copy = copyOf(RECORD, 3);
  for (let kept = 0; kept < 8; kept++) {
    disk.slots[0] = (kept & 1) > 0 ? copy : flip(copy);
    disk.slots[1] = (kept & 2) > 0 ? copy : null;
    disk.entries.set('record', (kept & 4) > 0 ? copy : flip(copy));
    const enough = [3, 5, 6, 7].includes(kept);
    const { store, code } = opened({ ...disk, contents: disk.contents.bind(disk) });
    t.deepEqual([store?.record ?? null, code], enough ? [RECORD, null] : [null, 'SAFETY_RECORD_LOST'], `${kept}`);
  }
});

test('without a readable copy of the record the replica does not sign', (t) => {
  const disk = usedDisk();
  disk.slots[0] = flip(disk.slots[0]);
  disk.slots[1] = null;
  disk.entries.set('record', flip(disk.entries.get('record')));
  const { store, code, detail } = opened(disk);
  t.is(store, null);
  t.is(code, 'SAFETY_RECORD_LOST');
  t.regex(detail, /never start it on an older copy/);
});

test('without a readable copy a replica that has committed nothing does not sign either', (t) => {
  const disk = new FakeDisk();
  new StorageLife(disk)
    .open()
    .persist(1, { safety: recordOf(1, 64), blocks: chain.slice(0, 2) })
    .doAll();
  for (const slot of [0, 1] as const) disk.slots[slot] = flip(disk.slots[slot]);
  disk.entries.set('record', flip(disk.entries.get('record')));
  t.is(opened(disk).code, 'SAFETY_RECORD_LOST');
});

test('a torn or flipped copy is never taken for a record', (t) => {
  const whole = copyOf(RECORD, 2);
  const neverTaken = fc.property(fc.nat(whole.length - 1), fc.nat(7), fc.boolean(), (position, bit, tear) => {
    const disk = usedDisk();
    const bad = tear ? whole.slice(0, position) : Uint8Array.from(whole);
    if (!tear) bad[position] = (bad[position] ?? 0) ^ (1 << bit);
    disk.slots[0] = bad;
    disk.slots[1] = null;
    disk.entries.set('record', bad);
    const { store, code } = opened(disk);
    return store === null && code === 'SAFETY_RECORD_LOST';
  });
  t.notThrows(() => fc.assert(neverTaken));
});

test('the strongest of the copies counts, field by field', (t) => {
  const disk = usedDisk();
  disk.slots[0] = copyOf({ ...RECORD, number: 2, bound: asView(500) }, 2);
  disk.slots[1] = copyOf({ ...RECORD, number: 9, bound: asView(7) }, 2);
  t.like(opened(disk).store?.record, { number: 9, bound: asView(500), highQc: RECORD.highQc });
});

test('a slot ahead of the database by the last batch loses a high QC whose block is not held, but no bound', (t) => {
  const disk = usedDisk();
  const torn = copyOf(recordOf(4, 128, childOf(at(chain, 7))), 4);
  disk.slots[1] = torn;
  t.like(opened(disk).store?.record, { number: 4, bound: asView(128), highQc: RECORD.highQc });
});

test('a crash in the middle of repairing a store spoils nothing, wherever it comes', (t) => {
  for (let done = 0; done <= 3; done++) {
    for (const tear of [false, true]) {
      const disk = usedDisk();
      disk.slots[1] = copyOf(recordOf(4, 128, childOf(at(chain, 7))), 4);
      const life = new StorageLife(disk).tell({ type: 'openStore' }).do('openStore');
      for (let step = 0; step < done; step++) life.doNext();
      t.is(life.told('recovered').length, done === 3 ? 1 : 0, 'nobody hears of the store before it is sealed');
      if (tear) life.tear();
      const again = new StorageLife(disk).open();
      const store = again.told('recovered')[0]?.store;
      t.like(store?.record, { number: 4, bound: asView(128), highQc: RECORD.highQc }, `${done} ${tear}`);
    }
  }
});

test('a copy that was repaired is logged, once', (t) => {
  const disk = usedDisk();
  disk.slots[0] = flip(disk.slots[0]);
  t.deepEqual(new StorageLife(disk).open().warnings, ['safetyRecordRepaired: slot 0 of safety-record was unreadable']);
  t.deepEqual(new StorageLife(disk).open().warnings, []);
  t.deepEqual(new StorageLife(new FakeDisk()).open().warnings, []);
});

test('a store that was stopped in order is opened without a write', (t) => {
  const disk = usedDisk();
  new StorageLife(disk).open().tell({ type: 'stopRequested' }).doAll();
  const life = new StorageLife(disk).tell({ type: 'openStore' }).do('openStore');
  t.deepEqual(life.asked, []);
  t.is(life.told('recovered').length, 1);
});

test('after a stop in order the loss of the last batch is noticed, whatever was in it', (t) => {
  for (const last of [{ safety: recordOf(4, 65) }, { blocks: [childOf(at(chain, 7))] }]) {
    const disk = usedDisk();
    const life = new StorageLife(disk).open().persist(1, last);
    const before = new Map(disk.entries);
    life.tell({ type: 'stopRequested' }).doAll();
    t.is(opened(disk).code, null);
    disk.entries.clear();
    for (const [key, value] of before) disk.entries.set(key, value);
    t.is(opened(disk).code, 'STORE_LOST_WRITES');
  }
});

test('a store without a seal that lost exactly its last batch is as after a crash: the bound stays', (t) => {
  const disk = usedDisk();
  const life = new StorageLife(disk).open();
  const before = new Map(disk.entries);
  life.persist(1, { safety: recordOf(4, 200, at(chain, 7)) }).doAll();
  for (const [key, value] of before) disk.entries.set(key, value);
  const again = new StorageLife(disk).open();
  t.like(again.told('recovered')[0]?.store.record, { number: 4, bound: asView(200) });
  t.deepEqual(again.warnings, ['safetyRecordRepaired: the database was one batch behind']);
});

test('a high QC that was durable, but whose block or an ancestor of it is on no disk, is refused', (t) => {
  const ahead = usedDisk();
  // the database has this batch: whatever the certificate is of was in it
  ahead.slots[1] = copyOf(recordOf(4, 128, childOf(at(chain, 7))), 3);
  ahead.entries.delete('record');
  ahead.slots[0] = copyOf(recordOf(2, 64, GENESIS), 2);
  t.is(opened(ahead).code, 'HIGH_QC_BLOCK_LOST');
  const lost = usedDisk();
  lost.entries.delete(keyOf(5));
  t.is(opened(lost).code, 'HIGH_QC_BLOCK_LOST');
  const ancestor = usedDisk();
  new StorageLife(ancestor)
    .open()
    .persist(1, { safety: recordOf(4, 64, at(chain, 7)) })
    .doAll();
  t.is(opened(ancestor).code, null);
  ancestor.entries.delete(keyOf(6));
  t.is(opened(ancestor).code, 'HIGH_QC_BLOCK_LOST');
});

test('a commit that reached the disk before the record of its certificates is taken over', (t) => {
  const disk = usedDisk();
  disk.slots[0] = copyOf(recordOf(2, 64, GENESIS), 2);
  disk.slots[1] = null;
  disk.entries.set('record', copyOf(recordOf(2, 64, GENESIS), 2));
  t.is(opened(disk).store?.record?.highQc.block, at(chain, 6).hash);
});

test('a database that lost the batches before the newest record is refused', (t) => {
  const disk = usedDisk();
  // as after the loss of the end of LevelDB's log: the slots are of later batches
  disk.slots[1] = copyOf(RECORD, 9);
  t.is(opened(disk).code, 'STORE_LOST_WRITES');
  disk.entries.set('written', encodeCount(7));
  t.is(opened(disk).code, 'STORE_LOST_WRITES');
  disk.entries.set('written', encodeCount(8));
  t.is(opened(disk).code, null);
});

const contradictions: Record<string, (disk: FakeDisk) => void> = {
  'no owner': (disk) => disk.entries.delete('meta'),
  'no count of batches': (disk) => disk.entries.delete('written'),
  'an unreadable count of batches': (disk) => disk.entries.set('written', new Uint8Array(3)),
  'an unreadable tip': (disk) => disk.entries.set('tip', new Uint8Array(3)),
  'no last committed block': (disk) => disk.entries.delete(keyOf(4)),
  'an unreadable last committed block': (disk) => disk.entries.set(keyOf(4), flip(disk.entries.get(keyOf(4)))),
  'an unreadable uncommitted block': (disk) => disk.entries.set(keyOf(6), new Uint8Array(1)),
  'another block under the name of one': (disk) => disk.entries.set(keyOf(6), encodeStoredBlock(at(chain, 7))),
  'a block under the name of its sibling': (disk) =>
    disk.entries.set(keyOf(6), encodeStoredBlock(childOf(at(chain, 5), { view: 50 }))),
  'no certificate for the last committed block': (disk) => {
    for (const index of [5, 6, 7]) disk.entries.delete(keyOf(index));
    const overtaken = copyOf(recordOf(3, 64, at(chain, 3)), 2);
    disk.slots[0] = overtaken;
    disk.slots[1] = overtaken;
    disk.entries.set('record', overtaken);
  },
};

for (const [name, damage] of Object.entries(contradictions)) {
  test(`a store with ${name} is refused, with advice`, (t) => {
    const disk = usedDisk();
    damage(disk);
    const { store, code, detail } = opened(disk);
    t.is(store, null);
    t.is(code, 'STORE_DAMAGED');
    t.regex(detail, /Put the data directory back/);
  });
}

test('commits without any record ever written are refused', (t) => {
  const disk = new FakeDisk();
  disk.entries.set(keyOf(0), encodeStoredBlock(at(chain, 0)));
  disk.entries.set('tip', encodeTip(placeOf(at(chain, 0))));
  t.is(opened(disk).code, 'SAFETY_RECORD_LOST');
});

test('a store of another cluster, another replica or another schema is refused by name', (t) => {
  const other = 'cd'.repeat(32);
  t.is(opened(new FakeDisk({ clusterId: other, replica: asReplicaId(0) })).code, 'STORE_OF_ANOTHER_CLUSTER');
  t.is(opened(new FakeDisk({ clusterId: CLUSTER_ID, replica: asReplicaId(3) })).code, 'STORE_OF_ANOTHER_REPLICA');
  const foreignSlots = usedDisk();
  foreignSlots.slots[0] = copyOf(RECORD, 2, 3);
  t.is(opened(foreignSlots).code, 'STORE_OF_ANOTHER_REPLICA');
  foreignSlots.slots[0] = copyOf(RECORD, 2, 0, other);
  t.is(opened(foreignSlots).code, 'STORE_OF_ANOTHER_CLUSTER');
  const newer = usedDisk();
  newer.entries.set('meta', new TextEncoder().encode(JSON.stringify({ schema: 4, clusterId: CLUSTER_ID, replica: 0 })));
  const { code, detail } = opened(newer);
  t.is(code, 'STORE_SCHEMA_UNKNOWN');
  t.regex(detail, /schema 4/);
});

type Step = 'persist' | 'writeEntries' | 'writeSlot' | 'flush' | 'crash' | 'tear' | 'stop';

/** A consensus that proposes, certifies and commits on one disk, dying now and then. */
class Lives {
  readonly disk = new FakeDisk();
  life = new StorageLife(this.disk).open();
  /** The strongest record that was reported durable in any life. */
  promised: SafetyRecord | null = null;
  problem: string | null = null;
  /** Committed blocks, then uncommitted ones. */
  #chain: Block[] = [GENESIS];
  #committed = 0;
  #number = 0;
  #view = 0;
  /** What each request of this life promises, by number. */
  #requests: (SafetyRecord | null)[] = [];

  do(step: Step): void {
    if (step === 'persist') this.#propose();
    else if (step === 'flush') this.life.tell({ type: 'flushTimerExpired' });
    else if (step === 'crash') this.#crash();
    else if (step === 'tear') this.#crash(true);
    else if (step === 'stop') this.#stop();
    else if (this.life.asked.some(({ type }) => type === step)) this.life.do(step);
    const durable = this.life.durable.at(-1);
    if (durable !== undefined) this.promised = this.#requests[durable - 1] ?? this.promised;
  }

  /** Blocks differ in every life: what a crash took is not proposed again. */
  #propose(): void {
    this.#number += 1;
    this.#view += 1;
    const parent = at(this.#chain, -1);
    const block = childOf(parent, { view: this.#view });
    this.#chain.push(block);
    const upTo = Math.max(this.#committed, this.#chain.length - 4);
    const committed = this.#chain.slice(this.#committed + 1, upTo + 1).map(placeOf);
    this.#committed = upTo;
    const safety = recordOf(this.#number, this.#view * 2, parent);
    // every third request is of blocks alone
    const record = this.#number % 3 === 0 ? null : safety;
    this.#requests.push(record ?? this.#requests.at(-1) ?? this.promised);
    this.life.persist(this.#requests.length, { safety: record, blocks: [block], committed });
  }

  #stop(): void {
    this.life.tell({ type: 'stopRequested' }).doAll();
    this.promised = this.#requests.at(-1) ?? this.promised;
    this.#crash();
  }

  /** The next life may end in the middle of repairing what this one has left. */
  #crash(torn = false): void {
    if (torn) this.life.tear();
    const short = new StorageLife(this.disk).tell({ type: 'openStore' }).do('openStore');
    for (let step = this.#view % 4; step > 0; step--) short.doNext();
    if (torn) short.tear();
    this.life = new StorageLife(this.disk).open();
    const store = this.life.told('recovered')[0]?.store;
    if (store === undefined) {
      this.problem = this.life.told('operationFailed')[0]?.detail ?? 'nothing was told';
      return;
    }
    const { record, committed, uncommitted } = store;
    const { promised } = this;
    if (promised !== null && (record?.bound ?? -1) < promised.bound) this.problem = 'the bound went back';
    if (promised !== null && (record?.highQc.view ?? -1) < promised.highQc.view) this.problem = 'the high QC went back';
    const held = new Set([committed, ...uncommitted].map(({ hash }) => hash));
    if (record !== null && !held.has(record.highQc.block)) this.problem = 'the high QC certifies what is not held';
    this.#requests = [];
    this.#view += 1;
    this.#committed = committed.header.height;
    const branch = branchTo(record?.highQc.block, uncommitted);
    this.#chain = [...Array.from({ length: this.#committed }, () => GENESIS), committed, ...branch];
  }
}

/** The uncommitted blocks up to `tip`: siblings that an earlier life left are none of them. */
function branchTo(tip: BlockHash | undefined, uncommitted: readonly Block[]): Block[] {
  const byHash = new Map(uncommitted.map((block) => [block.hash, block]));
  const branch: Block[] = [];
  let block = tip === undefined ? undefined : byHash.get(tip);
  while (block !== undefined) {
    branch.unshift(block);
    block = byHash.get(block.header.parent);
  }
  return branch;
}

test('whenever it crashes, the record that comes back is at least as strong as any that was reported durable', (t) => {
  const steps: Step[] = ['persist', 'persist', 'writeEntries', 'writeSlot', 'flush', 'crash', 'tear', 'stop'];
  const step = fc.constantFrom(...steps);
  const property = fc.property(fc.array(step, { maxLength: 80 }), (script) => {
    const lives = new Lives();
    for (const each of [...script, 'crash' as const]) {
      lives.do(each);
      if (lives.problem !== null) throw new Error(lives.problem);
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});
