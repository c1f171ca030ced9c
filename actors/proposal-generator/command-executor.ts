import { limits } from '../../src/config/limits.js';
import { concatBytes, sha256Hex } from '../../src/crypto/hash.js';
import { invariant, OperationalError } from '../../src/errors.js';
import { asHeight, type Height } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { decodeBody } from '../../src/wire/command-batch.js';
import type { Command, CommandBatch } from '../../src/wire/peer-messages.js';
import { encodeNumbers, type SessionRecord } from '../../src/wire/session-records.js';
import { decodeSnapshotChunk, encodeSnapshotChunk } from '../../src/wire/snapshot-chunks.js';
import { ApplicationFault, bytesFrom, calling, mayRun } from './application-fault.js';
import { BlockResult } from './block-result.js';
import type { CommandMachine, CommandPosition } from './command-machine.js';
import type { ExecutedBlock } from './messages.js';
import type { Session, SessionCopy } from './session.js';
import { refusalOf, type SessionBounds, SessionTable } from './session-table.js';

const STATE_DOMAIN = new TextEncoder().encode('hotstuff:state:1\0');

/**
 * The replicated state: an application's machine, and the session table by which each command runs exactly once.
 * Replicas that execute the same blocks hold equal states, equal hashes, and give equal replies.
 */
export class CommandExecutor {
  readonly #machine: CommandMachine;
  readonly #sessions: SessionTable;
  #height = 0;
  #hashing: HashInHand | null = null;

  constructor(machine: CommandMachine, bounds: SessionBounds) {
    this.#machine = machine;
    this.#sessions = new SessionTable(bounds);
  }

