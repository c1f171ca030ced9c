/**
 * The liar's mouth and ears: a port between the network actor of an unmodified replica and its sockets. It reads every
 * frame that passes, lets the strategies drop, change or add, and keeps the network actor's count of sent bytes right.
 */
import type { ReplicaId } from '../../../src/protocol/numbers.js';
import type { Deliver, Port, PortFactory } from '../../../src/runtime/behaviour.js';
import type { SimulatedProcess } from '../../../src/simulation/process.js';
import { framesOf } from '../../../src/wire/fragments.js';
import { decodeFrame, encodeFrame } from '../../../src/wire/frames.js';
import { decodePeerMessage, encodePeerMessage } from '../../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../../../src/wire/sockets.js';
import { FrameLedger } from './frame-ledger.js';
import type { Said, Strategy } from './liar.js';

/** What the port asks of the liar behind it. */
export interface LiarPortOptions {
  readonly clusterId: string;
  readonly process: SimulatedProcess;
  readonly strategies: readonly Strategy[];
}

interface Line {
  readonly peer: ReplicaId;
  /** Greeted: messages may go. */
  ready: boolean;
}

/** Message ids of long messages that the network actor will not use. */
const FIRST_MESSAGE_ID = 2 ** 31;

/** Stands before a liar's network for one life: strategies change what it says to its peers, and what it hears. */
export class LiarPort implements Port<SocketEffect> {
  readonly #options: LiarPortOptions;
  readonly #inner: Port<SocketEffect>;
  readonly #deliver: Deliver<SocketMessage>;
  readonly #lines = new Map<ConnectionId, Line>();
  readonly #ledger: FrameLedger;
  readonly #heard = new WeakSet<Uint8Array>();
  #messageId = FIRST_MESSAGE_ID;

  constructor(
    options: LiarPortOptions,
    inner: PortFactory<SocketEffect, SocketMessage>,
    deliver: Deliver<SocketMessage>,
  ) {
    this.#options = options;
    this.#deliver = deliver;
    this.#inner = inner((message) => this.#arrives(message));
    const perform = (effect: SocketEffect): void => this.#inner.perform(effect);
    this.#ledger = new FrameLedger({ process: options.process, deliver, perform });
  }

  perform(effect: SocketEffect): void {
    if (effect.type === 'closeConnection') this.#forget(effect.connection);
    const line = effect.type === 'transmit' ? this.#lines.get(effect.connection) : undefined;
    if (effect.type !== 'transmit' || line === undefined) return this.#inner.perform(effect);
    const { connection, frame } = effect;
    const message = this.#read(line, frame);
    const instead = message === null ? null : this.#instead(line.peer, message);
    const frames = instead === null ? [frame] : instead.flatMap((said) => this.#framesOf(said));
    this.#ledger.replace(connection, frame.length, frames);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Says something to a peer, past the strategies. */
  tell(peer: ReplicaId, said: Said): void {
    for (const [connection, line] of this.#lines) {
      if (line.peer !== peer || !line.ready) continue;
      return this.#ledger.add(connection, this.#framesOf(said));
    }
  }

  /** Has the actors behind it hear a message as if `peer` had sent it. */
  hear(peer: ReplicaId, message: PeerMessage): void {
    for (const [connection, line] of this.#lines) {
      if (line.peer !== peer || !line.ready) continue;
      for (const frame of this.#framesOf(message)) this.#deliver({ type: 'frameReceived', connection, frame });
      return;
    }
  }

  #arrives(message: SocketMessage): boolean {
    switch (message.type) {
      case 'connectionOpened':
        if (message.peer === null) break;
        this.#lines.set(message.connection, { peer: message.peer, ready: false });
        this.#ledger.opened(message.connection);
        break;
      case 'connectionClosed':
        this.#forget(message.connection);
        break;
      case 'transmitted':
        return this.#ledger.transmitted(message);
      case 'frameReceived': {
        const line = this.#lines.get(message.connection);
        // What a full mailbox refuses comes again: strategies see it once.
        if (line === undefined || this.#heard.has(message.frame)) break;
        this.#heard.add(message.frame);
        const said = this.#read(line, message.frame);
        if (said === null) break;
        let listens = true;
        for (const { incoming } of this.#options.strategies) {
          if (incoming !== undefined && !incoming(line.peer, said)) listens = false;
        }
        if (!listens) return true;
      }
    }
    return this.#deliver(message);
  }

  /** What all strategies in turn make of a message; null where none touches it. */
  #instead(peer: ReplicaId, message: PeerMessage): readonly Said[] | null {
    let said: readonly Said[] = [message];
    let touched = false;
    for (const { outgoing } of this.#options.strategies) {
      if (outgoing === undefined) continue;
      said = said.flatMap((each): readonly Said[] => {
        const instead = each.type === 'raw' ? null : outgoing(peer, each);
        if (instead !== null) touched = true;
        return instead ?? [each];
      });
    }
    return touched ? said : null;
  }

  #read(line: Line, bytes: Uint8Array): PeerMessage | null {
    const frame = decodeFrame(bytes);
    if (!frame.ok || frame.kind === 'hello') return null;
    line.ready = true;
    if (frame.kind !== 'message') return null;
    const decoding = decodePeerMessage(this.#options.clusterId, frame.payload);
    return decoding.ok ? decoding.message : null;
  }

  #forget(connection: ConnectionId): void {
    this.#lines.delete(connection);
    this.#ledger.closed(connection);
  }

  #framesOf(said: Said): readonly Uint8Array[] {
    if (said.type === 'raw') return [said.frame];
    this.#messageId += 1;
    return [...framesOf(this.#messageId, encodePeerMessage(said))];
  }
}

/** A message as one frame, whatever its length. */
export function frameOf(message: PeerMessage): Uint8Array {
  return encodeFrame('message', encodePeerMessage(message));
}
