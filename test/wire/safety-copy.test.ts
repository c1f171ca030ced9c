import test from 'ava';
import fc from 'fast-check';
import { concatBytes, sha256 } from '../../src/crypto/hash.js';
import { asBlockHash, asReplicaId, asTenure, asView } from '../../src/protocol/numbers.js';
import {
  decodeSafetyCopy,
  encodeSafetyCopy,
  type SafetyCopy,
  SLOT_BYTES,
  SLOT_FILE,
} from '../../src/wire/safety-copy.js';
import { CLUSTER_ID } from '../support/chain.js';
import { patched } from '../support/codecs.js';
import { safetyRecord } from '../support/wire-arbitraries.js';

const identity = { clusterId: CLUSTER_ID, replica: asReplicaId(3) };
const safetyCopy: fc.Arbitrary<SafetyCopy> = fc.option(safetyRecord).map((record) => ({ identity, batch: 7, record }));
/** Where the record begins, and its first field. */
const RECORD_AT = 52;

test('a copy of the safety record comes back whole, whatever stands behind it', (t) => {
  fc.assert(
    fc.property(safetyCopy, fc.uint8Array({ maxLength: 20 }), (copy, behind) => {
      t.deepEqual(decodeSafetyCopy(concatBytes(encodeSafetyCopy(copy), behind)), copy);
    }),
    { numRuns: 50 },
  );
});

test('a copy that was torn or flipped in any bit is not taken', (t) => {
  const taken = (bytes: Uint8Array) => decodeSafetyCopy(bytes) !== null;
  fc.assert(
    fc.property(safetyCopy, (copy) => {
      const bytes = encodeSafetyCopy(copy);
      const wrong: string[] = [];
      for (let length = 0; length < bytes.length; length++) {
        if (taken(bytes.slice(0, length))) wrong.push(`prefix ${length}`);
      }
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = patched(bytes, bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
        if (taken(flipped)) wrong.push(`bit ${bit}`);
      }
      t.deepEqual(wrong, []);
    }),
    { numRuns: 10 },
  );
});

test('a copy of another form, or of another program, is not taken even where its checksum fits', (t) => {
  const [record] = fc.sample(safetyRecord, { numRuns: 1, seed: 7 });
  if (record === undefined) return t.fail();
  const copy = { identity, batch: 7, record };
  const content = encodeSafetyCopy(copy).slice(0, -8);
  const sealed = (bytes: Uint8Array) => concatBytes(bytes, sha256(bytes).slice(0, 8));
  t.deepEqual(decodeSafetyCopy(sealed(content)), copy);
  t.is(decodeSafetyCopy(sealed(patched(content, 3, 0x31))), null);
  t.is(decodeSafetyCopy(sealed(patched(content, 0, 0))), null);
  // A number above NUMBER_MAX, and a byte too many inside the record.
  t.is(decodeSafetyCopy(sealed(patched(content, RECORD_AT, 0xff))), null);
  const longer = patched(content, RECORD_AT - 1, (content[RECORD_AT - 1] as number) + 1);
  t.is(decodeSafetyCopy(sealed(concatBytes(longer, Uint8Array.of(0)))), null);
});

test('an entry of a kind that nobody knows is not taken for a TC', (t) => {
  const highQc = { view: asView(7), block: asBlockHash('ab'.repeat(32)), signatures: [] };
  const tc = { tenure: asTenure(2), timeouts: [], highQc };
  const record = { number: 4, bound: asView(40), highQc, entry: { kind: 'tc', tc } } as const;
  const copy = { identity, batch: 7, record };
  const content = encodeSafetyCopy(copy).slice(0, -8);
  const kindAt = RECORD_AT + 8 + 8 + 44;
  t.is(content[kindAt], 2);
  for (const kind of [0, 1, 3, 255]) {
    const changed = patched(content, kindAt, kind);
    t.is(decodeSafetyCopy(concatBytes(changed, sha256(changed).slice(0, 8))), null, `kind ${kind}`);
  }
});

test('the slots stand where every version looks for them, and hold the certificates of a thousand replicas', (t) => {
  t.is(SLOT_FILE, 'safety-record');
  t.is(SLOT_BYTES, 2 ** 20);
  const signatures = Array.from({ length: 1000 }, (_, signer) => {
    return { signer: asReplicaId(signer), signature: new Uint8Array(64) };
  });
  const highQc = { view: asView(7), block: asBlockHash('ab'.repeat(32)), signatures };
  const timeouts = signatures.map((signed) => ({ ...signed, tenure: asTenure(2), highQcView: asView(7) }));
  const entry = { kind: 'tc', tc: { tenure: asTenure(2), timeouts, highQc } } as const;
  const record = { number: 4, bound: asView(40), highQc, entry };
  t.true(encodeSafetyCopy({ identity, batch: 7, record }).length <= SLOT_BYTES);
});

test('zeroes, as a file system leaves them, are no copy', (t) => {
  for (const length of [0, 1, 8, 13, 512, 4096]) t.is(decodeSafetyCopy(new Uint8Array(length)), null);
});
