import test from 'ava';
import { copiesProblem, mark, type RecordCopies, sealed, slotToWrite } from '../../../actors/storage/record-copies.js';
import { asReplicaId } from '../../../src/protocol/numbers.js';
import type { SafetyCopy } from '../../../src/wire/safety-copy.js';
import { CLUSTER_ID, recordOf } from '../../support/chain.js';

/** A copy of batch `batch`; null stands for an unreadable one. */
function copyOf(batch: number | null): SafetyCopy | null {
  if (batch === null) return null;
  return { identity: { clusterId: CLUSTER_ID, replica: asReplicaId(0) }, batch, record: recordOf(batch, batch + 64) };
}

type Batch = number | null;

function copies([written, database, first, second]: readonly [number, Batch, Batch, Batch]): RecordCopies {
  return { written, database: copyOf(database), slots: [copyOf(first), copyOf(second)] };
}

/** W, then the batches of the copies in the database and the two slots; the mark that is logged, null for none. */
const crashes: Record<string, readonly [readonly [number, Batch, Batch, Batch], string | null]> = {
  'a new store': [[0, 0, 0, 0], null],
  'all of the last batch': [[9, 9, 9, 8], null],
  'nothing of the next batch': [[9, 9, 8, 9], null],
  'batches without a record after the last one': [[12, 9, 9, 8], null],
  'nothing of the next batch, after a seal': [[9, 9, 9, 9], null],
  'a torn slot and nothing else of the next batch': [[9, 9, 9, null], 'slot 1 of safety-record was unreadable'],
  'the same after batches without a record': [[12, 9, null, 9], 'slot 0 of safety-record was unreadable'],
  'the slot of the next batch and not the database': [[9, 9, 9, 10], 'the database was one batch behind'],
  'the same after batches without a record, and a seal': [[12, 9, 13, 9], 'the database was one batch behind'],
  'the database of the next batch and not the slot': [[10, 10, 9, 8], 'safety-record was one batch behind'],
  'the database of the next batch and not the slot, after batches without a record': [
    [13, 13, 8, 9],
    'safety-record was one batch behind',
  ],
  'the database of the next batch and a torn slot': [[10, 10, null, 9], 'slot 0 of safety-record was unreadable'],
  'the database and the first slot of a seal': [[10, 10, 10, 9], null],
  'the database and the first slot of a seal, the second torn': [
    [10, 10, 10, null],
    'slot 1 of safety-record was unreadable',
  ],
  'a seal': [[10, 10, 10, 10], null],
};

for (const [name, [state, left]] of Object.entries(crashes)) {
  test(`what a crash or a stop leaves is gone on with: ${name}`, (t) => {
    t.is(copiesProblem(copies(state)), null);
    t.is(mark(copies(state)), left);
  });
}

const damages: Record<string, readonly [readonly [number, Batch, Batch, Batch], string, RegExp]> = {
  'both slots are unreadable': [
    [9, 9, null, null],
    'SAFETY_RECORD_LOST',
    /slot 0 .* safety-record and slot 1 .* unreadable/,
  ],
  'the database and one slot are unreadable': [
    [9, null, 9, null],
    'SAFETY_RECORD_LOST',
    /slot 1 .* the copy in the database/,
  ],
  'nothing is readable': [[9, null, null, null], 'SAFETY_RECORD_LOST', /slot 0 .* slot 1 .* database/],
  'a slot is two batches ahead': [[9, 9, 9, 11], 'STORE_LOST_WRITES', /of batch 11, .* none after 9/],
  'a slot is ahead, and the other is torn': [[9, 9, null, 10], 'STORE_LOST_WRITES', /of batch 10, .* none after 9/],
  'a slot is ahead, and the other is newer than the database': [[9, 7, 8, 10], 'STORE_LOST_WRITES', /none after 9/],
  'a slot is ahead, and the other is older than the database': [[9, 8, 7, 10], 'STORE_LOST_WRITES', /none after 9/],
  'both slots are ahead: the store was sealed': [[9, 9, 10, 10], 'STORE_LOST_WRITES', /of batch 10, .* none after 9/],
  'a slot is ahead of an unreadable database': [[9, null, 10, 9], 'STORE_LOST_WRITES', /none after 9/],
  "the database's copy is older than a slot": [[9, 8, 9, 8], 'STORE_LOST_WRITES', /database's safety record of 8/],
  'the same beside a torn slot': [[9, 8, 9, null], 'STORE_LOST_WRITES', /database's safety record of 8/],
  "the database's copy is newer than its last batch": [
    [9, 10, 9, 10],
    'STORE_LOST_WRITES',
    /record of batch 10, .* after 9/,
  ],
  'the slots are older than a record that is not the last batch': [
    [10, 9, 8, 7],
    'STORE_LOST_WRITES',
    /batch 10 was written after/,
  ],
};

for (const [name, [state, code, found]] of Object.entries(damages)) {
  test(`what no crash leaves is refused by name: ${name}`, (t) => {
    const problem = copiesProblem(copies(state));
    t.is<string | undefined, string>(problem?.code, code);
    t.regex(problem?.detail ?? '', found);
    t.regex(problem?.detail ?? '', /Put the data directory back as it was/);
  });
}

test('one copy that other damage than a crash has spoilt costs nothing while two are left', (t) => {
  t.is(copiesProblem(copies([9, null, 9, 8])), null);
  t.is(mark(copies([9, null, 9, 8])), 'the copy in the database was unreadable');
  t.is(copiesProblem(copies([10, 9, 8, null])), null, 'the newest slot, with a batch after it');
});

test('the slot that is written next is the unreadable or the older one', (t) => {
  t.is(slotToWrite(copies([9, 9, 9, 8])), 1);
  t.is(slotToWrite(copies([9, 9, 8, 9])), 0);
  t.is(slotToWrite(copies([9, 9, 9, null])), 1);
  t.is(slotToWrite(copies([9, 9, null, 9])), 0);
});

test('a store is sealed when all three copies are alike and nothing was written after them', (t) => {
  t.true(sealed(copies([9, 9, 9, 9])));
  for (const state of [
    [10, 9, 9, 9],
    [9, 9, 9, 8],
    [9, 9, 9, null],
    [9, null, 9, 9],
  ] as const) {
    t.false(sealed(copies(state)), state.join(' '));
  }
  // a slot that was ahead at a crash bears the number of the seal that follows, and other content
  const old = { ...(copyOf(9) as SafetyCopy), record: recordOf(8, 64) };
  t.false(sealed({ ...copies([9, 9, 9, 9]), slots: [old, copyOf(9)] }));
});
