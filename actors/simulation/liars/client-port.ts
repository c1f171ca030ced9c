/** A liar's mouth toward clients: a port between the gateway of an unmodified replica and its sockets. */
import type { Deliver, Port, PortFactory } from '../../../src/runtime/behaviour.js';
import type { SimulatedProcess } from '../../../src/simulation/process.js';
import { decodeClientAnswer, decodeClientRequest, encodeClientAnswer } from '../../../src/wire/client-codec.js';
import type { ClientAnswer, ClientRequest } from '../../../src/wire/client-messages.js';
import { decodeFrame, encodeFrame } from '../../../src/wire/frames.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../../../src/wire/sockets.js';
import { FrameLedger } from './frame-ledger.js';

/** One way to lie to clients. It lives as long as the replica's process. */
export interface ClientStrategy {
  /** What a client is told in place of `answer`; null for that itself. */
  readonly answer?: (answer: ClientAnswer) => readonly ClientAnswer[] | null;
  /** What a client is told at once when it asks for something, besides what it will be told; `tell` says it more later. */
  readonly asked?: (request: ClientRequest, tell: (answer: ClientAnswer) => void) => readonly ClientAnswer[];
  /** Whether its own replica never hears of a request. */
  readonly keeps?: (request: ClientRequest) => boolean;
}

/** Sends what the strategies in turn make of each answer, or say to a request at once; all else passes as it is. */
export class ClientLiarPort implements Port<SocketEffect> {
  readonly #strategies: readonly ClientStrategy[];
  readonly #inner: Port<SocketEffect>;
  readonly #deliver: Deliver<SocketMessage>;
  readonly #ledger: FrameLedger;
  readonly #heard = new WeakSet<Uint8Array>();

  constructor(
    { strategies, process }: { readonly strategies: readonly ClientStrategy[]; readonly process: SimulatedProcess },
    inner: PortFactory<SocketEffect, SocketMessage>,
    deliver: Deliver<SocketMessage>,
  ) {
    this.#strategies = strategies;
    this.#deliver = deliver;
    this.#inner = inner((message) => this.#arrives(message));
    this.#ledger = new FrameLedger({ process, deliver, perform: (effect) => this.#inner.perform(effect) });
  }

  perform(effect: SocketEffect): void {
    if (effect.type === 'closeConnection') this.#ledger.closed(effect.connection);
    if (effect.type !== 'transmit') return this.#inner.perform(effect);
    const { connection, frame } = effect;
    const payload = payloadOf(frame);
    const decoding = payload === null ? null : decodeClientAnswer(payload);
    const frames = decoding?.ok ? this.#instead(decoding.message).map(frameOf) : [frame];
    this.#ledger.replace(connection, frame.length, frames);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #arrives(message: SocketMessage): boolean {
    if (message.type === 'connectionOpened') this.#ledger.opened(message.connection);
    else if (message.type === 'connectionClosed') this.#ledger.closed(message.connection);
    else if (message.type === 'transmitted') return this.#ledger.transmitted(message);
    // What a full mailbox refuses comes again: strategies see it once.
    else if (message.type === 'frameReceived' && !this.#heard.has(message.frame)) {
      this.#heard.add(message.frame);
      const payload = payloadOf(message.frame);
      const decoding = payload === null ? null : decodeClientRequest(payload);
      if (decoding?.ok) {
        this.#ledger.add(message.connection, this.#atOnce(decoding.message, message.connection).map(frameOf));
        if (this.#strategies.some(({ keeps }) => keeps?.(decoding.message) === true)) return true;
      }
    }
    return this.#deliver(message);
  }

  #instead(answer: ClientAnswer): readonly ClientAnswer[] {
    let told: readonly ClientAnswer[] = [answer];
    for (const { answer: instead } of this.#strategies) {
      if (instead !== undefined) told = told.flatMap((each) => instead(each) ?? [each]);
    }
    return told;
  }

  #atOnce(request: ClientRequest, connection: ConnectionId): readonly ClientAnswer[] {
    const tell = (answer: ClientAnswer) => this.#ledger.add(connection, [frameOf(answer)]);
    return this.#strategies.flatMap(({ asked }) => asked?.(request, tell) ?? []);
  }
}

function payloadOf(bytes: Uint8Array): Uint8Array | null {
  const frame = decodeFrame(bytes);
  return frame.ok && frame.kind === 'message' ? frame.payload : null;
}

/** Answers of the simulator's commands are short: each goes in one frame. */
function frameOf(answer: ClientAnswer): Uint8Array {
  return encodeFrame('message', encodeClientAnswer(answer));
}
