/** Flags: their values are checked where they are read, and an error names the flag, the value and what is allowed. */
import type { Command } from 'commander';
import type { TextRule } from '../src/config/checked-fields.js';
import { UsageError } from './outcome.js';

type Parser<T> = (value: string) => T;

/** Any text but nothing, and no other flag: `--dir --json` lacks a value. */
export function text(flag: string): Parser<string> {
  return (value) => {
    if (value === '') throw new UsageError(`${flag} is empty; it needs a value`);
    if (value.startsWith('--')) throw new UsageError(`${flag} lacks its value: ${value} is the next flag`);
    return value;
  };
}

/** A whole number in decimal digits. */
export function wholeNumber(flag: string, range: { readonly min: number; readonly max: number }): Parser<number> {
  return (value) => {
    const number = /^\d{1,16}$/.test(text(flag)(value)) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    throw new UsageError(`${flag} is ${quoted(value)}; it must be a whole number from ${range.min} to ${range.max}`);
  };
}

/** One of a few names. */
export function oneOf<Name extends string>(flag: string, names: readonly Name[]): Parser<Name> {
  return (value) => {
    const name = names.find((candidate) => candidate === text(flag)(value));
    if (name !== undefined) return name;
    throw new UsageError(`${flag} is ${quoted(value)}; it must be ${names.join(' or ')}`);
  };
}

/** A text that a rule of the configuration allows. */
export function matching(flag: string, { pattern, says }: TextRule): Parser<string> {
  return (value) => {
    if (pattern.test(text(flag)(value))) return value;
    throw new UsageError(`${flag} is ${quoted(value)}; it must be ${says}`);
  };
}

/** Where the actors of a replica run. */
export function placement(value: string): 'inline' {
  if (text('--placement')(value) === 'inline') return 'inline';
  throw new UsageError(`--placement is ${quoted(value)}; inline is the only placement of this version`);
}

/** Makes a command refuse a flag that is given twice; call it once all its flags are there. */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    let seen = false;
    command.on(`option:${option.name()}`, () => {
      if (seen) throw new UsageError(`${option.long ?? option.name()} is given twice; give it once`);
      seen = true;
    });
  }
}

/** At most so much of a value is repeated in an error. */
const QUOTED_MAX = 60;

function quoted(value: string): string {
  const shown = value.length > QUOTED_MAX ? `${value.slice(0, QUOTED_MAX)}…` : value;
  return JSON.stringify(shown);
}
