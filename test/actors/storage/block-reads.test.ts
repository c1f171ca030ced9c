import type { StorageMessage } from '../../../actors/storage/messages.js';
import { asHeight, type BlockHash } from '../../../src/protocol/numbers.js';
import { blockKey, placeOf } from '../../../src/wire/store-layout.js';
import { at, certify, chainOf, childOf, GENESIS, recordOf } from '../../support/chain.js';
import { FakeDisk, StorageLife } from '../../support/fake-store.js';
import { onBothHosts as test } from '../../support/hosts.js';

/** 20 blocks of 100 bytes; the first 15 are committed. */
const chain = chainOf(20, GENESIS, 100);
const COMMITTED = 15;
const portion = { blocks: 4, bytes: 10_000 };

function openLife(disk = new FakeDisk()): StorageLife {
  const life = new StorageLife(disk, { limits: { storagePortion: portion } }).open();
  const committed = chain.slice(0, COMMITTED).map(placeOf);
  return life.persist(1, { safety: recordOf(1, 64, at(chain, -1)), blocks: chain, committed }).doAll();
}

function range(from: number, maxBlocks = 100, maxBytes = 100_000): StorageMessage {
  return { type: 'readRange', reader: 'gateway', token: 5, fromHeight: asHeight(from), maxBlocks, maxBytes };
}

function branch(tip: BlockHash, above: number, maxBlocks = 100, maxBytes = 100_000): StorageMessage {
  return { type: 'readBranch', reader: 'sync', token: 6, tip, aboveHeight: asHeight(above), maxBlocks, maxBytes };
}

function answer(life: StorageLife, message: StorageMessage) {
  const { blocks, certificate } = life.tell(message).doAll().told('blocksRead').at(-1) ?? {};
  return { blocks, certificate };
}

/** `chain` from one height to another, certified. */
function certified(from: number, to: number) {
  return { blocks: chain.slice(from - 1, to), certificate: certify(at(chain, to - 1)) };
}

test('a range is the committed chain, certified by the next block', (t) => {
  t.deepEqual(answer(openLife(), range(3)), certified(3, COMMITTED));
  t.deepEqual(answer(openLife(), range(1, 1)), certified(1, 1));
  t.deepEqual(answer(openLife(), range(COMMITTED)), certified(COMMITTED, COMMITTED));
});

test('genesis is not in a range that begins with it', (t) => {
  t.deepEqual(answer(openLife(), range(0)), certified(1, COMMITTED));
});

test('a range is cut at the number of blocks and of bytes asked for, but not below one block', (t) => {
  const life = openLife();
  t.deepEqual(answer(life, range(2, 7)), certified(2, 8));
  t.deepEqual(answer(life, range(2, 100, 300)), certified(2, 4));
  t.deepEqual(answer(life, range(2, 100, 399)), certified(2, 4));
  t.deepEqual(answer(life, range(2, 100, 10)), certified(2, 2));
});

test('a range beyond the last committed block, or of no blocks, is empty', (t) => {
  const life = openLife();
  t.deepEqual(answer(life, range(COMMITTED + 1)), { blocks: [], certificate: null });
  t.deepEqual(answer(life, range(1, 0)), { blocks: [], certificate: null });
  t.is(life.told('blocksRead')[0]?.committedHeight, asHeight(COMMITTED));
});

test('the answer goes to whoever asked, under its token', (t) => {
  const life = openLife()
    .tell(range(1))
    .tell(branch(at(chain, -1).hash, COMMITTED))
    .doAll();
  const answers = life.sent.filter(({ message }) => message.type === 'blocksRead');
  t.deepEqual(
    answers.map(({ to, message }) => [to, message.type === 'blocksRead' && message.token]),
    [
      ['sync', 6],
      ['gateway', 5],
    ],
  );
});

test('committed blocks are read in portions, each with one question to the disk', (t) => {
  const life = openLife().tell(range(1, 10));
  const limits: number[] = [];
  while (life.asked.length > 0) {
    const [effect] = life.asked;
    if (effect?.type === 'scanRange') limits.push(effect.limit);
    life.do('scanRange');
  }
  // ten, and the one that certifies the last
  t.deepEqual(limits, [4, 4, 3]);
});

