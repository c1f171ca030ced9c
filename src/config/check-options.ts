/** Holds what a caller gave against what it may be. This is the one place that words the refusal of an option. */
import { ConfigurationError } from '../errors.js';
import { nearestName } from './nearest-name.js';
import { anyOptions, type OptionKind, type OptionTable } from './option-kinds.js';

/** Whose options they are, for messages. */
export interface OptionsOf {
  /** The call that takes them, `createReplica` say. */
  readonly call: string;
  /** Where they stand among its options: `batch.`, say. */
  readonly place?: string;
  /** Whether none may be left out, whatever the table says. */
  readonly complete?: true;
}

/**
 * Checks options against the table of those that there are.
 * @throws ConfigurationError `OPTION_UNKNOWN` for a name that is not in the table, with the one that was meant most likely;
 * `OPTION_OUT_OF_RANGE`, or what the table says, for a value that is not what it must be, or is missing.
 */
export function checkOptions<Options extends object>(
  table: OptionTable<Options>,
  options: Options,
  { call, place = '', complete }: OptionsOf,
): void {
  if (!anyOptions.admits(options)) throw wrong(`what ${call} is given`, options, anyOptions);
  const kinds = table as Readonly<Record<string, OptionKind>>;
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(kinds, name)) throw unknown(name, Object.keys(kinds), { call, place });
  }
  for (const [name, kind] of Object.entries(kinds)) {
    const value = given[name];
    if (value === undefined && kind.required !== true && complete !== true) continue;
    if (!kind.admits(value)) throw wrong(`${place}${name}`, value, kind);
    if (kind.within !== undefined) checkOptions(kind.within, value as object, { call, place: `${place}${name}.` });
  }
}

/** @throws ConfigurationError naming the option, its value and what it must be, when it is not that. */
export function checkValue(option: string, value: unknown, kind: OptionKind): void {
  if (!kind.admits(value)) throw wrong(option, value, kind);
}

function wrong(option: string, value: unknown, kind: OptionKind): ConfigurationError {
  const { says, code = 'OPTION_OUT_OF_RANGE', facts = {} } = kind;
  const message = `${option} is ${inWords(value)}; it must be ${says}`;
  return new ConfigurationError(code, message, { option, value: factOf(value), ...facts });
}

const TEXT_MAX = 80;

function factOf(value: unknown): string | number | boolean | null {
  return value === null || typeof value === 'number' || typeof value === 'boolean' ? value : inWords(value);
}

/** What a value is, for a message; never what stands within it, which may be a secret. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length <= TEXT_MAX ? value : `${value.slice(0, TEXT_MAX)}…`);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise: await it';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function unknown(name: string, known: readonly string[], { call, place = '' }: OptionsOf): ConfigurationError {
  const near = nearestName(name, known);
  const hint = near === null ? `Its options are ${known.join(', ')}.` : `Did you mean ${place}${near}?`;
  const message = `${call} has no option ${place}${name}. ${hint}`;
  return new ConfigurationError('OPTION_UNKNOWN', message, { option: `${place}${name}` });
}
