import type { CommandMachine } from 'hotstuff';
import { decodeCommand, KEY_BYTES_MAX, type KeyValueCommand, VALUE_BYTES_MAX } from './commands.js';
import { type Digest, digestBytes, type HashFunction, sha256 } from './digest.js';
import { errorReply, integerReply, NULL_REPLY, OK_REPLY, valueReply } from './replies.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { StateTrie } from './state-trie.js';

/** Changed keys that the trie need not have heard of; beyond, each change has it hear of two: a bound on memory. */
const CHANGED_MAX = 2 ** 17;
/** Keys that are hashed in one slice of the state's hash: some 0.2 ms. */
const SLICE_KEYS = 64;
/** What is hashed of an entry: tag, length of the key, key, value. Branches of the trie have a tag of their own. */
const ENTRY_TAG = 0;
const KEY_TAG = 2;
const ENTRY_HEAD_BYTES = 3;
/** Digits that fit a signed number of 64 bits; longer ones are no numbers here. */
const INTEGER = /^(0|-?[1-9][0-9]{0,18})$/;
const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);
const ONE = integerReply(1n);
const ZERO = integerReply(0n);
const MALFORMED = errorReply('the command cannot be read');
const NO_INTEGER = errorReply('value is not an integer or out of range');
const OVERFLOW = errorReply('increment would overflow');
const TOO_LONG = errorReply(`value would be longer than ${VALUE_BYTES_MAX} bytes`);

/** A key's place in the store. */
interface Entry {
  readonly key: string;
  /** Null once the key is deleted; the entry goes when the trie has heard of it. */
  value: string | null;
  /** The list of changes that it stands in, and the trie has not heard of; `HEARD` when it has. */
  list: number;
}

const HEARD = -1;

/** A store of strings by key that answers as Redis does. */
export class KeyValueMachine implements CommandMachine {
  readonly name = 'key-value';
  readonly #hash: HashFunction;
  #entries = new Map<string, Entry>();
  #trie: StateTrie;
  #size = 0;
  /** What the trie has not heard of, from `#firstChanged` on; each entry once. */
  #changed: Entry[] = [];
  #firstChanged = 0;
  /** Numbers the lists of changes: a new one begins when the state's hash is asked for. */
  #list = 0;
  /** The hash that is being made, of the state in which it was asked for. */
  #hashing: Iterator<undefined, Uint8Array> | null = null;
  readonly #scratch = Buffer.alloc(ENTRY_HEAD_BYTES + KEY_BYTES_MAX + VALUE_BYTES_MAX);

  /** `hash` is for tests that count. */
  constructor(hash: HashFunction = sha256) {
    this.#hash = hash;
    this.#trie = new StateTrie(hash);
  }

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  apply(bytes: Uint8Array): Uint8Array {
    const command = decodeCommand(bytes);
    return command === null ? MALFORMED : this.#run(command);
  }

  /** SHA-256 of the entries, each with its key, in a Merkle trie: a function of the contents alone. */
  stateHash(): Uint8Array {
    const slices = this.stateHashInSlices();
    for (;;) {
      const { done, value } = slices.next();
      if (done === true) return value;
    }
  }

  /**
   * The same, of the state at the moment of the call, with a rest after each slice of the work; commands may run
   * meanwhile. Asking again before it is done does the rest of it at once.
   */
  stateHashInSlices(): Iterator<undefined, Uint8Array> {
    while (this.#hashing !== null) this.#hashing.next();
    const changed = this.#changed;
    const first = this.#firstChanged;
    this.#changed = [];
    this.#firstChanged = 0;
    this.#list += 1;
    this.#hashing = lasting(this.#hashSlices(changed, first));
    return this.#hashing;
  }

  snapshot(): AsyncIterable<Uint8Array> {
    const pairs: [string, string][] = [];
    for (const { key, value } of this.#entries.values()) if (value !== null) pairs.push([key, value]);
    return writeSnapshot(pairs, this.stateHash());
  }

  /** @throws Error when the chunks are no snapshot, or not of the state that they claim to be. */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { values, stateHash } = await readSnapshot(chunks);
    this.#entries = new Map();
    this.#trie = new StateTrie(this.#hash);
    this.#changed = [];
    this.#firstChanged = 0;
    this.#hashing = null;
    this.#size = 0;
    for (const [key, value] of values) this.#write(key, value);
    if (Buffer.compare(this.stateHash(), stateHash) !== 0)
      throw new Error('the snapshot does not hold the state it names');
  }

  #run({ operation, key, value }: KeyValueCommand): Uint8Array {
    switch (operation) {
      case 'SET':
        return value.length > VALUE_BYTES_MAX ? TOO_LONG : this.#put(key, value, OK_REPLY);
      case 'GET':
        return this.#get(key);
      case 'DEL':
        return this.#delete(key);
      case 'INCR':
        return this.#increment(key);
      case 'APPEND':
        return this.#append(key, value);
    }
  }

