import test from 'ava';
import fc from 'fast-check';
import {
  entersView,
  genesisCertificate,
  highestQc,
  qcProblem,
  tcProblem,
  timeoutProblem,
} from '../../src/protocol/certificates.js';
import { asBlockHash, asTenure, asView, NUMBER_MAX } from '../../src/protocol/numbers.js';
import { quorumSize } from '../../src/protocol/quorum.js';
import type { TimeoutCertificate, TimeoutStatement } from '../../src/protocol/types.js';
import { GENESIS, genesisQc, qcIn, signedBy, statementOf, timeoutOf } from './builders.js';

const shape = { replicas: 4, genesis: GENESIS };
const tenured = { ...shape, tenureLength: 10 };

function tcOf(tenure: number, timeouts: readonly TimeoutStatement[], highQcView: number): TimeoutCertificate {
  return { tenure: asTenure(tenure), timeouts, highQc: qcIn(highQcView) };
}

test('a QC has a quorum of distinct members in ascending order', (t) => {
  for (const [signers, problem] of [
    [[0, 1, 2], null],
    [[0, 1, 3], null],
    [[0, 1, 2, 3], null],
    [[], 'noQuorum'],
    [[0, 1], 'noQuorum'],
    [[0, 1, 1], 'signersNotAscending'],
    [[0, 0, 1, 2], 'signersNotAscending'],
    [[1, 0, 2], 'signersNotAscending'],
    [[0, 1, 4], 'notAMember'],
    [[-1, 0, 1], 'notAMember'],
    [[0, 1, 1.5], 'notAMember'],
    [[0, 1, Number.NaN], 'notAMember'],
  ] as const) {
    t.is(qcProblem(qcIn(5, signers), shape), problem, JSON.stringify(signers));
  }
});

test('genesis is certified in view 0 without signatures and in no other way', (t) => {
  const signatures = signedBy([0, 1, 2]);
  t.is(qcProblem(genesisCertificate(GENESIS), shape), null);
  t.is(qcProblem({ ...genesisQc, view: asView(1) }, shape), 'badGenesisCertificate');
  t.is(qcProblem({ ...genesisQc, view: asView(7), signatures }, shape), 'badGenesisCertificate');
  t.is(qcProblem({ ...genesisQc, signatures }, shape), 'badGenesisCertificate');
  t.is(qcProblem({ ...genesisQc, block: asBlockHash('other') }, shape), 'badGenesisCertificate');
});

test('a QC without problems has between q and n signers, all different, whatever they are', (t) => {
  const signers = fc.array(fc.integer({ min: -1, max: 8 }), { maxLength: 10 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), signers, (replicas, list) => {
      const sound = qcProblem(qcIn(3, list), { replicas, genesis: GENESIS }) === null;
      const members = list.filter((id) => id >= 0 && id < replicas);
      const ascending = list.every((id, i) => i === 0 || id > (list[i - 1] ?? id));
      return sound === (members.length === list.length && ascending && list.length >= quorumSize(replicas));
    }),
  );
  t.pass();
});

test('a TC needs a quorum that gave up its tenure or a later one', (t) => {
  const cases: readonly [readonly (readonly [number, number])[], ReturnType<typeof tcProblem>][] = [
    [
      [
        [0, 2],
        [1, 2],
        [2, 2],
      ],
      null,
    ],
    [
      [
        [0, 2],
        [1, 3],
        [2, 9],
      ],
      null,
    ],
    [
      [
        [0, 2],
        [1, 2],
        [2, 1],
      ],
      'tenureTooLow',
    ],
    [
      [
        [0, 2],
        [1, 2],
      ],
      'noQuorum',
    ],
    [
      [
        [0, 2],
        [1, 2],
        [1, 2],
      ],
      'signersNotAscending',
    ],
    [
      [
        [0, 2],
        [1, 2],
        [4, 2],
      ],
      'notAMember',
    ],
  ];
  for (const [timeouts, problem] of cases) {
    const statements = timeouts.map(([signer, tenure]) => statementOf(signer, tenure, 20));
    t.is(tcProblem(tcOf(2, statements, 20), tenured), problem, JSON.stringify(timeouts));
  }
});

