import test from 'ava';
import fc from 'fast-check';
import { bytesToHex } from '../../src/crypto/hash.js';
import { asBlockHash, asTenure, asView, NUMBER_MAX } from '../../src/protocol/numbers.js';
import { createSigningBytes } from '../../src/wire/signing-bytes.js';
import { CLUSTER_ID } from '../support/wire-arbitraries.js';

const signing = createSigningBytes({ clusterId: CLUSTER_ID, epoch: 5 });
const hash = asBlockHash('ab'.repeat(32));
const ascii = (text: string) => bytesToHex(new TextEncoder().encode(text));

test('signed bytes are laid as documented', (t) => {
  const scope = `${CLUSTER_ID}0000000000000005`;
  const view = asView(2 ** 32 + 7);
  t.is(bytesToHex(signing.proposal(view, hash)), `${ascii('hs1:prop')}${scope}0000000100000007${'ab'.repeat(32)}`);
  t.is(bytesToHex(signing.vote(view, hash)), `${ascii('hs1:vote')}${scope}0000000100000007${'ab'.repeat(32)}`);
  t.is(
    bytesToHex(signing.timeout(asTenure(3), asView(NUMBER_MAX))),
    `${ascii('hs1:time')}${scope}0000000000000003001fffffffefffff`,
  );
});

test('no two statements that differ in kind, cluster, epoch, view or block have the same bytes', (t) => {
  const statement = fc.record({
    kind: fc.constantFrom('proposal', 'vote', 'timeout'),
    cluster: fc.constantFrom('c1'.repeat(32), 'c2'.repeat(32)),
    epoch: fc.nat({ max: 1 }),
    view: fc.oneof(fc.nat({ max: 2 }), fc.constantFrom(2 ** 32, 2 ** 32 + 1)),
    subject: fc.nat({ max: 2 }),
  });
  type Statement = typeof statement extends fc.Arbitrary<infer T> ? T : never;
  const bytesOf = ({ kind, cluster, epoch, view, subject }: Statement) => {
    const made = createSigningBytes({ clusterId: cluster, epoch });
    if (kind === 'timeout') return bytesToHex(made.timeout(asTenure(view), asView(subject)));
    const block = asBlockHash(`0${subject}`.repeat(32));
    return bytesToHex(kind === 'vote' ? made.vote(asView(view), block) : made.proposal(asView(view), block));
  };
  fc.assert(
    fc.property(statement, statement, (a, b) => {
      t.is(bytesOf(a) === bytesOf(b), JSON.stringify(a) === JSON.stringify(b));
    }),
    { numRuns: 500 },
  );
});

test('what was asked for before does not matter', (t) => {
  const hashes = [hash, asBlockHash('cd'.repeat(32))];
  const statements = [asView(1), asView(2)].flatMap((view) =>
    hashes.map((block) => {
      const fresh = createSigningBytes({ clusterId: CLUSTER_ID, epoch: 5 });
      return { view, block, expected: bytesToHex(fresh.vote(view, block)) };
    }),
  );
  for (const first of statements) {
    const kept = signing.vote(first.view, first.block);
    for (const { view, block, expected } of statements) {
      t.is(bytesToHex(signing.vote(view, block)), expected);
      signing.proposal(view, block);
    }
    t.is(bytesToHex(kept), first.expected);
  }
});

test('what was handed out is not written into by what is asked for next', (t) => {
  const handed = [
    signing.timeout(asTenure(3), asView(29)),
    signing.proposal(asView(30), hash),
    signing.vote(asView(30), hash),
  ];
  const before = handed.map(bytesToHex);
  signing.timeout(asTenure(4), asView(39));
  signing.proposal(asView(41), asBlockHash('cd'.repeat(32)));
  signing.vote(asView(41), asBlockHash('cd'.repeat(32)));
  t.deepEqual(handed.map(bytesToHex), before);
});

test('the votes of a certificate are all for one statement, whose bytes are made once', (t) => {
  t.is(signing.vote(asView(50), hash), signing.vote(asView(50), hash));
});
