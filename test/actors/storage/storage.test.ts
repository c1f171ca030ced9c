import type { StorageEffect } from '../../../actors/storage/messages.js';
import { asReplicaId, type BlockHash } from '../../../src/protocol/numbers.js';
import { encodeEquivocation } from '../../../src/wire/evidence.js';
import { decodeSafetyCopy } from '../../../src/wire/safety-copy.js';
import { blockKey, evidenceKey, hashKey, placeOf } from '../../../src/wire/store-layout.js';
import { at, CLUSTER_ID, chainOf, childOf, GENESIS, recordOf } from '../../support/chain.js';
import { twoProposals, twoVotes } from '../../support/equivocations.js';
import { FakeDisk, StorageLife } from '../../support/fake-store.js';
import { onBothHosts as test } from '../../support/hosts.js';

const chain = chainOf(6);

const typesOf = (effects: readonly StorageEffect[]) => effects.map(({ type }) => type);
const recordIn = (bytes: Uint8Array | null | undefined) => (bytes ? decodeSafetyCopy(bytes)?.record : undefined);

test('a store that nobody used opens at genesis, without a record, and all who wait are told', (t) => {
  const life = new StorageLife(new FakeDisk()).open();
  t.deepEqual(
    life.sent.map(({ to }) => to),
    ['consensus', 'proposalGenerator', 'replica'],
  );
  t.deepEqual(life.told('recovered')[0]?.store, { record: null, committed: GENESIS, uncommitted: [], evidence: [] });
});

test('a safety record is written to both places side by side, and durable when it is in both', (t) => {
  for (const [first, second] of [
    ['writeEntries', 'writeSlot'],
    ['writeSlot', 'writeEntries'],
  ] as const) {
    const life = new StorageLife(new FakeDisk()).open().persist(1, { safety: recordOf(1, 64) });
    t.deepEqual(typesOf(life.asked), ['writeEntries', 'writeSlot']);
    life.do(first);
    t.deepEqual(life.durable, []);
    life.do(second);
    t.deepEqual(life.durable, [1]);
  }
});

test('what comes while a batch is written makes up the next one, reported by its last number', (t) => {
  const disk = new FakeDisk();
  const life = new StorageLife(disk).open();
  for (let number = 1; number <= 10; number++) life.persist(number, { safety: recordOf(number, 64 + number) });
  t.deepEqual(typesOf(life.asked), ['writeEntries', 'writeSlot']);
  life.do('writeEntries').do('writeSlot');
  t.deepEqual(life.durable, [1]);
  t.deepEqual(typesOf(life.asked), ['writeEntries', 'writeSlot']);
  life.doAll();
  t.deepEqual(life.durable, [1, 10]);
  t.deepEqual(disk.slots.map(recordIn), [recordOf(1, 65), recordOf(10, 74)]);
});

test('no batch begins before the one before it stands in both places', (t) => {
  const life = new StorageLife(new FakeDisk()).open();
  life
    .persist(1, { safety: recordOf(1, 64) })
    .persist(2, { safety: recordOf(2, 65) })
    .do('writeEntries');
  t.deepEqual(typesOf(life.asked), ['writeSlot']);
});

test('the record takes the slots in turn, so that the newest copy is never written over', (t) => {
  const life = new StorageLife(new FakeDisk()).open();
  const slots: number[] = [];
  for (let number = 1; number <= 4; number++) {
    life.persist(number, { safety: recordOf(number, 64 + number) });
    slots.push(...life.asked.flatMap((effect) => (effect.type === 'writeSlot' ? [effect.slot] : [])));
    life.doAll();
  }
  t.deepEqual(slots, [0, 1, 0, 1]);
});

