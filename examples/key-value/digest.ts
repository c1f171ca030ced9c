import { hash } from 'node:crypto';

/** A SHA-256 as a string of 32 characters of one byte each: half as large as hex digits, and cheaper to make than bytes. */
export type Digest = string;

/** Hashes bytes; the trie takes another in tests that count. */
export type HashFunction = (bytes: Uint8Array) => Digest;

/** 32 characters long. */
export const DIGEST_LENGTH = 32;

export const sha256: HashFunction = (bytes) => hash('sha256', bytes, 'binary');

/** Returns the 32 bytes of a digest. */
export function digestBytes(digest: Digest): Uint8Array {
  return Uint8Array.from(digest, (character) => character.charCodeAt(0));
}
