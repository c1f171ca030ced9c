/** What options may be, by kind: whether a value is that, and how it is said. `checkOptions` holds options against them. */
import type { ErrorFacts } from '../errors.js';
import { NUMBER_MAX } from '../protocol/numbers.js';

/** The options of one call, each with what it may be. All must stand in it: one without a row does not compile. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionKind };

/** What one option may be. */
export interface OptionKind {
  readonly admits: (value: unknown) => boolean;
  /** Ends the sentence "it must be …". */
  readonly says: string;
  /** Where it may not be left out. Null is never a value that was left out. */
  readonly required?: true;
  /** Of the error, where it is not `OPTION_OUT_OF_RANGE`. */
  readonly code?: string;
  /** The bounds, for whoever reads the error by program. */
  readonly facts?: ErrorFacts;
  /** The options within it, where it is an object of options itself. */
  readonly within?: OptionTable<Readonly<Record<string, unknown>>>;
}

/** A whole number from `min` to `max`; `note` ends the sentence. */
export function whole(min: number, max: number, note = ''): OptionKind {
  return {
    admits: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    says: `a whole number from ${min} to ${max}${note}`,
    facts: { min, max },
  };
}

/** A height of the chain; nothing stands at 0 but genesis. */
export const height: OptionKind = whole(0, NUMBER_MAX);

/** A time from now on, or one that something may take. */
export const milliseconds: OptionKind = {
  admits: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  says: 'a number of milliseconds from 0',
};

/** One of a few texts. */
export function oneOf(...values: readonly string[]): OptionKind {
  const named = values.map((value) => `'${value}'`);
  return {
    admits: (value) => values.some((each) => each === value),
    says: named.length === 1 ? `${named[0]}` : `${named.slice(0, -1).join(', ')} or ${named.at(-1)}`,
  };
}

/** A text that is not empty; `what` says of what. */
export function text(what: string): OptionKind {
  return { admits: (value) => typeof value === 'string' && value !== '', says: `${what}, as a text` };
}

/** A block's hash as this library writes it. */
export const blockHash: OptionKind = {
  admits: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  says: 'the hash of a block: 64 lower-case hex digits',
};

/** True or false. */
export const flag: OptionKind = { admits: (value) => typeof value === 'boolean', says: 'true or false' };

/** Something that is called. */
export const callback: OptionKind = { admits: (value) => typeof value === 'function', says: 'a function' };

/** An object that has these methods. */
export function withMethods(...methods: readonly string[]): OptionKind {
  return {
    admits: (value) => isObject(value) && methods.every((method) => typeof value[method] === 'function'),
    says: `an object with the methods ${methods.join(' and ')}`,
  };
}

/** Where a log goes. */
export const logger: OptionKind = withMethods('info', 'warn');

/** An AbortSignal, of whatever realm; null for none, as `fetch` takes it. */
export const abortSignal: OptionKind = {
  admits: (value) =>
    value === null ||
    (isObject(value) && typeof value.aborted === 'boolean' && typeof value.addEventListener === 'function'),
  says: 'an AbortSignal',
};

/** A cluster's configuration, at first sight; `checkCluster` looks at what it says. */
export const cluster: OptionKind = {
  admits: (value) =>
    isObject(value) &&
    typeof value.clusterId === 'string' &&
    Array.isArray(value.replicas) &&
    value.replicas.length > 0,
  says: 'what loadCluster resolves with',
};

/** An object by whose names something else is found. */
export const byName: OptionKind = { admits: isObject, says: 'an object with named fields' };

/** Any value, since a rule of its own is held against it elsewhere. */
export const checkedElsewhere: OptionKind = { admits: () => true, says: 'anything' };

/** The same kind, where it must not be left out. */
export function required(kind: OptionKind): OptionKind {
  return { ...kind, required: true };
}

/** The same kind, whose error has a code of its own. */
export function coded(code: string, kind: OptionKind): OptionKind {
  return { ...kind, code };
}

/** An object of options, whichever they are. */
export const anyOptions: OptionKind = { ...byName, says: 'an object of options' };

/** An object of options, each of which is held against `table`. */
export function optionsOf<Options>(table: OptionTable<Options>): OptionKind {
  return { ...anyOptions, within: table as OptionKind['within'] & object };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
