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
