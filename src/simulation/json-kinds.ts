/** What a value from JSON must be, in parts that make up larger ones. */
import { shown } from '../config/checked-fields.js';

/** Says what is wrong with a value that stands at a place (`faults[2].replica`); null for nothing. */
export type Kind = (value: unknown, place: string) => string | null;

/** Says what a value is, and what it must be. */
export function misfit(value: unknown, place: string, must: string): string {
  return `${place} is ${value === undefined ? 'missing' : shown(value)}; it must be ${must}`;
}

function that(must: string, fits: (value: unknown) => boolean): Kind {
  return (value, place) => (fits(value) ? null : misfit(value, place, must));
}

/** A whole number from `least` to `most`, both among them. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Kind {
  const must = most === Number.MAX_SAFE_INTEGER ? `${least} or above` : `from ${least} to ${most}`;
  return that(
    `a whole number ${must}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** A finite number above 0, whole or not. */
export const positive: Kind = that(
  'a number above 0',
  (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
);

/** A finite number from `least` to `most`, both among them, whole or not. */
export function number(least: number, most = Number.POSITIVE_INFINITY): Kind {
  const must = most === Number.POSITIVE_INFINITY ? `${least} or above` : `from ${least} to ${most}`;
  return that(
    `a number ${must}`,
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most,
  );
}

/** True or false; no number stands for either. */
export const flag: Kind = that('true or false', (value) => typeof value === 'boolean');

/** Any text, the empty one too. */
export const text: Kind = that('a text', (value) => typeof value === 'string');

/** One of these values, exactly: the text `1` is not the number. */
export function oneOf(allowed: readonly (string | number)[]): Kind {
  return that(allowed.map((each) => JSON.stringify(each)).join(' or '), (value) =>
    allowed.some((each) => each === value),
  );
}

/** Least and most: two numbers in that order. */
export function range(kind: Kind): Kind {
  return (value, place) => {
    if (!Array.isArray(value) || value.length !== 2)
      return misfit(value, place, 'a list of two numbers, least and most');
    const [least, most] = value;
    const problem = kind(least, `${place}[0]`) ?? kind(most, `${place}[1]`);
    return problem ?? (least <= most ? null : misfit(value, place, 'two numbers of which the first is not larger'));
  };
}

/** A list, perhaps empty, of values of one kind. The first that does not fit is told, with its place. */
export function listOf(kind: Kind): Kind {
  return (value, place) => {
    if (!Array.isArray(value)) return misfit(value, place, 'a list');
    return first(value.map((entry, index) => () => kind(entry, `${place}[${index}]`)));
  };
}

/** Null, or a value of that kind. */
export function orNull(kind: Kind): Kind {
  return (value, place) => {
    if (value === null) return null;
    const problem = kind(value, place);
    return problem === null ? null : `${problem}, or null`;
  };
}

/** An object with these fields, of which `optional` may be missing, and no others. */
export function object(fields: Readonly<Record<string, Kind>>, optional: Readonly<Record<string, Kind>> = {}): Kind {
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return misfit(value, place, 'an object');
    const given = value as Readonly<Record<string, unknown>>;
    const at = (name: string) => (place === '' ? name : `${place}.${name}`);
    const known = { ...fields, ...optional };
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
    if (unknown !== undefined) return `${at(unknown)} is no field; there are ${Object.keys(known).join(', ')}`;
    return first(
      Object.entries(known).map(([name, kind]) => () => {
        const missing = !Object.hasOwn(given, name);
        return missing && Object.hasOwn(optional, name) ? null : kind(given[name], at(name));
      }),
    );
  };
}

/** An object whose `type` says which other fields it has. */
export function byType(
  kinds: Readonly<Record<string, Readonly<Record<string, Kind>>>>,
  common: Readonly<Record<string, Kind>>,
): Kind {
  const type = oneOf(Object.keys(kinds));
  return (value, place) => {
    if (typeof value !== 'object' || value === null) return misfit(value, place, 'an object');
    const named = (value as { readonly type?: unknown }).type;
    const problem = type(named, `${place}.type`);
    return problem ?? object({ type, ...common, ...kinds[named as string] })(value, place);
  };
}

function first(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}
