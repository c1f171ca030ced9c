import { Point } from '@noble/ed25519';
import test, { type ExecutionContext } from 'ava';
import { createSigner, createVerifier, ed25519Backend, generateKeyPair } from '../../src/crypto/ed25519.js';
import { type Ed25519Backend, nodeBackend, sodiumBackend } from '../../src/crypto/ed25519-backends.js';
import { acceptablePoint, acceptableSignature } from '../../src/crypto/ed25519-checks.js';
import { bytesToHex, concatBytes, hexToBytes } from '../../src/crypto/hash.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { patched } from '../support/codecs.js';
import {
  challenge,
  forge,
  multiply,
  ORDER,
  PRIME,
  referenceVerify,
  smallOrderPoints,
  TORSION,
  toBytes,
  toNumber,
} from '../support/ed25519-reference.js';

const sodium = sodiumBackend as Ed25519Backend;
const backends = [sodium, nodeBackend];
const message = new TextEncoder().encode('a vote');
const pair = generateKeyPair(new Uint8Array(32).fill(7));
const signature = createSigner(pair.secretKey).sign(message);
const ZERO = asReplicaId(0);

/** Asserts that both libraries and the reference agree on a signature, and that the verdict is `expected`. */
function assertVerdict(
  t: ExecutionContext,
  expected: boolean,
  [publicKey, text, bytes]: readonly [Uint8Array, Uint8Array, Uint8Array],
  label?: string,
): void {
  t.is(referenceVerify(publicKey, text, bytes), expected, `reference: ${label}`);
  for (const backend of backends) {
    t.is(createVerifier([publicKey], backend).verify(ZERO, text, bytes), expected, `${backend.name}: ${label}`);
  }
}

test('sodium-native loads here, so that both libraries are tested', (t) => {
  t.is(sodiumBackend?.name, 'sodium-native');
  t.is(ed25519Backend.name, 'sodium-native');
});

test('keys and signatures are those of RFC 8032, section 7.1', (t) => {
  const vectors = [
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ] as const;
  for (const [secret, publicKey, text, expected] of vectors) {
    for (const backend of backends) {
      t.is(bytesToHex(backend.publicKeyOf(hexToBytes(secret))), publicKey);
      t.is(bytesToHex(createSigner(hexToBytes(secret), backend).sign(hexToBytes(text))), expected);
    }
    assertVerdict(t, true, [hexToBytes(publicKey), hexToBytes(text), hexToBytes(expected)]);
  }
});

