/** Asks a machine for its state hash as a replica does, and says what is wrong with the answer. */
import { inWords } from '../../src/config/check-options.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { sentenceOf } from '../../src/errors.js';
import type { LoadedApplication } from '../application.js';

/** A machine's answer. */
interface AskedHash {
  /** Hex digits; null where there is none. */
  readonly stateHash: string | null;
  /** What the machine did that it must not; null for nothing. */
  readonly problem: string | null;
}

/** Of a machine that nobody asked, or that has no `stateHash`. */
export const NOT_ASKED: AskedHash = { stateHash: null, problem: null };

const BYTES = 32;

/** It is the application's code: whatever it throws or returns is told as its own. */
export function stateHashOf(machine: LoadedApplication['machine']): AskedHash {
  if (machine.stateHash === undefined) return NOT_ASKED;
  let answer: unknown;
  try {
    answer = machine.stateHash();
  } catch (error) {
    return wrong(`threw: ${sentenceOf(error)}`);
  }
  if (answer instanceof Uint8Array && answer.length === BYTES) return { stateHash: bytesToHex(answer), problem: null };
  // Nobody else will look at it.
  if (answer instanceof Promise) answer.catch(() => undefined);
  return wrong(`returned ${inWords(answer)}; a state hash is a Uint8Array of ${BYTES} bytes`);
}

function wrong(what: string): AskedHash {
  return { stateHash: null, problem: `stateHash ${what}` };
}
