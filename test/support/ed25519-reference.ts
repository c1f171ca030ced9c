/**
 * Scheme `ed25519-libsodium` written a second time, on @noble/ed25519's point arithmetic: slow, plain, and apart from
 * every library that the product uses. It also makes the crafted signatures that the libraries disagree on.
 */
import { Point } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../../src/crypto/hash.js';

const { n: ORDER, p: PRIME } = Point.CURVE();

/** Little-endian bytes to a number. */
export function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** A number to 32 little-endian bytes. */
export function toBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

/** The verdict of the scheme: the definition, word for word. */
export function referenceVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const r = signature.slice(0, 32);
  const s = toNumber(signature.slice(32));
  const a = decodePoint(publicKey);
  if (s >= ORDER || a === null || decodePoint(r) === null) return false;
  const k = challenge(r, publicKey, message);
  const expected = multiply(Point.BASE, s).add(multiply(a, k).negate());
  return Buffer.compare(expected.toBytes(), r) === 0;
}

/** A point from its canonical encoding, null when it has none, is not on the curve, or is of small order. */
function decodePoint(bytes: Uint8Array): Point | null {
  if (toNumber(bytes) % 2n ** 255n >= PRIME) return null;
  let point: Point;
  try {
    point = Point.fromBytes(bytes);
  } catch {
    return null;
  }
  return point.clearCofactor().is0() ? null : point;
}

/** SHA-512(R ‖ A ‖ M) modulo the group's order. */
export function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return toNumber(sha512(concatBytes(r, publicKey, message))) % ORDER;
}

/** noble refuses to multiply by zero. */
export function multiply(point: Point, scalar: bigint): Point {
  return scalar % ORDER === 0n ? Point.ZERO : point.multiply(scalar % ORDER);
}

/** The secret scalar and the public parts of a signature made without a library: any A and R that one can name. */
export function forge(parts: {
  readonly secret: bigint;
  readonly nonce: bigint;
  readonly publicKey: Point;
  readonly commitment: Point;
  readonly message: Uint8Array;
}): { publicKey: Uint8Array; signature: Uint8Array } {
  const publicKey = parts.publicKey.toBytes();
  const r = parts.commitment.toBytes();
  const s = (parts.nonce + challenge(r, publicKey, parts.message) * parts.secret) % ORDER;
  return { publicKey, signature: concatBytes(r, toBytes(s)) };
}

/** A point of order 8: no multiple of the base point. Times 0 .. 7 it gives all points of small order. */
export const TORSION = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');

/** The eight points of small order. */
export const smallOrderPoints: readonly Point[] = Array.from({ length: 8 }, (_, index) =>
  Array.from({ length: index }).reduce<Point>((sum) => sum.add(TORSION), Point.ZERO),
);

export { ORDER, PRIME };
