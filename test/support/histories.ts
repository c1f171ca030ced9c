/** Histories of the key-value commands, written as lines. */
import type { Operation } from '../../src/simulation/checkers/history.js';
import type { KeyValueOperation, KeyValueResult } from '../../src/simulation/checkers/key-value-model.js';

/** In place of the answer that did not come. */
export const NEVER = undefined;

/** When it was called and answered, the command, and the answer. */
export type Call = readonly [
  invokedAt: number,
  completedAt: number | null,
  command: string,
  result: KeyValueResult | undefined,
];

/** The operations of the calls, numbered from 0, each of a client of its own. */
export function history(calls: readonly Call[]): readonly Operation<KeyValueOperation, KeyValueResult>[] {
  return calls.map(([invokedAt, completedAt, text, result], id) => {
    const [operation, key = '', value = ''] = text.split(' ');
    const command = { operation: operation as KeyValueOperation['operation'], key, value };
    return { id, client: id, invokedAt, completedAt, command, result };
  });
}
