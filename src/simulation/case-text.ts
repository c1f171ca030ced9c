import type { SimulationCase } from './case.js';
import { misfit, readObject } from './json-object.js';

/** What a file of a case says. */
export type CaseReading =
  | { readonly ok: true; readonly case: SimulationCase }
  | { readonly ok: false; readonly problem: string };

/** The fields of a case, and the type of each. */
const FIELDS: Readonly<
  Record<
    keyof SimulationCase,
    'number' | 'string' | 'object' | 'list' | 'numberOrNull' | 'flag' | 'listIfAny' | 'objectIfAny'
  >
> = {
  version: 'number',
  seed: 'number',
  replicas: 'number',
  rule: 'string',
  tenure: 'number',
  leaderSchedule: 'string',
  baseTimeoutMs: 'number',
  signatures: 'string',
  links: 'object',
  disks: 'object',
  clients: 'number',
  outstanding: 'number',
  commands: 'number',
  liars: 'list',
  beyondFaultBound: 'flag',
  speculation: 'objectIfAny',
  tight: 'listIfAny',
  faults: 'list',
  healAt: 'numberOrNull',
  dead: 'list',
  until: 'number',
  eventsMax: 'number',
};

/** Reads a case that a failed run has left. Says what is wrong with a text that is none. */
export function parseCase(json: string): CaseReading {
  const reading = readObject(json);
  if (!reading.ok) return reading;
  const { fields } = reading;
  for (const [name, type] of Object.entries(FIELDS)) {
    if (!isOf(type, fields[name])) return { ok: false, problem: misfit(fields, name, `a ${type}`) };
  }
  if (fields.version !== 1) return { ok: false, problem: `its version is ${fields.version}; this program reads 1` };
  return { ok: true, case: fields as unknown as SimulationCase };
}

function isOf(type: (typeof FIELDS)[keyof SimulationCase], value: unknown): boolean {
  switch (type) {
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'objectIfAny':
      return value === undefined || isOf('object', value);
    case 'listIfAny':
      return value === undefined || Array.isArray(value);
    case 'flag':
      return value === undefined || typeof value === 'boolean';
    case 'numberOrNull':
      return value === null || typeof value === 'number';
    default:
      return typeof value === type;
  }
}
