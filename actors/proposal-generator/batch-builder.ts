import type { ClientId } from '../../src/protocol/numbers.js';
import { GROUP_HEADER_BYTES } from '../../src/wire/command-batch.js';
import type { Command, CommandBatch } from '../../src/wire/peer-messages.js';
import { ENTRY_HEADER_BYTES } from '../../src/wire/sequenced-entries.js';
import type { PendingCommand } from './pending-command.js';

/** What one body or one message may hold. */
export interface BatchBounds {
  readonly commands: number;
  /** Of the encoded body. */
  readonly bytes: number;
}

/** Gathers commands into groups by client, in the order in which clients first appear, up to a bound. */
export class BatchBuilder {
  readonly #bounds: BatchBounds;
  readonly #groups = new Map<ClientId, Command[]>();
  #commands = 0;
  #bytes = 0;

  constructor(bounds: BatchBounds) {
    this.#bounds = bounds;
  }

  get commands(): number {
    return this.#commands;
  }

  /** Of the encoded body. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a command, or returns false when it does not fit any more. */
  add({ client, command }: PendingCommand): boolean {
    const group = this.#groups.get(client);
    const bytes = ENTRY_HEADER_BYTES + command.bytes.length + (group === undefined ? GROUP_HEADER_BYTES : 0);
    if (this.#commands >= this.#bounds.commands || this.#bytes + bytes > this.#bounds.bytes) return false;
    this.#commands += 1;
    this.#bytes += bytes;
    if (group === undefined) this.#groups.set(client, [command]);
    else group.push(command);
    return true;
  }

  build(): readonly CommandBatch[] {
    return Array.from(this.#groups, ([client, commands]) => ({ client, commands }));
  }
}
