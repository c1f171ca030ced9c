/**
 * The commands of the key-value machine: as text, one a line, and as the bytes that are replicated.
 *
 * Bytes: operation (1), length of the key (2, big-endian), the key, and for SET and APPEND the value up to the end.
 * Text is UTF-8. Keys and values are held as strings of one character a byte, which V8 keeps and hashes cheaply.
 */

/** Bytes of a key, 1 at least. */
export const KEY_BYTES_MAX = 1024;
/** Bytes of a value. */
export const VALUE_BYTES_MAX = 64 * 1024;

const OPERATIONS = ['SET', 'GET', 'DEL', 'INCR', 'APPEND'] as const;
const HEAD_BYTES = 3;

/** What a command does. */
export type Operation = (typeof OPERATIONS)[number];

/** A command, its key and value as strings of one character a byte. `value` is empty where there is none. */
export interface KeyValueCommand {
  readonly operation: Operation;
  readonly key: string;
  readonly value: string;
}

/** Returns the bytes of a command. */
export function encodeCommand({ operation, key, value }: KeyValueCommand): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES + key.length + value.length);
  bytes.writeUInt8(OPERATIONS.indexOf(operation), 0);
  bytes.writeUInt16BE(key.length, 1);
  bytes.write(key, HEAD_BYTES, 'latin1');
  bytes.write(value, HEAD_BYTES + key.length, 'latin1');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Returns the command that `bytes` are, or null when they are none. A value may be longer than is allowed. */
export function decodeCommand(bytes: Uint8Array): KeyValueCommand | null {
  const { length } = bytes;
  const operation = OPERATIONS[bytes[0] ?? OPERATIONS.length];
  if (operation === undefined || length < HEAD_BYTES) return null;
  const valueAt = HEAD_BYTES + ((bytes[1] as number) << 8) + (bytes[2] as number);
  if (valueAt === HEAD_BYTES || valueAt > Math.min(length, HEAD_BYTES + KEY_BYTES_MAX)) return null;
  if (!takesValue(operation) && valueAt < length) return null;
  return { operation, key: textOf(bytes, HEAD_BYTES, valueAt), value: textOf(bytes, valueAt, length) };
}

/** One character a byte, straight from a Uint8Array: a Buffer made for it would cost three times as much. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? '' : Buffer.prototype.latin1Slice.call(bytes, start, end);
}

/** What came of reading a line. */
export type ParsedLine =
  | { readonly ok: true; readonly command: Uint8Array }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a command from a line: words separated by spaces or tabs, the operation in any case, a value being the rest of
 * the line. The line's own end is not part of it.
 */
export function parseLine(text: string): ParsedLine {
  const line = text.replace(/\r?\n?$/, '');
  const [, word = '', key = '', value = ''] = /^[ \t]*([^ \t]*)[ \t]*([^ \t]*)[ \t]*(.*)$/su.exec(line) ?? [];
  if (word === '') return refused('the line is empty');
  const operation = OPERATIONS.find((name) => name === word.toUpperCase());
  if (operation === undefined) return refused(`unknown command ${quoted(word)}; known are ${OPERATIONS.join(', ')}`);
  const problem = argumentProblem(operation, key, value);
  if (problem !== null) return refused(problem);
  const command = { operation, key: latin1Of(key), value: takesValue(operation) ? latin1Of(value) : '' };
  return sizeProblem(command) ?? { ok: true, command: encodeCommand(command) };
}

function argumentProblem(operation: Operation, key: string, value: string): string | null {
  if (key === '') return `${operation} needs a key`;
  if (takesValue(operation)) return value === '' ? `${operation} needs a value` : null;
  return value.trim() === '' ? null : `${operation} takes a key and nothing else`;
}

function sizeProblem({ key, value }: KeyValueCommand): ParsedLine | null {
  if (key.length > KEY_BYTES_MAX)
    return refused(`the key has ${key.length} bytes; at most ${KEY_BYTES_MAX} are allowed`);
  if (value.length <= VALUE_BYTES_MAX) return null;
  return refused(`the value has ${value.length} bytes; at most ${VALUE_BYTES_MAX} are allowed`);
}

function takesValue(operation: Operation): boolean {
  return operation === 'SET' || operation === 'APPEND';
}

function latin1Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function quoted(word: string): string {
  return JSON.stringify(word.length > 20 ? `${word.slice(0, 20)}…` : word);
}

function refused(error: string): ParsedLine {
  return { ok: false, error };
}
