/**
 * A speculative machine that watches what it is asked for: each of its blocks names the state that it was built on, so
 * that it notices a block executed on, or proposed for, any other.
 */
import { sha256, sha256Hex } from '../../src/crypto/hash.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import { asHeight } from '../../src/protocol/numbers.js';
import type { StateMachine } from '../proposal-generator/state-machine.js';

/** What a block of a ledger holds. */
export interface LedgerEntry {
  /** Digest of the state that the entry is built on. */
  readonly base: string;
  readonly value: string;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (of: Uint8Array) => new TextDecoder().decode(of);

/** Stands for a list of values; any other list has another. `before`: the digest of those that come first. */
export function digestOf(values: readonly string[], before = ''): string {
  return values.reduce((digest, value) => sha256Hex(bytes(`${digest} ${value}`)), before);
}

/** The body of a block with that entry. */
export function bodyOf(entry: LedgerEntry): Uint8Array {
  return bytes(JSON.stringify([entry.base, entry.value]));
}

/** The entry in a body; null for what no ledger machine made. */
export function entryIn(body: Uint8Array): LedgerEntry | null {
  try {
    const [base, value] = JSON.parse(text(body));
    return typeof base === 'string' && typeof value === 'string' ? { base, value } : null;
  } catch {
    return null;
  }
}

/** A list of values, of which its replica's own proposals go ahead of what is committed. */
export class LedgerMachine implements StateMachine<LedgerEntry> {
  readonly name = 'ledger';
  /** Stands in the values that it proposes. */
  readonly #author: string;
  readonly committed: string[] = [];
  #committedDigest = digestOf([]);
  /** Applied, not committed. */
  ahead: LedgerEntry[] = [];
  /** How many more proposals it will build. */
  appetite = Number.POSITIVE_INFINITY;
  /** How many it has built. */
  proposals = 0;
  readonly #wrong: (problem: string) => void;
  /** Its last call was a `propose` that built nothing: a rewinding that was due before the answer finds nothing to drop. */
  #builtNothing = false;

  /** `onWrong` is told of whatever it is asked for against the contract. */
  constructor(author: string, onWrong: (problem: string) => void) {
    this.#author = author;
    this.#wrong = onWrong;
  }

  async initialize(log: CommittedLog | null): Promise<void> {
    if (log === null) return;
    for await (const { body } of log.blocks(asHeight(1))) {
      const entry = body.length === 0 ? null : this.parse(body);
      if (entry !== null) this.#append(entry);
    }
  }

  propose(): LedgerEntry | null {
    this.#builtNothing = this.appetite === 0;
    if (this.#builtNothing) return null;
    this.appetite -= 1;
    this.proposals += 1;
    const entry = { base: this.#digest(), value: `${this.#author}.${this.proposals}` };
    this.ahead.push(entry);
    return entry;
  }

  parse(body: Uint8Array): LedgerEntry | null {
    if (body.length === 0) this.#wrong('an empty block was shown');
    return entryIn(body);
  }

  /** Whether the entry was built on the state as it is. */
  fits({ base }: LedgerEntry): boolean {
    return base === this.#digest();
  }

  serialize(entry: LedgerEntry): Uint8Array {
    return bodyOf(entry);
  }

  idOf(entry: LedgerEntry): Uint8Array {
    return sha256(bodyOf(entry));
  }

  execute(entry: LedgerEntry): void {
    this.#builtNothing = false;
    if (this.ahead.length > 0) this.#wrong(`${entry.value} was executed on proposals that are not committed`);
    if (!this.fits(entry)) this.#wrong(`${entry.value} was executed on another state than its own`);
    this.ahead.push(entry);
  }

  commit(id: Uint8Array): void {
    this.#builtNothing = false;
    const [entry] = this.ahead;
    if (entry === undefined || text(this.idOf(entry)) !== text(id)) this.#wrong('a stranger was committed');
    else this.#append(entry);
    this.ahead.shift();
  }

  rewind(): void {
    if (this.ahead.length === 0 && !this.#builtNothing) this.#wrong('it was rewound for nothing');
    this.#builtNothing = false;
    this.ahead = [];
  }

  stateHash(): Uint8Array {
    return sha256(bytes(this.#committedDigest));
  }

  #append({ value }: LedgerEntry): void {
    this.committed.push(value);
    this.#committedDigest = digestOf([value], this.#committedDigest);
  }

  #digest(): string {
    return digestOf(
      this.ahead.map(({ value }) => value),
      this.#committedDigest,
    );
  }
}
