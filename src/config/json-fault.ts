/**
 * Where a text stops being JSON, and why. JSON.parse says that in other words in every version of Node, and often
 * without the place.
 */
import { limits } from './limits.js';

interface JsonFault {
  /** Where it shows, counted in characters (UTF-16) from 0; the length of the text when that ends too soon. */
  readonly offset: number;
  /** The key that its object has already, where that is the fault; null where the text is no JSON. */
  readonly repeatedKey: string | null;
  /** What is wrong there, as the end of a sentence. */
  readonly says: string;
}

/**
 * Finds the first fault of `text`: what makes JSON.parse refuse it, a key that its object names twice, or more than
 * `limits.jsonDepth` objects and lists inside each other.
 */
export function jsonFault(text: string): JsonFault | null {
  const walk = new Walk(text);
  let expected: Expected | JsonFault = 'value';
  while (typeof expected === 'string') {
    if (expected === 'end' && walk.ended()) return null;
    expected = walk.step(expected);
  }
  return expected;
}

/** What may come next. */
type Expected = 'value' | 'valueOrClose' | 'key' | 'keyOrClose' | 'colon' | 'commaOrClose' | 'end';

const BLANKS = /[ \t\r\n]*/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
/** A string without its closing quote, as far as it is well formed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON forbids in a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const WORD = /[\w.+-]{1,20}|./suy;
const UNSEEN = /[\p{C}\p{Z}]/u;

class Walk {
  readonly #text: string;
  #at = 0;
  /** The keys of each object that is open, null for each list. */
  readonly #open: (Set<string> | null)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  ended(): boolean {
    this.#take(BLANKS);
    return this.#at === this.#text.length;
  }

  /** Takes one token, and returns what may follow it, or why it must not stand there. */
  step(expected: Expected): Expected | JsonFault {
    this.#take(BLANKS);
    const sign = this.#text.charAt(this.#at);
    switch (expected) {
      case 'value':
        return this.#value(sign);
      case 'valueOrClose':
        return sign === ']' ? this.#close() : this.#value(sign);
      case 'key':
        return this.#key(sign);
      case 'keyOrClose':
        return sign === '}' ? this.#close() : this.#key(sign);
      case 'colon':
        return sign === ':' ? this.#next('value') : this.#unexpected('a colon is');
      case 'commaOrClose':
        return this.#separator(sign);
      case 'end':
        return this.#unexpected('nothing more is');
    }
  }

  #value(sign: string): Expected | JsonFault {
    if (sign === '{' || sign === '[') {
      if (this.#open.length === limits.jsonDepth) return this.#fault(`nested deeper than ${limits.jsonDepth}`);
      this.#open.push(sign === '{' ? new Set() : null);
      return this.#next(sign === '{' ? 'keyOrClose' : 'valueOrClose');
    }
    if (sign === '"') return this.#string() ?? this.#afterValue();
    const scalar = this.#take(SCALAR);
    return scalar === '' ? this.#unexpected('a value is') : this.#afterValue();
  }

  #key(sign: string): Expected | JsonFault {
    if (sign !== '"') return this.#unexpected('a key in double quotes is');
    const offset = this.#at;
    const fault = this.#string();
    if (fault !== null) return fault;
    const key = JSON.parse(this.#text.slice(offset, this.#at)) as string;
    const keys = this.#open.at(-1);
    if (keys?.has(key)) return { offset, repeatedKey: key, says: 'stands twice in one object' };
    keys?.add(key);
    return 'colon';
  }

  #separator(sign: string): Expected | JsonFault {
    const inObject = this.#open.at(-1) !== null;
    if (sign === ',') return this.#next(inObject ? 'key' : 'value');
    const close = inObject ? '}' : ']';
    return sign === close ? this.#close() : this.#unexpected(`a comma or ${close} is`);
  }

  /** Takes a whole string. */
  #string(): JsonFault | null {
    this.#take(STRING);
    const sign = this.#text.charAt(this.#at);
    if (sign === '"') {
      this.#at += 1;
      return null;
    }
    if (sign === '') return this.#fault('the text ends inside a string');
    return this.#fault(sign === '\\' ? 'JSON has no such escape' : 'a line break or tab stands inside a string');
  }

  #close(): Expected {
    this.#open.pop();
    this.#at += 1;
    return this.#afterValue();
  }

  #next(expected: Expected): Expected {
    this.#at += 1;
    return expected;
  }

  #afterValue(): Expected {
    return this.#open.length === 0 ? 'end' : 'commaOrClose';
  }

  #unexpected(wanted: string): JsonFault {
    WORD.lastIndex = this.#at;
    const [word] = WORD.exec(this.#text) ?? [];
    if (word === undefined) return this.#fault(`${wanted} expected, but the text ends`);
    return this.#fault(`${wanted} expected, not ${UNSEEN.test(word) ? 'a character that cannot be seen' : word}`);
  }

  #fault(says: string): JsonFault {
    return { offset: this.#at, repeatedKey: null, says };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken = ''] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    return taken;
  }
}