  #get(key: string): Uint8Array {
    const value = this.#read(key);
    return value === null ? NULL_REPLY : valueReply(value);
  }

  #increment(key: string): Uint8Array {
    const value = this.#read(key) ?? '0';
    if (!INTEGER.test(value)) return NO_INTEGER;
    const number = BigInt(value);
    if (number > INTEGER_MAX || number < INTEGER_MIN) return NO_INTEGER;
    if (number === INTEGER_MAX) return OVERFLOW;
    return this.#put(key, String(number + 1n), integerReply(number + 1n));
  }

  #append(key: string, tail: string): Uint8Array {
    const value = this.#read(key) ?? '';
    const length = value.length + tail.length;
    return length > VALUE_BYTES_MAX ? TOO_LONG : this.#put(key, value + tail, integerReply(BigInt(length)));
  }

  #delete(key: string): Uint8Array {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.value === null) return ZERO;
    this.#change(entry, null);
    this.#size -= 1;
    return ONE;
  }

  #put(key: string, value: string, reply: Uint8Array): Uint8Array {
    this.#write(key, value);
    return reply;
  }

  #read(key: string): string | null {
    return this.#entries.get(key)?.value ?? null;
  }

  /** One look-up a command: with many keys it costs more than all the rest. */
  #write(key: string, value: string): void {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, value: null, list: HEARD };
      this.#entries.set(key, entry);
    }
    if (entry.value === null) this.#size += 1;
    this.#change(entry, value);
  }

  /** An entry of the list that is being hashed is hashed first, as it was. */
  #change(entry: Entry, value: string | null): void {
    if (entry.list !== this.#list) {
      if (entry.list !== HEARD) this.#hear(entry);
      entry.list = this.#list;
      this.#changed.push(entry);
    }
    entry.value = value;
    if (this.#changed.length - this.#firstChanged > CHANGED_MAX && this.#hashing === null) this.#hearOldest(2);
  }

  *#hashSlices(changed: readonly Entry[], first: number): Generator<undefined, Uint8Array> {
    const list = this.#list - 1;
    for (let index = first; index < changed.length; index += 1) {
      const entry = changed[index] as Entry;
      if (entry.list === list) this.#hearAndForget(entry);
      if (index % SLICE_KEYS === SLICE_KEYS - 1) yield;
    }
    yield* this.#trie.settleInSlices(SLICE_KEYS);
    this.#hashing = null;
    return digestBytes(this.#trie.root());
  }

  #hearOldest(count: number): void {
    for (let heard = 0; heard < count; heard += 1) {
      this.#hearAndForget(this.#changed[this.#firstChanged] as Entry);
      this.#firstChanged += 1;
    }
    if (this.#firstChanged < CHANGED_MAX) return;
    this.#changed = this.#changed.slice(this.#firstChanged);
    this.#firstChanged = 0;
  }

  #hearAndForget(entry: Entry): void {
    this.#hear(entry);
    if (entry.value === null) this.#entries.delete(entry.key);
  }

  #hear(entry: Entry): void {
    const { key, value } = entry;
    const path = this.#hashTagged(KEY_TAG, key, '');
    if (value === null) this.#trie.delete(path);
    else this.#trie.set(path, this.#hashTagged(ENTRY_TAG, key, value));
    entry.list = HEARD;
  }

  #hashTagged(tag: number, key: string, value: string): Digest {
    const valueAt = ENTRY_HEAD_BYTES + key.length;
    this.#scratch.writeUInt8(tag, 0);
    this.#scratch.writeUInt16BE(key.length, 1);
    this.#scratch.write(key, ENTRY_HEAD_BYTES, 'latin1');
    this.#scratch.write(value, valueAt, 'latin1');
    return this.#hash(this.#scratch.subarray(0, valueAt + value.length));
  }
}

/** An iterator whose end can be asked for again, since more than one may drive it. */
function lasting(slices: Iterator<undefined, Uint8Array>): Iterator<undefined, Uint8Array> {
  let last: IteratorResult<undefined, Uint8Array> = { done: false, value: undefined };
  return {
    next: () => {
      if (last.done !== true) last = slices.next();
      return last;
    },
  };
}
