import { ConfigurationError, type ErrorFacts, InvariantViolation, OperationalError, sentenceOf } from '../errors.js';

/** An error, or whatever else was thrown, as it crosses a thread's border: classes and their fields do not survive one. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: string | null;
  readonly facts: ErrorFacts | null;
  readonly cause: ErrorData | null;
}

/** Causes of causes that cross: a chain of errors may be a ring. */
const CAUSES_MAX = 8;

/** Puts what was thrown into plain data, its causes included. What is no error becomes one that says it. */
export function errorData(thrown: unknown, causesLeft = CAUSES_MAX): ErrorData {
  try {
    if (thrown instanceof Error) return fieldsOf(thrown, causesLeft);
  } catch {
    // A field of it throws when it is read: it crosses as what is no error does.
  }
  return { name: 'Error', message: sentenceOf(thrown), stack: null, code: null, facts: null, cause: null };
}

function fieldsOf(error: Error, causesLeft: number): ErrorData {
  const { name, stack, cause } = error;
  const { code, facts } = error as { readonly code?: unknown; readonly facts?: unknown };
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof error.message === 'string' ? error.message : sentenceOf(error),
    stack: typeof stack === 'string' ? stack : null,
    code: typeof code === 'string' ? code : null,
    facts: isFacts(facts) ? { ...facts } : null,
    cause: cause === undefined || causesLeft === 0 ? null : errorData(cause, causesLeft - 1),
  };
}

/** Makes an error again, with the name, message, code, facts, stack and causes that it had; one of ours in its class. */
export function errorFrom(data: ErrorData): Error {
  const { name, stack, code, facts, cause } = data;
  const error = blankError(data);
  if (cause !== null) define(error, 'cause', errorFrom(cause));
  define(error, 'name', name);
  define(error, 'stack', stack);
  define(error, 'code', code);
  define(error, 'facts', facts);
  return error;
}

function blankError({ name, message, code: known }: ErrorData): Error {
  const code = known ?? '';
  switch (name) {
    case 'ConfigurationError':
      return new ConfigurationError(code, message);
    case 'OperationalError':
      return new OperationalError(code, message);
    case 'InvariantViolation':
      return new InvariantViolation(message);
    default:
      return new Error(message);
  }
}

/** Fields that nobody sees who looks through an error's. */
const HIDDEN = ['stack', 'cause'];

function define(error: Error, field: string, value: unknown): void {
  if (value === null) return;
  Object.defineProperty(error, field, {
    value,
    configurable: true,
    writable: true,
    enumerable: !HIDDEN.includes(field),
  });
}

function isFacts(value: unknown): value is ErrorFacts {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((fact) => fact === null || ['string', 'number', 'boolean'].includes(typeof fact));
}