  /** Height of the last executed block; 0 before any. */
  get height(): Height {
    return asHeight(this.#height);
  }

  /**
   * Runs the commands of the next block. A body that is no list of commands does nothing.
   * @throws ApplicationFault for what the machine must not do.
   */
  execute(block: Block): ExecutedBlock {
    invariant(block.header.height === this.#height + 1, 'blocks are executed in the order of their heights');
    const result = new BlockResult(block.header.height);
    let index = 0;
    for (const batch of decodeBody(block.body) ?? []) {
      this.#executeBatch(batch, index, result);
      index += batch.commands.length;
    }
    this.#height = block.header.height;
    return result.build();
  }

  /**
   * Begins or goes on with the hash of the state; null while there is more to do. Blocks may be executed meanwhile: the
   * answer is of the state and height at which it was begun.
   * @throws ApplicationFault for what the machine must not do.
   */
  hashOn(): HashedState | null {
    this.#hashing ??= this.#beginHash();
    const { height, sessions, machine } = this.#hashing;
    this.#hashing.sessionsHash ??= doneOf(sessions.next());
    const { sessionsHash } = this.#hashing;
    if (sessionsHash === null) return null;
    const machineHash = machine instanceof Uint8Array ? machine : nextOf(machine);
    if (machineHash === null) return null;
    this.#hashing = null;
    const bytes = concatBytes(STATE_DOMAIN, machineHash, sessionsHash, encodeNumbers(height));
    return { height, stateHash: sha256Hex(bytes) };
  }

  /** 64 hex digits that stand for machine, sessions and height, in one go. */
  stateHash(): string {
    this.#hashing = null;
    for (;;) {
      const hashed = this.hashOn();
      if (hashed !== null) return hashed.stateHash;
    }
  }

  /** What is remembered of every client, for a table of the same bounds. */
  sessions(): readonly SessionCopy[] {
    return this.#sessions.copies();
  }

  /** The state at the moment of the call, in chunks; executing further blocks does not change what it gives. */
  snapshot(): AsyncIterable<Uint8Array> {
    return chunksOf(this.height, this.#sessions.records(), this.#machine.snapshot());
  }

  /**
   * Takes over the state of a snapshot; nothing was executed before. Whoever trusts the snapshot compares state hashes.
   * @throws OperationalError `SNAPSHOT_UNREADABLE` when the chunks are none, and whatever the machine throws at its own.
   */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    invariant(this.#height === 0 && this.#sessions.size === 0, 'a snapshot is restored into a new executor');
    const iterator = chunks[Symbol.asyncIterator]();
    const head = await nextChunk(iterator);
    if (head?.kind !== 'head') throw unreadable('it does not begin with a height');
    const sessions: SessionRecord[] = [];
    let chunk = await nextChunk(iterator);
    for (; chunk?.kind === 'sessions'; chunk = await nextChunk(iterator)) sessions.push(...chunk.sessions);
    if (!this.#sessions.restore(sessions)) throw unreadable('its sessions are no session table');
    await this.#machine.restore(machineChunks(chunk, iterator));
    this.#height = head.height;
  }

  #executeBatch({ client, commands }: CommandBatch, firstIndex: number, result: BlockResult): void {
    let session: Session | null = null;
    for (const [offset, command] of commands.entries()) {
      const past = this.#sessions.recall(client, command.sequence);
      if (past === null) {
        session ??= this.#sessions.activate(client);
        this.#run(session, command, { at: firstIndex + offset, result });
      } else if (past.outcome instanceof Uint8Array) {
        result.repeated(client, { sequence: command.sequence, height: past.height, reply: past.outcome });
      } else {
        result.refused(client, command.sequence, refusalOf(past));
      }
    }
  }

  #run(session: Session, command: Command, { at, result }: { at: number; result: BlockResult }): void {
    const { height } = result;
    const { sequence, bytes } = command;
    const outcome = this.#outcomeOf(bytes, { height, index: at });
    session.record({ sequence, height, outcome });
    if (outcome === 'invalid') result.refused(session.client, sequence, 'invalid');
    else result.ran(session.client, sequence, outcome);
  }

  #outcomeOf(bytes: Uint8Array, at: CommandPosition): Uint8Array | 'invalid' {
    if (!mayRun(this.#machine, bytes)) return 'invalid';
    return bytesFrom(
      'apply',
      calling('apply', () => this.#machine.apply(bytes, at)),
    );
  }

  #beginHash(): HashInHand {
    const slices = calling('stateHashInSlices', () => this.#machine.stateHashInSlices?.() ?? null);
    const machine = slices ?? hashFrom(calling('stateHash', () => this.#machine.stateHash()));
    return { height: this.height, sessions: this.#sessions.digestInSlices(), sessionsHash: null, machine };
  }
}

/** The hash that is being made, of the state at a height: first of the sessions, then of the machine. */
interface HashInHand {
  readonly height: Height;
  readonly sessions: Iterator<undefined, Uint8Array>;
  /** Null until it is made. */
  sessionsHash: Uint8Array | null;
  /** The hash itself of a machine that hashes in one go. */
  readonly machine: Iterator<undefined, Uint8Array> | Uint8Array;
}

/** A state's hash and the height that it is of. */
export interface HashedState {
  readonly height: Height;
  /** 64 hex digits. */
  readonly stateHash: string;
}

function nextOf(slices: Iterator<undefined, Uint8Array>): Uint8Array | null {
  const state = doneOf(calling('stateHashInSlices', () => slices.next()));
  return state === null ? null : hashFrom(state);
}

function doneOf({ done, value }: IteratorResult<undefined, Uint8Array>): Uint8Array | null {
  return done === true ? value : null;
}

function hashFrom(state: Uint8Array): Uint8Array {
  if (bytesFrom('stateHash', state).length === 32) return state;
  throw new ApplicationFault('stateHash', `it returned ${state.length} bytes; a state hash has 32`);
}

async function* chunksOf(
  height: Height,
  sessions: readonly SessionRecord[],
  machine: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield encodeSnapshotChunk({ kind: 'head', height });
  for (let first = 0; first < sessions.length; first += limits.sessionsPerChunk) {
    yield encodeSnapshotChunk({ kind: 'sessions', sessions: sessions.slice(first, first + limits.sessionsPerChunk) });
  }
  for await (const bytes of machine) yield encodeSnapshotChunk({ kind: 'machine', bytes });
}

async function nextChunk(iterator: AsyncIterator<Uint8Array>) {
  const next = await iterator.next();
  if (next.done === true) return null;
  const chunk = decodeSnapshotChunk(next.value);
  if (chunk === null) throw unreadable('one of its chunks is none');
  return chunk;
}

async function* machineChunks(
  first: Awaited<ReturnType<typeof nextChunk>>,
  iterator: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  for (let chunk = first; chunk !== null; chunk = await nextChunk(iterator)) {
    if (chunk.kind !== 'machine') throw unreadable('its chunks are out of order');
    yield chunk.bytes;
  }
}

function unreadable(why: string): OperationalError {
  return new OperationalError('SNAPSHOT_UNREADABLE', `the snapshot cannot be read: ${why}`);
}
