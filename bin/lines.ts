/** Cuts a stream of bytes into lines, whatever its size, holding no more than a chunk and the line that it ends in. */

/** One line of the input. */
export interface InputLine {
  /** From 1. */
  readonly number: number;
  /** Without its end; of a line that cannot be read, what can be shown of it. */
  readonly text: string;
  /** Why the line cannot be read; null for any other. */
  readonly problem: string | null;
}

const NEWLINE = 0x0a;
const SHOWN_BYTES = 80;

/** Yields the lines of `source`, those of one chunk together. Lines end in LF or CRLF; the last one may lack its end. */
export async function* linesOf(
  source: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<readonly InputLine[], void, undefined> {
  const cutter = new LineCutter(lineBytesMax);
  for await (const chunk of source) yield cutter.cut(chunk);
  yield cutter.end();
}

class LineCutter {
  readonly #bytesMax: number;
  /** The beginning of a line whose end has not come; no more than is needed to know that it is too long. */
  #begun = new Uint8Array(0);
  #number = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  cut(chunk: Uint8Array): readonly InputLine[] {
    const lines: InputLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.#line(this.#withBegun(chunk.subarray(start, end))));
      this.#begun = new Uint8Array(0);
      start = end + 1;
    }
    if (start < chunk.length) this.#begun = this.#withBegun(chunk.subarray(start)).slice(0, this.#bytesMax + 1);
    return lines;
  }

  end(): readonly InputLine[] {
    return this.#begun.length === 0 ? [] : [this.#line(this.#begun)];
  }

  #withBegun(rest: Uint8Array): Uint8Array {
    if (this.#begun.length === 0) return rest;
    // Of a line that is too long already, the rest is not kept.
    if (this.#begun.length > this.#bytesMax) return this.#begun;
    const joined = new Uint8Array(this.#begun.length + rest.length);
    joined.set(this.#begun);
    joined.set(rest, this.#begun.length);
    return joined;
  }

  #line(bytes: Uint8Array): InputLine {
    this.#number += 1;
    const number = this.#number;
    if (bytes.length > this.#bytesMax) {
      const problem = `longer than ${this.#bytesMax} bytes`;
      return { number, text: `${readable(bytes.subarray(0, SHOWN_BYTES))}…`, problem };
    }
    const text = decoded(bytes);
    if (text === null) return { number, text: readable(bytes), problem: 'not UTF-8' };
    return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text, problem: null };
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

function decoded(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null; // the one thing that a fatal decoder throws for: the bytes are not UTF-8
  }
}

function readable(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}