test('a seal goes to the database first, then to the slots one after the other, the newest copy last', (t) => {
  const disk = new FakeDisk();
  const life = new StorageLife(disk)
    .open()
    .persist(1, { safety: recordOf(1, 64) })
    .doAll()
    .tell({ type: 'stopRequested' });
  t.deepEqual(typesOf(life.asked), ['writeEntries']);
  life.doNext();
  t.like(life.asked, [{ type: 'writeSlot', slot: 1 }]);
  t.deepEqual(life.told('partStopped'), []);
  life.doNext();
  t.like(life.asked, [{ type: 'writeSlot', slot: 0 }]);
  life.doNext();
  t.is(life.told('partStopped').length, 1);
  t.deepEqual(disk.slots.map(recordIn), [recordOf(1, 64), recordOf(1, 64)]);
});

test('a bound that a clean stop lowers goes to both slots before it is reported', (t) => {
  const disk = new FakeDisk();
  const life = new StorageLife(disk)
    .open()
    .persist(1, { safety: recordOf(1, 64) })
    .doAll();
  life
    .persist(2, { safety: recordOf(2, 10) })
    .do('writeEntries')
    .do('writeSlot');
  t.deepEqual(life.durable, [1]);
  life.do('writeSlot');
  t.deepEqual(life.durable, [1, 2]);
  t.deepEqual(new StorageLife(disk).open().told('recovered')[0]?.store.record, recordOf(2, 10));
});

test('blocks that nobody waits for are written after a moment, without a slot', (t) => {
  const life = new StorageLife(new FakeDisk()).open().persist(1, { blocks: chain });
  t.deepEqual(life.asked, []);
  t.deepEqual(life.timers, ['startTimer']);
  life.tell({ type: 'flushTimerExpired' });
  t.deepEqual(typesOf(life.asked), ['writeEntries']);
  life.doAll();
  t.deepEqual(life.durable, [1]);
});

test('blocks that nobody waits for go with the next safety record, in one batch', (t) => {
  const disk = new FakeDisk();
  const life = new StorageLife(disk)
    .open()
    .persist(1, { blocks: chain })
    .persist(2, { safety: recordOf(1, 64) });
  t.deepEqual(life.timers, ['startTimer', 'cancelTimer']);
  life.doAll();
  t.deepEqual(life.durable, [2]);
  t.true(disk.entries.has(blockKey(placeOf(at(chain, 0)))));
});

test('many bytes are written at once', (t) => {
  const settings = { limits: { storageGatherBytes: 1000 } };
  const few = new StorageLife(new FakeDisk(), settings).open().persist(1, { blocks: chainOf(1, GENESIS, 500) });
  t.deepEqual(few.asked, []);
  const many = new StorageLife(new FakeDisk(), settings).open().persist(1, { blocks: chainOf(1, GENESIS, 1000) });
  t.deepEqual(typesOf(many.asked), ['writeEntries']);
});

test('blocks, commits and the record of one request are one atomic batch', (t) => {
  const life = new StorageLife(new FakeDisk()).open();
  const committed = [placeOf(at(chain, 0))];
  life.persist(1, { safety: recordOf(1, 64, at(chain, 2)), blocks: chain.slice(0, 3), committed });
  const writes = life.asked.filter((effect) => effect.type === 'writeEntries');
  t.is(writes.length, 1);
  const keys = writes[0]?.entries.map(({ key }) => key) ?? [];
  for (const key of ['record', 'written', 'tip', blockKey(placeOf(at(chain, 2)))]) t.true(keys.includes(key), key);
});

test('blocks that consensus gives up leave the disk in the same batch as what made them worthless', (t) => {
  const disk = new FakeDisk();
  const fork = childOf(GENESIS, { view: 9, body: new Uint8Array(9) });
  const heir = childOf(fork, { view: 10 });
  const life = new StorageLife(disk)
    .open()
    .persist(1, { safety: recordOf(1, 64), blocks: [fork, heir, ...chain] })
    .doAll();
  t.true(disk.entries.has(blockKey(placeOf(fork))));
  life.persist(2, {
    safety: recordOf(2, 64),
    committed: [placeOf(at(chain, 0))],
    abandoned: [fork.hash, heir.hash, 'ee'.repeat(32) as BlockHash],
  });
  t.is(life.asked.filter(({ type }) => type === 'writeEntries').length, 1);
  life.doAll();
  for (const block of [fork, heir]) {
    t.false(disk.entries.has(blockKey(placeOf(block))));
    t.false(disk.entries.has(hashKey(block.hash)));
  }
  t.true(disk.entries.has(blockKey(placeOf(at(chain, 0)))));
});

