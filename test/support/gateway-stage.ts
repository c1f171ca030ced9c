import type { Gateway } from '../../actors/gateway/gateway.js';
import type { GatewayLimits } from '../../actors/gateway/limits.js';
import type { GatewayMessage } from '../../actors/gateway/messages.js';
import type { GatewayEffect } from '../../actors/roles.js';
import { limits } from '../../src/config/limits.js';
import { silentLogger } from '../../src/logger.js';
import { asClientId, asReplicaId, asSequence, type ClientId } from '../../src/protocol/numbers.js';
import { decodeClientAnswer, encodeClientRequest } from '../../src/wire/client-codec.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import { framesOf, Reassembler } from '../../src/wire/fragments.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { decodeHelloAnswer, encodeHello, type Hello, ownHello } from '../../src/wire/hello.js';
import { createGateway } from './actors.js';
import { clusterOf } from './network-stage.js';
import { Stage } from './stage.js';

/** The gateway of replica 2 of four, and clients that speak to it in frames. */
export class GatewayStage extends Stage<GatewayMessage, GatewayEffect> {
  readonly gateway: Gateway;
  readonly cluster = clusterOf(4);
  readonly #flushed = new Map<number, number>();
  #connections = 0;

  constructor(changes: Partial<GatewayLimits> = {}) {
    let draws = 1;
    const gateway = createGateway({
      id: asReplicaId(2),
      cluster: clusterOf(4),
      limits: { ...limits, ...changes },
      random: { bytes: (count) => new Uint8Array(count).fill(draws++) },
      log: silentLogger,
    });
    super(gateway);
    this.gateway = gateway;
    this.tell({ type: 'openGateway' });
  }

  opens(address = '127.0.0.1'): number {
    this.#connections += 1;
    const connection = this.#connections;
    this.tell({ type: 'connectionOpened', connection, direction: 'accepted', peer: null, address });
    return connection;
  }

  /** A client connects, greets and takes what it is told; returns its connection. */
  connect(address?: string): number {
    const connection = this.opens(address);
    this.frame(connection, this.hello());
    this.flush(connection);
    return connection;
  }

  hello(changes: Partial<Hello> = {}): Uint8Array {
    return encodeFrame('hello', encodeHello({ ...ownHello(this.cluster, null), ...changes }));
  }

  frame(connection: number, frame: Uint8Array): void {
    this.tell({ type: 'frameReceived', connection, frame });
  }

  request(connection: number, request: ClientRequest): void {
    for (const frame of framesOf(1, encodeClientRequest(request))) this.frame(connection, frame);
  }

  submit(connection: number, client: ClientId, first: number, count = 1, bytes = 10): void {
    const commands = Array.from({ length: count }, (_, index) => ({
      sequence: asSequence(first + index),
      bytes: new Uint8Array(bytes),
    }));
    this.request(connection, { type: 'submit', client, commands });
  }

  /** Everything handed to the socket has left, and what follows from that, until nothing more does. */
  flush(connection: number): void {
    for (;;) {
      const frames = this.#framesOn(connection);
      const told = this.#flushed.get(connection) ?? 0;
      if (frames.length === told) return;
      this.#flushed.set(connection, frames.length);
      for (const { byteLength: bytes } of frames.slice(told)) this.tell({ type: 'transmitted', connection, bytes });
    }
  }

  /** All whole answers that were handed to the socket of a connection. */
  answers(connection: number): readonly ClientAnswer[] {
    const reassembler = new Reassembler();
    return this.#framesOn(connection).flatMap((bytes) => {
      const frame = decodeFrame(bytes);
      if (!frame.ok || (frame.kind !== 'message' && frame.kind !== 'fragment')) return [];
      const joined = frame.kind === 'message' ? null : reassembler.accept(frame.payload);
      const message = joined === null ? frame.payload : joined.ok ? joined.message : null;
      const decoded = message === null ? null : decodeClientAnswer(message);
      return decoded?.ok === true ? [decoded.message] : [];
    });
  }

  answersOf<Type extends ClientAnswer['type']>(
    connection: number,
    type: Type,
  ): Extract<ClientAnswer, { type: Type }>[] {
    return this.answers(connection).filter((answer) => answer.type === type) as never;
  }

  /** What the hello was answered with; null when it was not. */
  helloAnswer(connection: number) {
    for (const bytes of this.#framesOn(connection)) {
      const frame = decodeFrame(bytes);
      if (frame.ok && frame.kind === 'helloAnswer') return decodeHelloAnswer(frame.payload);
    }
    return null;
  }

  closings(connection: number): readonly string[] {
    return this.all('closeConnection')
      .filter((effect) => effect.connection === connection)
      .map(({ reason }) => reason);
  }

  /** Batches that went to the pool, with their credit. */
  submitted() {
    return this.sentTo('proposalGenerator').flatMap(({ message, credit }) =>
      message.type === 'commandsReceived' ? [{ batch: message.batch, address: message.address, credit }] : [],
    );
  }

  #framesOn(connection: number): readonly Uint8Array[] {
    return this.all('transmit')
      .filter((effect) => effect.connection === connection)
      .map(({ frame }) => frame);
  }
}

export const session = (index: number): ClientId => asClientId((index + 1).toString(16).padStart(32, '0'));
