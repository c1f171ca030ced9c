/**
 * Reads the fields of a value that came from JSON, and says exactly what is wrong with one that does not fit: the
 * field, its value, what is allowed, how to mend it.
 */
import { ConfigurationError } from '../errors.js';
import { nearestName } from './nearest-name.js';

/** A rule that a text must match, in a form and in words. */
export interface TextRule {
  readonly pattern: RegExp;
  readonly says: string;
}

/** Where the fields stand, and which there are. */
export interface FieldsAt {
  readonly source: string;
  readonly place: string;
  readonly known: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** The fields of one JSON object, with the place where it stands (`replicas[2]`, or empty at the top). */
export class CheckedFields {
  readonly #source: string;
  readonly #place: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  /**
   * @param at.known the fields that the object must have, all of them and no others, but that `at.defaults` may stand in.
   * @throws ConfigurationError when `value` is no object, lacks a known field or has an unknown one.
   */
  constructor(value: unknown, at: FieldsAt) {
    this.#source = at.source;
    this.#place = at.place;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.wrong('CLUSTER_WRONG_TYPE', at.place || 'the whole file', value, 'an object with named fields');
    }
    this.#fields = new Map([...Object.entries(at.defaults ?? {}), ...Object.entries(value)]);
    for (const name of this.#fields.keys()) {
      if (!at.known.includes(name)) throw this.#unknown(name, at.known);
    }
    for (const name of at.known) {
      if (!this.#fields.has(name)) throw this.#missing(name);
    }
  }

  /** Returns a whole number from `min` to `max`. */
  integer(name: string, min: number, max: number): number {
    const value = this.#fields.get(name);
    const allowed = `a whole number from ${min} to ${max}`;
    if (typeof value !== 'number') throw this.wrong('CLUSTER_WRONG_TYPE', this.path(name), value, allowed);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw this.wrong('CLUSTER_OUT_OF_RANGE', this.path(name), value, allowed);
    }
    return value;
  }

  /** Returns a text that matches `rule`. */
  text(name: string, rule: TextRule): string {
    const value = this.#fields.get(name);
    if (typeof value !== 'string') throw this.wrong('CLUSTER_WRONG_TYPE', this.path(name), value, rule.says);
    if (!rule.pattern.test(value)) throw this.wrong('CLUSTER_OUT_OF_RANGE', this.path(name), value, rule.says);
    return value;
  }

  /** Returns one of `allowed`. */
  oneOf<T extends string | number>(name: string, allowed: readonly T[]): T {
    const value = this.#fields.get(name);
    const match = allowed.find((candidate) => candidate === value);
    if (match !== undefined) return match;
    throw this.wrong('CLUSTER_OUT_OF_RANGE', this.path(name), value, allowed.map(shown).join(' or '));
  }

  /** Returns a list with at least one entry. */
  list(name: string): readonly unknown[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) throw this.wrong('CLUSTER_WRONG_TYPE', this.path(name), value, 'a list');
    if (value.length === 0) throw this.wrong('CLUSTER_OUT_OF_RANGE', this.path(name), value, 'a list with an entry');
    return value;
  }

  /** The full name of a field. */
  path(name: string): string {
    return this.#place === '' ? name : `${this.#place}.${name}`;
  }

  /** Makes the error for a field whose value is not what is allowed; `mend` replaces the advice at its end. */
  wrong(code: string, field: string, value: unknown, allowed: string, mend = 'Correct the value.'): ConfigurationError {
    return new ConfigurationError(
      code,
      `${this.#source}: ${field} is ${shown(value)}; it must be ${allowed}. ${mend}`,
      {
        source: this.#source,
        field,
        value: shown(value),
        allowed,
      },
    );
  }

  #missing(name: string): ConfigurationError {
    const field = this.path(name);
    return new ConfigurationError(
      'CLUSTER_FIELD_MISSING',
      `${this.#source}: ${field} is missing. Add it, or write a new cluster with \`hotstuff init\`.`,
      { source: this.#source, field },
    );
  }

  #unknown(name: string, known: readonly string[]): ConfigurationError {
    const field = this.path(name);
    const near = nearestName(name, known);
    const hint = near === null ? `The fields are ${known.join(', ')}.` : `Did you mean ${near}?`;
    return new ConfigurationError('CLUSTER_FIELD_UNKNOWN', `${this.#source}: unknown field ${shown(field)}. ${hint}`, {
      source: this.#source,
      field,
    });
  }
}

const SHOWN_CHARACTERS_MAX = 80;

/** A value as it stands in a message: JSON, cut short; numbers that JSON does not have by their names. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