test('an honest signature is taken, and with any bit of signature, key or message flipped it is not', (t) => {
  assertVerdict(t, true, [pair.publicKey, message, signature]);
  const flip = (bytes: Uint8Array, bit: number) =>
    patched(bytes, bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
  // Each library on every bit; the reference, which takes milliseconds, on every 16th.
  for (const backend of backends) {
    const verifier = createVerifier([pair.publicKey], backend);
    for (let bit = 0; bit < 512; bit++) t.false(verifier.verify(ZERO, message, flip(signature, bit)), `bit ${bit}`);
  }
  for (let bit = 3; bit < 512; bit += 16) assertVerdict(t, false, [pair.publicKey, message, flip(signature, bit)]);
  for (let bit = 0; bit < 256; bit += 16) assertVerdict(t, false, [flip(pair.publicKey, bit), message, signature]);
  assertVerdict(t, false, [pair.publicKey, flip(message, 5), signature]);
});

test('S is refused from the order of the group on, so that S + L is no second signature', (t) => {
  const r = signature.slice(0, 32);
  const s = toNumber(signature.slice(32));
  for (const value of [s + ORDER, ORDER, ORDER + 1n, 2n ** 253n, 2n ** 256n - 1n]) {
    assertVerdict(t, false, [pair.publicKey, message, concatBytes(r, toBytes(value))], `S = ${value}`);
  }
  assertVerdict(t, false, [pair.publicKey, message, concatBytes(r, toBytes(ORDER - 1n))]);
});

test('the byte check alone refuses S from the order of the group on, whatever library comes behind it', (t) => {
  const withS = (value: bigint) => acceptableSignature(concatBytes(signature.slice(0, 32), toBytes(value)));
  t.true(withS(0n));
  t.true(withS(ORDER - 1n));
  for (const value of [ORDER, ORDER + 1n, 2n ** 253n, 2n ** 256n - 1n]) t.false(withS(value), `S = ${value}`);
});

test('a public key of small order is refused, where node:crypto alone would take a signature by anyone', (t) => {
  for (const point of smallOrderPoints) {
    // With A of order dividing 8 and k a multiple of 8, S·B = R holds for S and R = S·B that anyone can make.
    const publicKey = point.toBytes();
    const commitment = multiply(Point.BASE, 5n);
    const r = commitment.toBytes();
    const text = grind((candidate) => challenge(r, publicKey, candidate) % 8n === 0n);
    assertVerdict(t, false, [publicKey, text, concatBytes(r, toBytes(5n))], bytesToHex(publicKey));
  }
});

test('R of small order is refused, even where the equation holds', (t) => {
  for (const point of smallOrderPoints) {
    const r = point.toBytes();
    const secret = 11n;
    const publicKey = multiply(Point.BASE, secret);
    const forged = forge({ secret, nonce: 0n, publicKey, commitment: point, message });
    t.deepEqual(forged.signature.slice(0, 32), r);
    assertVerdict(t, false, [forged.publicKey, message, forged.signature], bytesToHex(r));
  }
});

test('keys and R that are not canonical are refused, with either sign', (t) => {
  for (let y = 0n; y < 19n; y++) {
    for (const sign of [0n, 1n << 255n]) {
      const encoding = toBytes((y + PRIME) | sign);
      t.false(acceptablePoint(encoding), `y = p + ${y}`);
      assertVerdict(t, false, [encoding, message, signature], `A: y = p + ${y}`);
      const swapped = concatBytes(encoding, signature.slice(32));
      t.false(createVerifier([pair.publicKey], sodium).verify(ZERO, message, swapped));
      t.false(createVerifier([pair.publicKey], nodeBackend).verify(ZERO, message, swapped));
    }
  }
  t.true(acceptablePoint(toBytes(PRIME - 2n)));
  t.true(acceptablePoint(toBytes(2n)));
});

test('the byte check knows all points of small order and no others among their neighbours', (t) => {
  for (const point of smallOrderPoints) {
    const bytes = point.toBytes();
    t.false(acceptablePoint(bytes));
    t.false(acceptablePoint(patched(bytes, 31, (bytes[31] as number) ^ 0x80)));
    t.true(acceptablePoint(patched(bytes, 15, (bytes[15] as number) ^ 0x01)));
  }
  t.is(new Set(smallOrderPoints.map((point) => point.toHex())).size, 8);
});

test('a key of mixed order verifies exactly where the equation without cofactor holds', (t) => {
  const secret = 1234567n;
  const publicKey = multiply(Point.BASE, secret).add(TORSION);
  const commitment = multiply(Point.BASE, 99n);
  const key = publicKey.toBytes();
  const r = commitment.toBytes();
  for (const [remainder, expected] of [
    [0n, true],
    [1n, false],
    [4n, false],
  ] as const) {
    const text = grind((candidate) => challenge(r, key, candidate) % 8n === remainder);
    const forged = forge({ secret, nonce: 99n, publicKey, commitment, message: text });
    assertVerdict(t, expected, [key, text, forged.signature], `k mod 8 = ${remainder}`);
  }
});

test('R of mixed order is refused, where the equation with cofactor would take it', (t) => {
  const publicKey = multiply(Point.BASE, 1234567n);
  for (const torsion of smallOrderPoints.slice(1)) {
    const commitment = multiply(Point.BASE, 99n).add(torsion);
    const forged = forge({ secret: 1234567n, nonce: 99n, publicKey, commitment, message });
    assertVerdict(t, false, [forged.publicKey, message, forged.signature]);
  }
  const honest = forge({ secret: 1234567n, nonce: 99n, publicKey, commitment: multiply(Point.BASE, 99n), message });
  assertVerdict(t, true, [honest.publicKey, message, honest.signature]);
});

test('only 64 bytes are a signature: libsodium itself would take a 65th', (t) => {
  for (const length of [0, 1, 32, 63, 65, 128]) {
    const bytes = new Uint8Array(length);
    bytes.set(signature.slice(0, length));
    for (const backend of backends) {
      t.false(createVerifier([pair.publicKey], backend).verify(ZERO, message, bytes), `${length} bytes`);
    }
  }
});

test('keys of a wrong length verify nothing, and a signer outside the cluster is no error', (t) => {
  for (const backend of backends) {
    const verifier = createVerifier([new Uint8Array(31), new Uint8Array(33), pair.publicKey], backend);
    t.false(verifier.verify(asReplicaId(0), message, signature));
    t.false(verifier.verify(asReplicaId(1), message, signature));
    t.true(verifier.verify(asReplicaId(2), message, signature));
    for (const signer of [3, -1, 1.5, Number.NaN, 2 ** 53])
      t.false(verifier.verify(asReplicaId(signer), message, signature));
  }
});

test('what stands in shared memory, or is part of a larger buffer, has the same verdict', (t) => {
  const shared = (bytes: Uint8Array) => {
    const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
    copy.set(bytes);
    return copy;
  };
  const inside = (bytes: Uint8Array) => concatBytes(Uint8Array.of(1, 2, 3), bytes, Uint8Array.of(4)).subarray(3, -1);
  for (const backend of backends) {
    const verifier = createVerifier([shared(pair.publicKey), inside(pair.publicKey)], backend);
    t.true(verifier.verify(asReplicaId(0), shared(message), shared(signature)));
    t.true(verifier.verify(asReplicaId(1), inside(message), inside(signature)));
    t.true(verifier.verify(asReplicaId(1), Buffer.from(message), Buffer.from(signature)));
    t.deepEqual(createSigner(shared(pair.secretKey), backend).sign(shared(message)), signature);
    t.is(createSigner(pair.secretKey, backend).sign(message).constructor, Uint8Array);
  }
});

test('a signer keeps its key when the caller wipes his, and a key of a wrong length is a bug', (t) => {
  const secret = pair.secretKey.slice();
  const signers = backends.map((backend) => createSigner(secret, backend));
  secret.fill(0);
  for (const signer of signers) t.deepEqual(signer.sign(message), signature);
  t.throws(() => createSigner(new Uint8Array(64)), { name: 'InvariantViolation' });
  t.throws(() => generateKeyPair(new Uint8Array(31)), { name: 'InvariantViolation' });
});

/** The first of a row of messages that `fits`. */
function grind(fits: (candidate: Uint8Array) => boolean): Uint8Array {
  for (let counter = 0; ; counter++) {
    const candidate = new TextEncoder().encode(`message ${counter}`);
    if (fits(candidate)) return candidate;
  }
}
