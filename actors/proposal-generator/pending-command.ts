/** One accepted command that is not known to be executed. */
import { limits } from '../../src/config/limits.js';
import type { ClientId, ReplicaId } from '../../src/protocol/numbers.js';
import type { Command } from '../../src/wire/peer-messages.js';
import { ENTRY_HEADER_BYTES } from '../../src/wire/sequenced-entries.js';

/** The pool's own view of a command: what it is, whose space it takes, and where it stands. */
export interface PendingCommand {
  readonly client: ClientId;
  command: Command;
  /** The replica whose gateway accepted it: it takes space in that replica's share of the pool. */
  readonly source: ReplicaId;
  /** Where its client is connected from; empty where a peer forwarded it, which alone knows. */
  readonly address: string;
  /** By the clock of this replica's turns, in milliseconds. */
  readonly acceptedAt: number;
  /** Blocks of the branch in hand that hold it. It waits to be proposed while this is 0. */
  claims: number;
  /** It was executed, or another took its place. */
  gone: boolean;
  /** It stands in its queue's list, perhaps as a gap that is skipped. */
  listed: boolean;
}

/** A number of commands, and the bytes of them and their headers. */
export interface Space {
  readonly commands: number;
  readonly bytes: number;
}

/** Whether the next block may hold it. */
export function isWaiting(pending: PendingCommand): boolean {
  return pending.claims === 0 && !pending.gone;
}

/** The space that a command takes in the pool and in a body, its client's group not counted. */
export function sizeOf(command: Command): number {
  return ENTRY_HEADER_BYTES + command.bytes.length;
}

/**
 * Copies the bytes of commands that arrived in one frame when they are less than half of it. Commands are views into
 * their frame, and a frame of which one small command is pending must not stay in memory for it.
 */
export function detachFromFrame(arrived: readonly PendingCommand[]): void {
  let kept: number = limits.keptFrameBytes;
  for (const { command } of arrived) kept += 2 * sizeOf(command);
  for (const pending of arrived) {
    const { sequence, bytes } = pending.command;
    if (bytes.buffer.byteLength > kept) pending.command = { sequence, bytes: bytes.slice() };
  }
}
