import test from 'ava';
import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { DurableBlocksChecker } from '../../../src/simulation/checkers/durable-blocks.js';
import { SeenBlocks } from '../../../src/simulation/checkers/seen-blocks.js';
import { SimulatedDisk } from '../../../src/simulation/disk.js';
import { stream } from '../../../src/simulation/random.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { StoreEntry } from '../../../src/wire/store.js';
import { blockKey, encodeHeight, hashKey, placeOf } from '../../../src/wire/store-layout.js';
import { storedBlockParts } from '../../../src/wire/stored-block.js';
import { CLUSTER_ID, childOf, GENESIS } from '../../support/chain.js';

const VOTER = asReplicaId(0);

function chain(...views: readonly number[]): readonly [Block, Block, Block, Block] {
  const blocks: Block[] = [];
  for (const view of views) blocks.push(childOf(blocks.at(-1) ?? GENESIS, { view }));
  return blocks as readonly Block[] as readonly [Block, Block, Block, Block];
}

function watched(rule: 'three-chain' | 'two-chain', sent: readonly Block[]) {
  const accusations: string[] = [];
  const blocks = new SeenBlocks(() => {});
  for (const block of sent) blocks.sent({ type: 'proposal', proposal: { block } } as PeerMessage);
  const accuse = (invariant: string, detail: string) => accusations.push(`${invariant}: ${detail}`);
  const checker = new DurableBlocksChecker({ rule, blocks, accuse });
  const conditions = { latencyMs: [1, 1], failing: false } as const;
  const disk = new SimulatedDisk({ clusterId: CLUSTER_ID, replica: VOTER }, stream(1, 'disk'), conditions);
  function write(entries: readonly StoreEntry[], deletes: readonly string[] = []): void {
    const batch = { type: 'writeEntries', token: 0, entries, deletes } as const;
    disk.begin(batch);
    disk.complete(batch);
  }
  function vote(block: Block): readonly string[] {
    const { hash, header } = block;
    checker.voted(VOTER, disk, { signer: VOTER, view: header.view, block: hash, signature: new Uint8Array(64) });
    return accusations;
  }
  return { checker, disk, write, vote };
}

function entriesOf(block: Block): readonly StoreEntry[] {
  const place = placeOf(block);
  return [
    { key: blockKey(place), ...storedBlockParts(block) },
    { key: hashKey(block.hash), value: encodeHeight(place.height) },
  ];
}

test('a two-chain vote needs its block on the disk, and all below it', (t) => {
  const [first, second, ...more] = chain(1, 2, 3);
  const { write, vote } = watched('two-chain', [first, second, ...more]);
  write(entriesOf(first));
  t.deepEqual(vote(first), []);
  t.regex(vote(second).join(), /^S8: replica 0 sent a vote for \w{8} of view 2 that is not on its disk with its body$/);
  const other = watched('two-chain', [first, second]);
  other.write(entriesOf(second));
  t.regex(other.vote(second).join(), /^S8: .* of view 2 that needs \w{8}, and is not on its disk with its body$/);
});

test('a header without the body is not enough', (t) => {
  const [first] = chain(1);
  const { write, vote } = watched('two-chain', [first]);
  write(entriesOf({ ...first, body: new Uint8Array(0) }).map(({ key, value }) => ({ key, value: value.slice(0, 4) })));
  t.is(vote(first).length, 1);
});

test('a block whose vote leaves before anybody has sent it is looked for by its hash', (t) => {
  const [first] = chain(1);
  t.is(watched('two-chain', []).vote(first).length, 1);
  const { write, vote } = watched('two-chain', []);
  write(entriesOf(first));
  t.deepEqual(vote(first), []);
});

test('a three-chain vote needs the block that its certificate would commit, and neither of those above it', (t) => {
  const blocks = chain(1, 2, 3, 4);
  const { write, vote } = watched('three-chain', blocks);
  t.deepEqual(vote(blocks[0]), []);
  t.deepEqual(vote(blocks[1]), []);
  write(entriesOf(blocks[0]));
  t.deepEqual(vote(blocks[2]), []);
  t.regex(vote(blocks[3]).join(), /^S8: .* of view 4 that needs \w{8}, and is not on its disk with its body$/);
});

test('a three-chain vote above a gap in the views commits nothing, and needs nothing', (t) => {
  for (const views of [
    [1, 3, 4],
    [1, 2, 4],
  ]) {
    const blocks = chain(...views);
    t.deepEqual(watched('three-chain', blocks).vote(blocks[2]), []);
  }
});

test('a block that was given up since is not asked for, and one that came again is', (t) => {
  const [first] = chain(1);
  const { write, vote, checker, disk } = watched('two-chain', [first]);
  const keys = entriesOf(first).map(({ key }) => key);
  write(entriesOf(first), keys);
  t.deepEqual(vote(first), []);
  write(entriesOf(first));
  t.deepEqual(vote(first), []);
  checker.booted(VOTER);
  for (const key of keys) disk.entries.delete(key);
  t.is(vote(first).length, 1);
});