test('a block that was given up and comes again is on the disk, in one batch or in two', (t) => {
  const fork = childOf(GENESIS, { view: 9, body: new Uint8Array(9) });
  for (const between of [false, true]) {
    const disk = new FakeDisk();
    const life = new StorageLife(disk)
      .open()
      .persist(1, { safety: recordOf(1, 64), blocks: [fork] })
      .doAll();
    life.persist(2, { abandoned: [fork.hash] });
    if (between) life.tell({ type: 'flushTimerExpired' }).doAll();
    t.is(disk.entries.has(blockKey(placeOf(fork))), !between);
    life.persist(3, { safety: recordOf(2, 64), blocks: [fork] }).doAll();
    t.true(disk.entries.has(blockKey(placeOf(fork))));
    life.persist(4, { safety: recordOf(3, 64), abandoned: [fork.hash] }).doAll();
    t.false(disk.entries.has(blockKey(placeOf(fork))));
  }
});

test('of more blocks than consensus can hold, the branch of the high QC is kept, and the highest of the others', (t) => {
  const forks = Array.from({ length: 6 }, (_, index) => childOf(GENESIS, { view: 20 + index }));
  const disk = new FakeDisk();
  const blocks = [...chain, ...forks];
  new StorageLife(disk)
    .open()
    .persist(1, { safety: recordOf(1, 64, at(chain, 4)), blocks })
    .doAll();
  const open = (limits: { treeTips?: number; treeBodyBytes?: number }) => {
    const copy = new FakeDisk();
    for (const [key, value] of disk.entries) copy.entries.set(key, value);
    copy.slots.splice(0, 2, ...disk.slots);
    return { copy, held: new StorageLife(copy, { limits }).open().told('recovered')[0]?.store.uncommitted };
  };
  t.is(open({ treeTips: 7 }).held?.length, blocks.length, 'the chain and six forks');
  const few = open({ treeTips: 1 });
  t.deepEqual(few.held, [...chain, ...forks.slice(3)], 'four tips, and of the others those of the highest views');
  t.false(few.copy.entries.has(blockKey(placeOf(at(forks, 2)))), 'the rest leaves the disk');
  const bytes = chain.reduce((sum, { body }) => sum + body.length, 0);
  t.deepEqual(open({ treeBodyBytes: bytes }).held, chain);
  const none = open({ treeTips: 1, treeBodyBytes: 0 });
  t.deepEqual(none.held, chain.slice(0, 5), 'what is certified comes whatever the bounds say');
});

test('a store keeps the name of its machine, and no other machine opens it', (t) => {
  const disk = new FakeDisk();
  const open = (machine?: string) => new StorageLife(disk, machine === undefined ? {} : { machine }).open();
  t.is(open().told('recovered').length, 1);
  t.is(open('sum').told('recovered').length, 1, 'a machine that has got a name since');
  t.is(open('sum').told('recovered').length, 1);
  for (const [machine, named] of [
    ['key-value', /of the machine "sum", and this is "key-value"/],
    [undefined, /of the machine "sum", and this is one without a name/],
  ] as const) {
    const failure = open(machine).told('operationFailed')[0];
    t.is(failure?.code, 'STORE_OF_ANOTHER_MACHINE');
    t.regex(failure?.detail ?? '', named);
  }
});

