import type { Message } from './behaviour.js';

/** Bounds of one summary: what a person reads in a line, and no body of a block. */
const SUMMARY_LENGTH_MAX = 240;
const FIELDS_MAX = 12;
const DEPTH_MAX = 3;
/** Of a text: a hash is told from others by less. */
const TEXT_LENGTH_MAX = 24;
/** Fields whose values stay out of any report, whatever they hold. */
const SECRET = /secret|private|password|credential/i;

/**
 * Says in a line what a message was: its type, numbers, flags and short texts; bytes, lists and maps by their length.
 * Never a body, and never a field that is named as a secret.
 */
export function summaryOf(message: Message): string {
  try {
    const fields = describeFields(message, 1, 'type');
    return cut(fields === '{}' ? message.type : `${message.type} ${fields}`, SUMMARY_LENGTH_MAX);
  } catch {
    // An actor of somebody's own may send anything, a revoked proxy say; its failure is reported all the same.
    return 'a message that cannot be shown';
  }
}

function describeFields(value: object, depth: number, without?: string): string {
  const parts: string[] = [];
  for (const [name, field] of Object.entries(value)) {
    if (name === without) continue;
    if (parts.length === FIELDS_MAX) {
      parts.push('…');
      break;
    }
    parts.push(`${name}: ${SECRET.test(name) ? 'withheld' : describe(field, depth)}`);
  }
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function describe(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      return String(value);
    case 'string':
      return JSON.stringify(cut(value, TEXT_LENGTH_MAX));
    case 'object':
      return value === null ? 'null' : describeObject(value, depth);
    default:
      return typeof value;
  }
}

function describeObject(value: object, depth: number): string {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return `${value.length} items`;
  if (value instanceof Map || value instanceof Set) return `${value.size} items`;
  if (value instanceof Error) return JSON.stringify(cut(String(value), TEXT_LENGTH_MAX));
  return depth < DEPTH_MAX ? describeFields(value, depth + 1) : '{…}';
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
