import { sentenceOf } from '../../src/errors.js';

/** What an application's machine must not do, told apart from whatever else may throw: it is never our own bug. */
export class ApplicationFault extends Error {
  override readonly name = 'ApplicationFault';
  /** The machine's method. */
  readonly call: string;

  constructor(call: string, error: unknown) {
    super(sentenceOf(error), { cause: error });
    this.call = call;
  }
}

/** Returns what a method of the machine returns; what it throws is the application's fault. */
export function calling<Result>(call: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw new ApplicationFault(call, error);
  }
}

/** Returns what a method returned that must return bytes; a promise of them is none, and its rejection is not lost. */
export function bytesFrom(call: string, returned: unknown): Uint8Array {
  if (returned instanceof Uint8Array) return returned;
  throw wrongResult(call, returned, 'no bytes');
}

/** Whether a machine lets a command run: all of them, where it has no `validate`. What is no boolean is no answer. */
export function mayRun(
  machine: { readonly validate?: (command: Uint8Array) => boolean },
  command: Uint8Array,
): boolean {
  if (machine.validate === undefined) return true;
  const returned: unknown = calling('validate', () => machine.validate?.(command));
  if (typeof returned === 'boolean') return returned;
  throw wrongResult('validate', returned, 'neither true nor false');
}

function wrongResult(call: string, returned: unknown, what: string): ApplicationFault {
  if (returned instanceof Promise) returned.catch(() => undefined);
  return new ApplicationFault(call, `it returned ${returned instanceof Promise ? 'a promise' : what}`);
}
