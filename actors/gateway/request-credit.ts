/** Credit for submits: each connection has its own, and all of them share one more. */

/** Messages, and what they take in memory, that may be on their way to the pool at a time. */
export interface Allowance {
  readonly messages: number;
  readonly bytes: number;
}

/** What is left of an allowance. */
export interface Credit {
  /** Whether one message of `bytes` may go; one larger than the whole allowance goes alone. */
  affords(bytes: number): boolean;
  charge(bytes: number): void;
  restore(returned: Allowance): void;
}

/** Makes a credit of which all is left. It does not check that what is restored was charged before. */
export function createCredit(allowance: Allowance): Credit {
  let { messages, bytes: left } = allowance;
  return {
    affords: (bytes) => messages > 0 && (left >= bytes || left === allowance.bytes),
    charge(bytes) {
      messages -= 1;
      left -= bytes;
    },
    restore(returned) {
      messages += returned.messages;
      left += returned.bytes;
    },
  };
}
