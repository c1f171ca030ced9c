/** A part of a simulation: of k parts the i-th has every k-th run, from its own on. */
import { UsageError } from './outcome.js';
import { text } from './usage.js';

/** `number` 1 .. `of`. */
export interface Part {
  readonly number: number;
  readonly of: number;
}

/** All of the runs. */
export const WHOLE: Part = { number: 1, of: 1 };

/** Reads `i/k`. */
export function partOf(value: string): Part {
  const [number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text('--part')(value))?.slice(1).map(Number) ?? [];
  if (number === undefined || of === undefined || number < 1 || number > of) {
    throw new UsageError(`--part is ${JSON.stringify(value)}; it must be i/k with i from 1 to k`);
  }
  return { number, of };
}

/** Says a part as its flag does. */
export function partText({ number, of }: Part): string {
  return `${number}/${of}`;
}

/** `pieces` parts that make up `part`. */
export function piecesOf({ number, of }: Part, pieces: number): readonly Part[] {
  return Array.from({ length: pieces }, (_, piece) => ({ number: number + of * piece, of: of * pieces }));
}

/** Of 0 .. total − 1 those in the part. */
export function* indicesOf({ number, of }: Part, total: number): Generator<number> {
  for (let index = number - 1; index < total; index += of) yield index;
}