test('without a certificate for the last committed block a range ends before it', (t) => {
  const disk = new FakeDisk();
  const life = new StorageLife(disk).open().persist(1, { safety: recordOf(1, 64), blocks: chain.slice(0, 3) });
  life.persist(2, { safety: recordOf(2, 64), committed: chain.slice(0, 3).map(placeOf) }).doAll();
  t.deepEqual(answer(life, range(1)), certified(1, 2));
  t.deepEqual(answer(life, range(3)), { blocks: [], certificate: null });
  life.persist(3, { safety: recordOf(3, 64, at(chain, 2)) }).doAll();
  t.deepEqual(answer(life, range(1)), certified(1, 3));
});

test('a branch of uncommitted blocks is served without the disk', (t) => {
  const life = openLife().tell(branch(at(chain, -1).hash, COMMITTED));
  t.deepEqual(life.asked, []);
  t.like(life.told('blocksRead')[0], certified(COMMITTED + 1, 20));
});

test('the tip of a branch is given even where nobody here has its certificate', (t) => {
  const tip = childOf(at(chain, -1));
  const life = openLife().persist(2, { blocks: [tip] });
  t.deepEqual(answer(life, branch(tip.hash, 18)), { blocks: [...chain.slice(18), tip], certificate: null });
});

test('a branch is cut at its newer end', (t) => {
  t.deepEqual(answer(openLife(), branch(at(chain, -1).hash, COMMITTED, 2)), certified(16, 17));
  t.deepEqual(answer(openLife(), branch(at(chain, -1).hash, COMMITTED, 100, 250)), certified(16, 17));
});

test('a branch that begins below the last committed block is served from there', (t) => {
  t.deepEqual(answer(openLife(), branch(at(chain, -1).hash, 4)), certified(5, COMMITTED));
});

test('a branch whose tip is committed ends in that tip', (t) => {
  t.deepEqual(answer(openLife(), branch(at(chain, 9).hash, 4)), certified(5, 10));
  t.deepEqual(answer(openLife(), branch(at(chain, 9).hash, 10)), { blocks: [], certificate: null });
});

test('an unknown tip, or a branch that does not come down to the height asked for, gives nothing', (t) => {
  const unknown = childOf(GENESIS, { view: 99 });
  t.deepEqual(answer(openLife(), branch(unknown.hash, 3)), { blocks: [], certificate: null });
  const detached = childOf(unknown, { view: 100, height: 19 });
  const life = openLife()
    .persist(2, { safety: recordOf(2, 64), blocks: [detached] })
    .doAll();
  t.deepEqual(answer(life, branch(detached.hash, COMMITTED)), { blocks: [], certificate: null });
  t.deepEqual(answer(life, branch(detached.hash, 19)), { blocks: [], certificate: null });
});

test('reading goes on beside a write, and no write waits for a read', (t) => {
  const life = openLife()
    .tell(range(1))
    .persist(2, { safety: recordOf(2, 70, at(chain, -1)) });
  t.deepEqual(
    life.asked.map(({ type }) => type),
    ['scanRange', 'writeEntries', 'writeSlot'],
  );
  life.do('writeEntries').do('writeSlot');
  t.deepEqual(life.durable, [1, 2]);
});

test('a store that is not open, or has failed, holds nothing for readers', (t) => {
  const closed = new StorageLife(new FakeDisk());
  const failed = openLife().tell({ type: 'storeFailed', code: 'STORE_WRITE_FAILED', detail: '' });
  for (const life of [closed, failed]) {
    t.deepEqual(answer(life, range(1)), { blocks: [], certificate: null });
    t.deepEqual(answer(life, branch(at(chain, 3).hash, 1)), { blocks: [], certificate: null });
  }
});

test('a committed block that is missing or spoilt stops the replica', (t) => {
  const damages = [
    (disk: FakeDisk) => disk.entries.delete(blockKey(placeOf(at(chain, 6)))),
    (disk: FakeDisk) => disk.entries.set(blockKey(placeOf(at(chain, 6))), new Uint8Array(5)),
    (disk: FakeDisk) => {
      for (const block of chain) disk.entries.delete(blockKey(placeOf(block)));
    },
  ];
  for (const damage of damages) {
    const disk = new FakeDisk();
    const life = openLife(disk);
    damage(disk);
    life.tell(range(1)).doAll();
    t.is(life.told('operationFailed')[0]?.code, 'STORE_DAMAGED');
  }
});