test('a TC travels with exactly the highest QC that its signers name', (t) => {
  const statements = [statementOf(0, 2, 7), statementOf(1, 2, 20), statementOf(2, 2, 0)];
  t.is(tcProblem(tcOf(2, statements, 20), tenured), null);
  t.is(tcProblem(tcOf(2, statements, 19), tenured), 'highQcMismatch', 'a hidden QC');
  t.is(tcProblem(tcOf(2, statements, 0), tenured), 'highQcMismatch', 'genesis in its place');
  t.is(tcProblem(tcOf(2, statements, 21), tenured), 'highQcMismatch', 'one that nobody names');
  t.is(tcProblem({ ...tcOf(2, statements, 20), highQc: qcIn(20, [0, 1]) }, tenured), 'highQcMalformed');
});

test('nobody can name a QC of a view behind the tenure that is given up', (t) => {
  const naming = (view: number) => [statementOf(0, 2, 0), statementOf(1, 2, 0), statementOf(2, 2, view)];
  t.is(tcProblem(tcOf(2, naming(29), 29), tenured), null, 'the last view of the tenure');
  t.is(tcProblem(tcOf(2, naming(30), 30), tenured), 'highQcImplausible', 'the first of the next');
  t.is(timeoutProblem(timeoutOf(2, 2, 29), tenured), null);
  t.is(timeoutProblem(timeoutOf(2, 2, 30), tenured), 'highQcImplausible');
});

test('a tenure whose end could not be written as a view is refused', (t) => {
  const last = Math.floor(NUMBER_MAX / 10) - 1;
  t.is(timeoutProblem(timeoutOf(0, last), tenured), null);
  t.is(timeoutProblem(timeoutOf(0, last + 1), tenured), 'tenureOutOfRange');
  t.is(timeoutProblem(timeoutOf(0, NUMBER_MAX), tenured), 'tenureOutOfRange');
  t.is(timeoutProblem(timeoutOf(0, -1), tenured), 'tenureOutOfRange');
  t.is(timeoutProblem(timeoutOf(0, Number.NaN), tenured), 'tenureOutOfRange');
  const rotating = { ...shape, tenureLength: 1 };
  t.is(timeoutProblem(timeoutOf(0, NUMBER_MAX - 1), rotating), null, 'it ends just where a view can be written');
  t.is(timeoutProblem(timeoutOf(0, NUMBER_MAX), rotating), 'tenureOutOfRange');
});

test('a Timeout travels with the QC whose view it names', (t) => {
  t.is(timeoutProblem(timeoutOf(3, 0, 4), tenured), null);
  t.is(timeoutProblem({ ...timeoutOf(3, 0, 4), highQc: qcIn(5) }, tenured), 'highQcMismatch');
  t.is(timeoutProblem({ ...timeoutOf(3, 0, 4), highQc: qcIn(4, [0, 1]) }, tenured), 'highQcMalformed');
  t.is(timeoutProblem(timeoutOf(4, 0, 4), tenured), 'notAMember');
});

test('the higher QC is the one of the higher view, the first of two equal ones', (t) => {
  const low = qcIn(3);
  const high = qcIn(4);
  t.is(highestQc(low, high), high);
  t.is(highestQc(high, low), high);
  t.is(highestQc(low, qcIn(3, [1, 2, 3])), low);
});

test('a QC enters the view after its own, a TC the first view of the next tenure', (t) => {
  t.is(entersView({ kind: 'qc', qc: qcIn(41) }, 10), asView(42));
  const tc = tcOf(4, [], 41);
  t.is(entersView({ kind: 'tc', tc }, 10), asView(50));
  t.is(entersView({ kind: 'tc', tc }, 1), asView(5));
});