test('a block that comes when its height is committed is not kept', (t) => {
  const disk = new FakeDisk();
  const late = childOf(GENESIS, { view: 9, body: new Uint8Array(9) });
  const life = new StorageLife(disk).open().persist(1, { blocks: chain, committed: [placeOf(at(chain, 0))] });
  life.persist(2, { safety: recordOf(1, 64), blocks: [late] }).doAll();
  t.false(disk.entries.has(blockKey(placeOf(late))));
  t.deepEqual(life.durable, [2]);
});

test('what does not descend from the last committed block is gone from the disk after a restart', (t) => {
  const disk = new FakeDisk();
  const fork = childOf(GENESIS, { view: 9 });
  const life = new StorageLife(disk).open().persist(1, { safety: recordOf(1, 64), blocks: [...chain, fork] });
  life.persist(2, { safety: recordOf(2, 64), committed: [placeOf(at(chain, 0))] }).doAll();
  t.true(disk.entries.has(blockKey(placeOf(fork))));
  t.deepEqual(new StorageLife(disk).open().told('recovered')[0]?.store.uncommitted, chain.slice(1));
  t.false(disk.entries.has(blockKey(placeOf(fork))));
});

test('after a failed write nothing is reported durable, though the other place reports success', (t) => {
  for (const succeeds of ['writeEntries', 'writeSlot'] as const) {
    const life = new StorageLife(new FakeDisk()).open().persist(1, { safety: recordOf(1, 64) });
    life.tell({ type: 'storeFailed', code: 'STORE_WRITE_FAILED', detail: 'no space left' });
    life.do(succeeds);
    life.asked.splice(0);
    life.persist(2, { safety: recordOf(2, 65) }).doAll();
    t.deepEqual(life.durable, []);
    t.deepEqual(life.told('operationFailed'), [
      { type: 'operationFailed', code: 'STORE_WRITE_FAILED', detail: 'no space left' },
    ]);
    t.deepEqual(life.asked, []);
  }
});

test('a failed opening is told, and nobody gets a store', (t) => {
  const life = new StorageLife(new FakeDisk()).tell({ type: 'openStore' });
  life.tell({ type: 'storeFailed', code: 'STORE_LOCKED', detail: 'in use' }).doAll();
  t.deepEqual(
    life.sent.map(({ to, message }) => [to, message.type]),
    [['replica', 'operationFailed']],
  );
});

test('a stop writes what has gathered, and is done when that is durable', (t) => {
  const life = new StorageLife(new FakeDisk()).open().persist(1, { blocks: chain });
  life.tell({ type: 'stopRequested' });
  t.deepEqual(life.told('partStopped'), []);
  life.doAll();
  t.deepEqual(life.durable, [1]);
  t.is(life.told('partStopped').length, 1);
});

test('a stop in the middle of a batch waits for it before the last one begins', (t) => {
  const life = new StorageLife(new FakeDisk()).open().persist(1, { safety: recordOf(1, 64) });
  life.persist(2, { safety: recordOf(2, 128) }).tell({ type: 'stopRequested' });
  t.is(life.asked.filter(({ type }) => type === 'writeEntries').length, 1);
  life.doAll();
  t.deepEqual(life.durable, [1, 2]);
  t.is(life.told('partStopped').length, 1);
});

test('a stop is done at once where nothing is open, idle or possible', (t) => {
  const idle = new StorageLife(new FakeDisk()).open();
  const failed = new StorageLife(new FakeDisk()).open().persist(1, { safety: recordOf(1, 64) });
  failed.tell({ type: 'storeFailed', code: 'STORE_WRITE_FAILED', detail: '' });
  const opening = new StorageLife(new FakeDisk()).tell({ type: 'openStore' });
  for (const life of [idle, failed, opening, new StorageLife(new FakeDisk())]) {
    life.tell({ type: 'stopRequested' });
    t.is(life.told('partStopped').length, 1);
  }
  t.deepEqual(opening.doAll().told('recovered'), []);
});

