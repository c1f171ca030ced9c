import test from 'ava';
import { limits } from '../../src/config/limits.js';
import { asBlockHash, asReplicaId, asTenure, asView, NUMBER_MAX } from '../../src/protocol/numbers.js';
import type { QuorumCertificate, TimeoutCertificate } from '../../src/protocol/types.js';
import { quorumCertificate, timeoutCertificate } from '../../src/wire/certificate-schema.js';
import { decodeWhole, NO_HEAD, whole } from '../../src/wire/schema.js';
import { patched } from '../support/codecs.js';

const qcs = whole(NO_HEAD, quorumCertificate);
const tcs = whole(NO_HEAD, timeoutCertificate);
const signature = new Uint8Array(64).fill(6);
const hash = asBlockHash('ab'.repeat(32));
const COUNT_AT = 40;
const ENTRIES_AT = 44;
const ENTRY_BYTES = 68;

function qcOf(signers: readonly number[], change: Partial<QuorumCertificate> = {}): QuorumCertificate {
  const signatures = signers.map((signer) => ({ signer: asReplicaId(signer), signature }));
  return { view: asView(2 ** 32 + 5), block: hash, signatures, ...change };
}

function tcOf(signers: readonly number[]): TimeoutCertificate {
  const timeouts = signers.map((signer) => {
    return { signer: asReplicaId(signer), signature, tenure: asTenure(4), highQcView: asView(3) };
  });
  return { tenure: asTenure(4), timeouts, highQc: qcOf([0, 1]) };
}

test('a quorum certificate is laid as documented, and comes back with plain numbers', (t) => {
  const bytes = qcs.encode(qcOf([1, 258]));
  t.is(bytes.length, ENTRIES_AT + 2 * ENTRY_BYTES);
  t.deepEqual(bytes.slice(0, 8), Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 5));
  t.deepEqual(bytes.slice(8, COUNT_AT), new Uint8Array(32).fill(0xab));
  t.deepEqual(bytes.slice(COUNT_AT, ENTRIES_AT), Uint8Array.of(0, 0, 0, 2));
  t.deepEqual(bytes.slice(ENTRIES_AT, ENTRIES_AT + 4), Uint8Array.of(0, 0, 0, 1));
  t.deepEqual(bytes.slice(ENTRIES_AT + 4, ENTRIES_AT + ENTRY_BYTES), signature);
  t.deepEqual(bytes.slice(ENTRIES_AT + ENTRY_BYTES, ENTRIES_AT + ENTRY_BYTES + 4), Uint8Array.of(0, 0, 1, 2));
  t.deepEqual(decodeWhole(qcs, bytes), qcOf([1, 258]));
  t.deepEqual(decodeWhole(qcs, qcs.encode(qcOf([]))), qcOf([]));
});

test('what is no quorum certificate is not written', (t) => {
  for (const view of [0, NUMBER_MAX]) t.notThrows(() => qcs.encode(qcOf([0], { view: asView(view) })));
  for (const view of [-1, 0.5, Number.NaN, NUMBER_MAX + 1]) {
    const wrong = { ...qcOf([0]), view } as QuorumCertificate;
    t.throws(() => qcs.encode(wrong), { message: /not a number/ }, String(view));
  }
  for (const block of ['', 'ab'.repeat(31), 'ab'.repeat(33)]) {
    t.throws(() => qcs.encode({ ...qcOf([0]), block: block as typeof hash }), { message: /hex digits/ }, block);
  }
  for (const length of [0, 63, 65]) {
    const short = { signer: asReplicaId(7), signature: new Uint8Array(length) };
    const wrong = qcOf([], { signatures: [...qcOf([0]).signatures, short] });
    t.throws(() => qcs.encode(wrong), { message: /64 bytes/ }, String(length));
  }
});

test('the signers of a certificate ascend strictly, both ways', (t) => {
  t.notThrows(() => qcs.encode(qcOf([0, 1, 3])));
  t.notThrows(() => tcs.encode(tcOf([0, 1, 3])));
  for (const signers of [
    [0, 0],
    [1, 0],
    [0, 2, 1],
    [0, 1, 1],
  ]) {
    t.throws(() => qcs.encode(qcOf(signers)), { message: /ascend/ }, String(signers));
    t.throws(() => tcs.encode(tcOf(signers)), { message: /ascend/ }, String(signers));
  }
  const bytes = qcs.encode(qcOf([0, 1]));
  t.is(decodeWhole(qcs, patched(bytes, ENTRIES_AT + 3, 1)), null);
  t.is(decodeWhole(qcs, patched(bytes, ENTRIES_AT + 3, 2)), null);
  const timeouts = tcs.encode(tcOf([0, 1]));
  t.deepEqual(decodeWhole(tcs, timeouts), tcOf([0, 1]));
  t.is(decodeWhole(tcs, patched(timeouts, 8 + 4 + 3, 1)), null);
  t.is(decodeWhole(tcs, patched(timeouts, 8 + 4 + 3, 2)), null);
});

test('a certificate has as many signers as the bound and no more, both ways', (t) => {
  const most = Array.from({ length: limits.certificateSigners }, (_, signer) => signer);
  const bytes = qcs.encode(qcOf(most));
  t.is(decodeWhole(qcs, bytes)?.signatures.length, limits.certificateSigners);
  t.throws(() => qcs.encode(qcOf([...most, most.length])), { message: /above the bound/ });
  t.throws(() => tcs.encode(tcOf([...most, most.length])));
  const longer = new Uint8Array(bytes.length + ENTRY_BYTES);
  longer.set(bytes);
  const view = new DataView(longer.buffer);
  view.setUint32(COUNT_AT, most.length + 1);
  view.setUint32(bytes.length, most.length);
  t.is(decodeWhole(qcs, longer), null);
});

test('a view is read up to NUMBER_MAX', (t) => {
  const bytes = qcs.encode(qcOf([0], { view: asView(NUMBER_MAX) }));
  t.is(decodeWhole(qcs, bytes)?.view, asView(NUMBER_MAX));
  t.is(decodeWhole(qcs, patched(bytes, 0, 0, 0x1f, 0xff, 0xff, 0xff, 0xf0, 0, 0)), null);
});

test('the signatures of a certificate keep no more of a frame alive than the certificate', (t) => {
  const bytes = qcs.encode(qcOf([0, 1]));
  const frame = new Uint8Array(bytes.length * 10);
  frame.set(bytes, 20);
  const qc = decodeWhole(qcs, frame.subarray(20, 20 + bytes.length));
  t.deepEqual(qc, qcOf([0, 1]));
  t.is(qc?.signatures[0]?.signature.buffer.byteLength, bytes.length);
});
