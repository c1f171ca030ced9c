import test from 'ava';
import { isExpected } from '../../actors/simulation/expected-failures.js';

const SOUND = { damaged: false, writeFailed: false };
const [DAMAGED, UNWRITTEN] = [
  { ...SOUND, damaged: true },
  { ...SOUND, writeFailed: true },
];

test('a replica may stop for a failed write where its disk failed one, and refuse a store that was damaged', (t) => {
  t.true(isExpected('STORE_WRITE_FAILED', UNWRITTEN));
  for (const code of ['STORE_DAMAGED', 'STORE_LOST_WRITES', 'SAFETY_RECORD_LOST']) {
    t.true(isExpected(code, DAMAGED), code);
    t.false(isExpected(code, UNWRITTEN), code);
  }
});

test('it may not stop so for no reason, nor for reads, which no simulated disk fails', (t) => {
  t.false(isExpected('STORE_WRITE_FAILED', SOUND));
  t.false(isExpected('STORE_WRITE_FAILED', DAMAGED));
  t.false(isExpected('STORE_READ_FAILED', { damaged: true, writeFailed: true }));
  t.false(isExpected('a bug', { damaged: true, writeFailed: true }));
});
