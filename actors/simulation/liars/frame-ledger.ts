import type { Deliver } from '../../../src/runtime/behaviour.js';
import type { SimulatedProcess } from '../../../src/simulation/process.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../../../src/wire/sockets.js';

/** What {@link FrameLedger} takes. */
export interface FrameLedgerOptions {
  readonly process: SimulatedProcess;
  /** Takes what the liar sends. */
  readonly perform: (effect: SocketEffect) => void;
  /** Takes what the liar's actors hear. */
  readonly deliver: Deliver<SocketMessage>;
}

/** Sends other frames than an actor has asked for, and keeps the actor's count of sent bytes right. */
export class FrameLedger {
  readonly #options: FrameLedgerOptions;
  /** Of each frame on its way out: the bytes that the actor counts for it; null where it knows of none. */
  readonly #counted = new Map<ConnectionId, (number | null)[]>();

  constructor(options: FrameLedgerOptions) {
    this.#options = options;
  }

  opened(connection: ConnectionId): void {
    this.#counted.set(connection, []);
  }

  closed(connection: ConnectionId): void {
    this.#counted.delete(connection);
  }

  /** Sends `frames` in place of one of `bytes` bytes. */
  replace(connection: ConnectionId, bytes: number, frames: readonly Uint8Array[]): void {
    const { process, deliver } = this.#options;
    for (const [index, frame] of frames.entries()) this.#transmit(connection, frame, index === 0 ? bytes : null);
    // It believes to have sent it.
    if (frames.length === 0) process.schedule(() => deliver({ type: 'transmitted', connection, bytes }));
  }

  /** Sends what the actor knows nothing of. */
  add(connection: ConnectionId, frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#transmit(connection, frame, null);
  }

  /** A frame has left: tells the actor, where it was one of its own. False where its mailbox is full. */
  transmitted(message: Extract<SocketMessage, { type: 'transmitted' }>): boolean {
    const bytes = this.#counted.get(message.connection)?.shift();
    if (bytes === null) return true;
    return this.#options.deliver(bytes === undefined ? message : { ...message, bytes });
  }

  #transmit(connection: ConnectionId, frame: Uint8Array, counted: number | null): void {
    this.#counted.get(connection)?.push(counted);
    this.#options.perform({ type: 'transmit', connection, frame });
  }
}
