import test from 'ava';
import fc from 'fast-check';
import { asTenure, asView } from '../../src/protocol/numbers.js';
import { strongestRecord } from '../../src/protocol/safety-record.js';
import type { SafetyRecord, TenureEntry } from '../../src/protocol/types.js';
import { qcIn } from './builders.js';

const byQc = (view: number): TenureEntry => ({ kind: 'qc', qc: qcIn(view) });
const byTc = (tenure: number): TenureEntry => ({
  kind: 'tc',
  tc: { tenure: asTenure(tenure), timeouts: [], highQc: qcIn(0) },
});

function recordOf(number: number, bound: number, highQcView: number, entry: TenureEntry | null = null): SafetyRecord {
  return { number, bound: asView(bound), highQc: qcIn(highQcView), entry };
}

test('one valid copy is enough, none is none', (t) => {
  const record = recordOf(1, 2, 3);
  t.is(strongestRecord(record, null), record);
  t.is(strongestRecord(null, record), record);
  t.is(strongestRecord(null, null), null);
});

test('each field is that of the copy in which it is strongest', (t) => {
  const a = recordOf(7, 100, 40);
  const b = recordOf(8, 90, 50);
  const strongest = { number: 8, bound: asView(100), highQc: qcIn(50), entry: null };
  t.deepEqual(strongestRecord(a, b), strongest);
  t.deepEqual(strongestRecord(b, a), strongest);
});

test('the entry is the later one, that of the newer copy where a QC stands against a TC', (t) => {
  const cases: readonly [TenureEntry | null, TenureEntry | null, 'older' | 'newer'][] = [
    [null, null, 'newer'],
    [byQc(5), null, 'older'],
    [null, byQc(5), 'newer'],
    [byQc(5), byQc(6), 'newer'],
    [byQc(6), byQc(5), 'older'],
    [byTc(3), byTc(4), 'newer'],
    [byTc(4), byTc(3), 'older'],
    [byTc(4), byQc(1), 'newer'],
    [byQc(9), byTc(0), 'newer'],
  ];
  for (const [older, newer, wins] of cases) {
    const expected = wins === 'older' ? older : newer;
    t.is(strongestRecord(recordOf(1, 0, 0, older), recordOf(2, 0, 0, newer))?.entry, expected);
    t.is(strongestRecord(recordOf(2, 0, 0, newer), recordOf(1, 0, 0, older))?.entry, expected);
  }
});

test('nothing that either copy forbids is allowed by the strongest', (t) => {
  const record = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map((fields) => recordOf(...fields));
  fc.assert(
    fc.property(record, record, (a, b) => {
      const strongest = strongestRecord(a, b);
      return [a, b].every(
        (copy) =>
          strongest !== null &&
          strongest.number >= copy.number &&
          strongest.bound >= copy.bound &&
          strongest.highQc.view >= copy.highQc.view,
      );
    }),
  );
  t.pass();
});
