/**
 * Errors, told apart by whose fault they are. Compare `name` and `code`: classes do not survive a thread's border.
 * What a peer or client does wrong is never an exception (it is a result with a literal reason).
 */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;

/** Our own bug: a rule of this code was broken. Stops the replica; never caught locally. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  readonly code = 'INVARIANT_VIOLATED';
}

/** Throws {@link InvariantViolation} unless `condition` holds; `rule` says what must hold, as a sentence. */
export function invariant(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvariantViolation(rule);
}

/** The caller configured something impossible: the option, its value, what is allowed, how to mend it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code: string;
  readonly facts: ErrorFacts;
  constructor(code: string, message: string, facts: ErrorFacts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

/** The machine or the application failed: disk, socket, key file, a throw from the user's state machine. */
export class OperationalError extends Error {
  override readonly name = 'OperationalError';
  readonly code: string;
  readonly facts: ErrorFacts;
  constructor(code: string, message: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

/** Says what was thrown, without its class. Whatever it is: it may be no error, and may throw when it is looked at. */
export function sentenceOf(thrown: unknown): string {
  try {
    const message = thrown instanceof Error ? thrown.message : thrown;
    return typeof message === 'string' && message !== '' ? message : String(thrown);
  } catch {
    return 'something that cannot be shown as text';
  }
}

/** The same with the class and the stack, where there is one: what is left of it in a log. */
export function stackOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error && typeof thrown.stack === 'string') return thrown.stack;
  } catch {
    // It has a stack that cannot be read: what it says is told instead.
  }
  return sentenceOf(thrown);
}
