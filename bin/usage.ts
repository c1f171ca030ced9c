/** Flags: their values are checked where they are read, and an error names the flag, the value and what is allowed. */
import type { Command } from 'commander';
import { type Placement, placeActors } from '../actors/placement.js';
import type { TextRule } from '../src/config/checked-fields.js';
import { ConfigurationError } from '../src/errors.js';
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

/** What `--leader-schedule` takes, for the help of a flag. */
export const SCHEDULE_HELP = 'who leads: round-robin, all by turns; or reputation, those that took part lately';

/** What {@link placement} takes, for the help of a flag. */
export const PLACEMENT_HELP =
  'where its actors run: inline, all on one thread; threads, as many as pay; or role=thread,role=thread, the others on main';

/** Where the actors of a replica run. */
export function placement(value: string): Placement {
  const given = text('--placement')(value);
  const placement = given === 'inline' || given === 'threads' ? given : byRole(given);
  try {
    // Every machine of the command line is a module, and no actor is replaced.
    placeActors(placement, { kind: 'commands', machineIsModule: true, actors: {} });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new UsageError(`--placement is ${quoted(given)}: ${error.message}`);
  }
  return placement;
}

/** The value of a flag that {@link placement} reads back. */
export function placementText(placement: Placement): string {
  if (typeof placement === 'string') return placement;
  return Object.entries(placement)
    .map(([role, thread]) => `${role}=${thread}`)
    .join(',');
}

function byRole(given: string): Placement {
  const pairs = given.split(',').map((pair) => /^([A-Za-z]+)=([^=]+)$/.exec(pair)?.slice(1) ?? null);
  if (pairs.includes(null)) {
    throw new UsageError(`--placement is ${quoted(given)}; it must be inline, threads or role=thread,role=thread`);
  }
  const roles = pairs.map((pair) => pair?.[0]);
  const twice = roles.find((role, index) => roles.indexOf(role) !== index);
  if (twice !== undefined) throw new UsageError(`--placement is ${quoted(given)}; it names ${twice} twice`);
  return Object.fromEntries(pairs as [string, string][]);
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
