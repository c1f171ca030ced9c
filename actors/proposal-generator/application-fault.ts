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
  if (returned instanceof Promise) returned.catch(() => undefined);
  throw new ApplicationFault(call, `it returned ${returned instanceof Promise ? 'a promise' : 'no bytes'}`);
}
