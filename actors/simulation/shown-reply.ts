import { bytesToHex } from '../../src/crypto/hash.js';

const PRINTABLE = /^[\x20-\x7e]*$/;
const fromText = new TextDecoder();

/** A reply as people read it: a text in quotes where it is one, else hex digits. */
export function shown(reply: Uint8Array): string {
  const text = fromText.decode(reply);
  return PRINTABLE.test(text) ? JSON.stringify(text) : bytesToHex(reply);
}
