/**
 * What the key-value commands mean, one at a time and key by key: written from their description (DESIGN section 11), so
 * that a history of them can be judged without the machine that answered it.
 */
import type { SequentialModel } from './history.js';

/** A command of the key-value machine; `value` counts for SET and APPEND alone. */
export interface KeyValueOperation {
  readonly operation: 'SET' | 'GET' | 'DEL' | 'INCR' | 'APPEND';
  readonly key: string;
  readonly value: string;
}

/** A reply as it is shown: a text, null for no value, false for an error, whatever it says. */
export type KeyValueResult = string | null | false;

const INTEGER_MAX = 2n ** 63n - 1n;

/** The values of one key; null for none. Keys never see each other. Values are shorter than any limit on them. */
export const keyValueModel: SequentialModel<string | null, KeyValueOperation, KeyValueResult> = {
  initial: () => null,
  stateKey: (value) => (value === null ? '-' : `=${value}`),
  partitionBy: ({ key }) => key,
  isRead: ({ operation }) => operation === 'GET',
  step: (held, { operation, value }) => {
    switch (operation) {
      case 'SET':
        return { state: value, result: 'OK' };
      case 'GET':
        return { state: held, result: held };
      case 'DEL':
        return { state: null, result: held === null ? '0' : '1' };
      case 'APPEND':
        return { state: (held ?? '') + value, result: String(new TextEncoder().encode((held ?? '') + value).length) };
      case 'INCR':
        return increment(held);
    }
  },
};

/** No key counts as 0; what is no number of 64 bits, or is the last of them, stays and is an error. */
function increment(held: string | null): { state: string | null; result: KeyValueResult } {
  const digits = held ?? '0';
  const number = /^-?\d{1,19}$/.test(digits) ? BigInt(digits) : INTEGER_MAX;
  const canonical = String(number) === digits && number >= -INTEGER_MAX - 1n;
  if (!canonical || number >= INTEGER_MAX) return { state: held, result: false };
  return { state: String(number + 1n), result: String(number + 1n) };
}
