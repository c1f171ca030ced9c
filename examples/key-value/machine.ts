import type { CommandMachine } from 'hotstuff';
import { decodeCommand, KEY_BYTES_MAX, type KeyValueCommand, VALUE_BYTES_MAX } from './commands.js';
import { type Digest, digestBytes, type HashFunction, sha256 } from './digest.js';
import { errorReply, integerReply, NULL_REPLY, OK_REPLY, valueReply } from './replies.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { StateTrie } from './state-trie.js';

/**
 * Changed keys that are taken into the trie without being asked for the state's hash: a bound on memory, and on how long
 * the question takes (some 3 µs a key, so less than half a second).
 */
const CHANGED_MAX = 2 ** 17;
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
  /** Null once the key is deleted. */
  value: string | null;
  /** Whether it stands among the changes that the trie has not heard of. */
  changed: boolean;
}

/** A store of strings by key that answers as Redis does. */
export class KeyValueMachine implements CommandMachine {
  readonly name = 'key-value';
  readonly #hash: HashFunction;
  #entries = new Map<string, Entry>();
  #trie: StateTrie;
  /** What the trie has not heard of, in order: a key that was deleted and set again stands here twice. */
  #changed: Entry[] = [];
  readonly #scratch = Buffer.alloc(ENTRY_HEAD_BYTES + KEY_BYTES_MAX + VALUE_BYTES_MAX);

  /** `hash` is for tests that count. */
  constructor(hash: HashFunction = sha256) {
    this.#hash = hash;
    this.#trie = new StateTrie(hash);
  }

  /** How many keys there are. */
  get size(): number {
    return this.#entries.size;
  }

  apply(bytes: Uint8Array): Uint8Array {
    const command = decodeCommand(bytes);
    return command === null ? MALFORMED : this.#run(command);
  }

  /** SHA-256 of the entries, each with its key, in a Merkle trie: a function of the contents alone. */
  stateHash(): Uint8Array {
    this.#foldChanges();
    return digestBytes(this.#trie.root());
  }

  snapshot(): AsyncIterable<Uint8Array> {
    const pairs = Array.from(this.#entries.values(), ({ key, value }): [string, string] => [key, value ?? '']);
    return writeSnapshot(pairs, this.stateHash());
  }

  /** @throws Error when the chunks are no snapshot, or not of the state that they claim to be. */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { values, stateHash } = await readSnapshot(chunks);
    this.#entries = new Map();
    this.#trie = new StateTrie(this.#hash);
    this.#changed = [];
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
    if (entry === undefined) return ZERO;
    this.#entries.delete(key);
    this.#change(entry, null);
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
      entry = { key, value, changed: false };
      this.#entries.set(key, entry);
    }
    this.#change(entry, value);
  }

  #change(entry: Entry, value: string | null): void {
    entry.value = value;
    if (entry.changed) return;
    entry.changed = true;
    this.#changed.push(entry);
    if (this.#changed.length < CHANGED_MAX) return;
    this.#foldChanges();
    this.#trie.root();
  }

  #foldChanges(): void {
    for (const entry of this.#changed) {
      const { key, value } = entry;
      const path = this.#hashTagged(KEY_TAG, key, '');
      if (value === null) this.#trie.delete(path);
      else this.#trie.set(path, this.#hashTagged(ENTRY_TAG, key, value));
      entry.changed = false;
    }
    this.#changed = [];
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
