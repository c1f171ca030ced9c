/** Tasks for a pool under test: some are done, and some end their thread. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskResult } from '../../src/runtime/behaviour.js';

export type TestTasks = {
  readonly double: {
    readonly input: { readonly of: number; readonly ms?: number };
    readonly output: { readonly is: number };
  };
  readonly exit: { readonly input: object; readonly output: object };
};

export async function double({
  of,
  ms = 0,
}: {
  of: number;
  ms?: number;
}): Promise<TaskResult<{ readonly is: number }>> {
  if (ms > 0) await sleep(ms);
  return { ok: true, is: 2 * of };
}

export function exit(): never {
  process.exit(3);
}
