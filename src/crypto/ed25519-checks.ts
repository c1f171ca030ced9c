/**
 * The byte checks of scheme `ed25519-libsodium` (DESIGN section 4): what must hold of a public key and a signature
 * before any arithmetic. With them libsodium, OpenSSL and @noble/ed25519's point arithmetic give one verdict.
 * Source: libsodium 1.0.18, `crypto_sign_ed25519_verify_detached` and `ge25519_has_small_order`; RFC 8032, 5.1.
 */
import { hexToBytes } from './hash.js';

/** Bytes of a public key: a compressed point (RFC 8032, 5.1.5). */
export const PUBLIC_KEY_BYTES = 32;
/** Bytes of a secret key: RFC 8032's seed alone, not libsodium's 64 bytes with the public key behind it. */
export const SECRET_KEY_BYTES = 32;
/** Bytes of a signature: R, a compressed point, and S, a little-endian number, 32 bytes each. */
export const SIGNATURE_BYTES = 64;

/** The order of the base point, 2^252 + 27742317777372353535851937790883648493, little-endian. */
const GROUP_ORDER = hexToBytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
/** The field's prime, 2^255 − 19, little-endian. */
const FIELD_PRIME = hexToBytes('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');

/** The y coordinates of the eight points of small order, reduced, without the sign bit; x is decided by the sign. */
const SMALL_ORDER_Y = [
  '0100000000000000000000000000000000000000000000000000000000000000', // order 1
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // order 2
  '0000000000000000000000000000000000000000000000000000000000000000', // order 4
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // order 8
].map(hexToBytes);

/** Tells whether 32 bytes may stand as a public key or as R: y below the prime, and not a point of small order. */
export function acceptablePoint(bytes: Uint8Array, offset = 0): boolean {
  return (
    bytes.length >= offset + 32 &&
    isBelow(bytes, offset, FIELD_PRIME, 0x7f) &&
    !SMALL_ORDER_Y.some((y) => equalsIgnoringSign(bytes, offset, y))
  );
}

/** Tells whether a signature is 64 bytes, with S below the group's order and an acceptable R. */
export function acceptableSignature(signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_BYTES && isBelow(signature, 32, GROUP_ORDER, 0xff) && acceptablePoint(signature)
  );
}

/** Compares 32 little-endian bytes with a bound, the top byte under a mask. */
function isBelow(bytes: Uint8Array, offset: number, bound: Uint8Array, topMask: number): boolean {
  for (let index = 31; index >= 0; index--) {
    const byte = (bytes[offset + index] as number) & (index === 31 ? topMask : 0xff);
    const limit = bound[index] as number;
    if (byte !== limit) return byte < limit;
  }
  return false;
}

function equalsIgnoringSign(bytes: Uint8Array, offset: number, y: Uint8Array): boolean {
  for (let index = 0; index < 31; index++) if (bytes[offset + index] !== y[index]) return false;
  return ((bytes[offset + 31] as number) & 0x7f) === y[31];
}