test('a gap in the numbers of requests, or in the heights of commits, is a bug and says so', (t) => {
  const open = () => new StorageLife(new FakeDisk()).open();
  t.throws(() => open().persist(2), { message: /without gaps/ });
  t.throws(() => open().persist(1, { blocks: chain, committed: [placeOf(at(chain, 1))] }), { message: /no gap/ });
  t.throws(() => open().persist(1, { committed: [placeOf(at(chain, 0))] }), { message: /no later than its commit/ });
  const fork = childOf(childOf(GENESIS, { view: 9 }), { view: 10 });
  const blocks = [...chain, fork];
  const committed = [placeOf(at(chain, 0)), placeOf(fork)];
  t.throws(() => open().persist(1, { blocks, committed }), { message: /extends the one committed before/ });
});

test('a store of another replica is refused', (t) => {
  const disk = new FakeDisk({ clusterId: CLUSTER_ID, replica: asReplicaId(2) });
  const life = new StorageLife(disk, { id: asReplicaId(1) }).open();
  t.is(life.told('operationFailed')[0]?.code, 'STORE_OF_ANOTHER_REPLICA');
  t.deepEqual(life.told('recovered'), []);
});

test('a proof of equivocation rests until something else is written or a moment is over, and is there after a crash', (t) => {
  const disk = new FakeDisk();
  const [kept, lost] = [twoVotes(2, 7), twoProposals(1, 3)];
  const life = new StorageLife(disk).open().persist(1, { evidence: [kept] });
  t.deepEqual(typesOf(life.asked), []);
  life.persist(2, { safety: recordOf(1, 64) }).doAll();
  t.deepEqual(life.durable, [2]);
  life.persist(3, { evidence: [lost] });
  t.deepEqual(typesOf(life.asked), [], 'a crash now loses it');
  const again = new StorageLife(disk).open();
  t.deepEqual(again.told('recovered')[0]?.store.evidence, [kept]);
  again
    .persist(1, { evidence: [lost] })
    .tell({ type: 'flushTimerExpired' })
    .doAll();
  const third = new StorageLife(disk).open();
  t.deepEqual(third.told('recovered')[0]?.store.evidence, [lost, kept], 'by the replica that is accused');
});

test('a proof that cannot be read is told, and the store opens with the others', (t) => {
  const disk = new FakeDisk();
  new StorageLife(disk)
    .open()
    .persist(1, { evidence: [twoVotes(2, 7), twoVotes(2, 8)], urgent: true })
    .doAll();
  disk.entries.set(evidenceKey(twoVotes(2, 7)), new Uint8Array(9));
  const life = new StorageLife(disk).open();
  t.deepEqual(life.told('recovered')[0]?.store.evidence, [twoVotes(2, 8)]);
  t.true(life.warnings.some((warning) => warning.startsWith('evidenceUnreadable')));
});

test('the proofs against one replica are read as they are stored, and none of a store that is not open', (t) => {
  const life = new StorageLife(new FakeDisk());
  const ask = { type: 'readEvidence', accused: asReplicaId(2), maxProofs: 2, maxBytes: 100_000 } as const;
  life.tell({ ...ask, token: 1 });
  const [first, second, third] = [twoVotes(2, 7), twoProposals(2, 8), twoVotes(2, 9)];
  const evidence = [twoVotes(1, 7), third, second, first, twoVotes(3, 1)];
  life.open().persist(1, { evidence, urgent: true }).doAll();
  life.tell({ ...ask, token: 2 }).doAll();
  t.deepEqual(life.told('evidenceRead'), [
    { type: 'evidenceRead', token: 1, proofs: [] },
    { type: 'evidenceRead', token: 2, proofs: [first, second].map(encodeEquivocation) },
  ]);
  t.deepEqual(
    life.sent.filter(({ message }) => message.type === 'evidenceRead').map(({ to }) => to),
    ['gateway', 'gateway'],
  );
});
