import type { ClientActorOptions } from '../../actors/client/client.js';
import type { ClientEffect, ClientMessage, ClientReport } from '../../actors/client/messages.js';
import type { SocketEffect, SocketMessage } from '../../actors/sockets.js';
import { asClientId, asHeight, asReplicaId, asSequence, type ReplicaId } from '../../src/protocol/numbers.js';
import { ActorSystem, type Message, type PortEffectOf } from '../../src/runtime/index.js';
import { decodeClientRequest, encodeClientAnswer } from '../../src/wire/client-codec.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import { framesOf, Reassembler } from '../../src/wire/fragments.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { encodeHelloAnswer, type HelloAnswer, ownHello } from '../../src/wire/hello.js';
import { createClientActor } from './actors.js';
import { asCrossed } from './border.js';
import { mailboxOf } from './mailboxes.js';
import { VirtualTime } from './virtual-time.js';

export type Submit = Extract<ClientRequest, { type: 'submit' }>;

/** A request that reached a replica. */
export interface Heard {
  readonly at: number;
  readonly replica: number;
  readonly request: ClientRequest;
}

export const clusterId = 'c1'.repeat(32);
export const sessionId = (index: number) => asClientId((index + 1).toString(16).padStart(32, '0'));
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The index of the first session that a client begins in the place of another. */
export const FRESH = 1000;

interface Wire {
  readonly replica: number;
  readonly reassembler: Reassembler;
  greeted: boolean;
}

/**
 * A client in virtual time, and replicas that greet but otherwise do what the test says. Real frames between them. Across
 * threads the client has one to itself: its port is on the other side, as are the application and the sockets.
 */
export class ClientStage {
  readonly time = new VirtualTime();
  readonly heard: Heard[] = [];
  readonly reports: ClientReport[] = [];
  readonly closed: { readonly replica: number; readonly reason: string }[] = [];
  readonly dials: { readonly at: number; readonly replica: number }[] = [];
  /** Replicas that refuse to be dialled. */
  readonly down = new Set<number>();
  /** Why those cannot be dialled. */
  dialFailure = 'refused';
  /** Replicas that accept and then say nothing. */
  readonly mute = new Set<number>();
  /** What a replica answers to a hello; null for its own hello. */
  greet: (replica: number) => HelloAnswer | null = () => null;
  readonly #system;
  readonly #wires = new Map<number, Wire>();
  readonly #replicas: number;
  readonly #plain: boolean;
  #told: (message: ClientMessage) => boolean = () => false;
  #connections = 0;
  #sessions = FRESH;
  #tickets = 0;

  constructor(replicas = 4, options: Partial<ClientActorOptions> = {}, plain = false) {
    this.#replicas = replicas;
    this.#plain = plain;
    const client = createClientActor({
      replicas: Array.from({ length: replicas }, (_, id) => asReplicaId(id)),
      faulty: Math.floor((replicas - 1) / 3),
      cluster: { clusterId, epoch: 0, replicas },
      addresses: Array.from({ length: replicas }, (_, id) => `host:${id}`),
      clients: [sessionId(0)],
      newClient: () => {
        this.#sessions += 1;
        return sessionId(this.#sessions - 1);
      },
      attachedClientsMax: 64,
      greetingMs: 1000,
      backoffMs: 100,
      backoffMaxMs: 1000,
      backlogBytesMax: 1_000_000,
      outstandingMax: 4096,
      outstandingBytesMax: 10_000_000,
      sessionWindow: 1024,
      frameCommandsMax: 1000,
      frameBytesMax: 50_000,
      retryMs: 1000,
      ...options,
    });
    this.#system = new ActorSystem<{ client: ClientMessage }>({
      ...this.time.host,
      roles: ['client'],
      cloneMessages: true,
      onFailure: ({ error }) => {
        throw error;
      },
    });
    this.#system.add<'client', ClientEffect>('client', {
      behaviour: client,
      mailbox: mailboxOf<ClientMessage>(10_000),
      port: (deliver) => {
        this.#told = deliver;
        const perform = (effect: PortEffectOf<ClientEffect>) =>
          this.#cross(effect, (crossed) => this.#perform(crossed));
        return { perform, close: async () => undefined };
      },
    });
    this.#system.start();
  }

  /** A stage whose client is connected to all replicas that are not down. */
  static connected(replicas = 4, options: Partial<ClientActorOptions> = {}): ClientStage {
    const stage = new ClientStage(replicas, options);
    stage.post({ type: 'openClient' });
    stage.takeHeard();
    return stage;
  }

  post(message: ClientMessage): void {
    this.#deliver(message);
    this.time.runUntilIdle();
  }

  /** Submits commands together; returns their tickets. */
  submit(...commands: readonly (string | Uint8Array)[]): number[] {
    const submissions = commands.map((command) => {
      this.#tickets += 1;
      return { ticket: this.#tickets, bytes: typeof command === 'string' ? bytesOf(command) : command };
    });
    this.post({ type: 'commandsSubmitted', commands: submissions });
    return submissions.map(({ ticket }) => ticket);
  }

  /** A connected replica says something. */
  say(replica: number, answer: ClientAnswer): void {
    const connection = this.#connectionOf(replica);
    if (connection === undefined) throw new Error(`replica ${replica} is not connected`);
    for (const frame of framesOf(1, encodeClientAnswer(answer))) {
      this.post({ type: 'frameReceived', connection, frame });
    }
  }

  /** A connected replica answers commands of session 0: replies by sequence. */
  reply(replica: number, replies: Readonly<Record<number, string>>, height = 1, session = 0): void {
    this.say(replica, {
      type: 'replies',
      client: sessionId(session),
      height: asHeight(height),
      replies: Object.entries(replies).map(([sequence, reply]) => ({
        sequence: asSequence(Number(sequence)),
        reply: bytesOf(reply),
      })),
    });
  }

  sayBytes(replica: number, frame: Uint8Array): void {
    this.post({ type: 'frameReceived', connection: this.#connectionOf(replica) as number, frame });
  }

  cut(replica: number): void {
    const connection = this.#connectionOf(replica) as number;
    this.#wires.delete(connection);
    this.post({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  }

  connected(): number[] {
    return [...this.#wires.values()]
      .filter((wire) => wire.greeted)
      .map((wire) => wire.replica)
      .sort();
  }

  takeHeard(): Heard[] {
    return this.heard.splice(0);
  }

  /** The commands that reached replicas since the last look, as `replica: sequence…`. */
  takeSubmits(): string[] {
    return this.takeHeard().flatMap(({ replica, request }) =>
      request.type === 'submit' ? [`${replica}: ${request.commands.map(({ sequence }) => sequence).join(' ')}`] : [],
    );
  }

  /** What the application was told of its commands since the last look, as `ticket=reply@height`. */
  takeAnswers(): string[] {
    return this.reports.splice(0).flatMap((report) => {
      if (report.type === 'rejectCommand') return [`${report.ticket}!${report.reason}`];
      if (report.type !== 'answerCommands') return [];
      return report.answers.map(({ ticket, reply }) => `${ticket}=${text(reply)}@${report.height}`);
    });
  }

  #deliver(message: ClientMessage): void {
    this.#cross(message, (crossed) => this.#told(crossed));
  }

  /** On one thread what is sent is there at once; across a border it comes later, as a copy, in the order of sending. */
  #cross<Sent extends Message>(sent: Sent, arrive: (crossed: Sent) => void): void {
    const crossed = asCrossed(sent);
    if (crossed === sent) return arrive(sent);
    this.time.schedule(() => arrive(crossed));
  }

  #connectionOf(replica: number): number | undefined {
    for (const [connection, wire] of this.#wires) if (wire.replica === replica) return connection;
    return undefined;
  }

  #perform(effect: PortEffectOf<ClientEffect>): void {
    switch (effect.type) {
      case 'dial':
        return this.#dialed(effect.peer);
      case 'transmit':
        return this.#transmitted(effect);
      case 'closeConnection': {
        const wire = this.#wires.get(effect.connection);
        if (wire === undefined) return;
        this.closed.push({ replica: wire.replica, reason: effect.reason });
        this.#wires.delete(effect.connection);
        this.#deliver({ type: 'connectionClosed', connection: effect.connection, reason: effect.reason });
        return;
      }
      case 'answerCommands':
      case 'rejectCommand':
      case 'rejectUntrusted':
      case 'answerStatus':
      case 'answerLog':
      case 'rejectLog':
      case 'answerEvidence':
      case 'rejectEvidence':
        this.reports.push(effect);
        return;
      default:
        throw new Error(`a client does not ask for ${(effect as SocketEffect).type}`);
    }
  }

  #dialed(replica: ReplicaId): void {
    this.dials.push({ at: this.time.now, replica });
    if (this.down.has(replica)) {
      this.#deliver({ type: 'dialFailed', peer: replica, reason: this.dialFailure });
      return;
    }
    this.#connections += 1;
    this.#wires.set(this.#connections, { replica, reassembler: new Reassembler(), greeted: false });
    const opened: SocketMessage = {
      type: 'connectionOpened',
      connection: this.#connections,
      direction: 'dialed',
      peer: this.#plain ? null : replica,
      address: `host:${replica}`,
    };
    this.#deliver(opened);
  }

  #transmitted({ connection, frame }: { connection: number; frame: Uint8Array }): void {
    const wire = this.#wires.get(connection);
    if (wire === undefined) return;
    const decoded = decodeFrame(frame);
    if (!decoded.ok) throw new Error(`the client sent an unreadable frame: ${decoded.reason}`);
    if (!this.mute.has(wire.replica)) {
      this.#deliver({ type: 'transmitted', connection, bytes: frame.length });
      if (decoded.kind === 'hello') this.#greeted(connection, wire);
    }
    if (decoded.kind === 'message') this.#requested(wire, decoded.payload);
    if (decoded.kind !== 'fragment') return;
    const whole = wire.reassembler.accept(decoded.payload);
    if (!whole.ok) throw new Error(`the client sent an unreadable fragment: ${whole.reason}`);
    if (whole.message !== null) this.#requested(wire, whole.message);
  }

  #greeted(connection: number, wire: Wire): void {
    wire.greeted = true;
    const own = { accepted: true, hello: ownHello({ clusterId, epoch: 0 }, asReplicaId(wire.replica)) } as const;
    const frame = encodeFrame('helloAnswer', encodeHelloAnswer(this.greet(wire.replica) ?? own));
    this.#deliver({ type: 'frameReceived', connection, frame });
  }

  #requested(wire: Wire, message: Uint8Array): void {
    const decoded = decodeClientRequest(message);
    if (!decoded.ok) throw new Error(`the client sent an unreadable request: ${decoded.reason}`);
    this.heard.push({ at: this.time.now, replica: wire.replica, request: decoded.message });
  }

  get replicas(): number {
    return this.#replicas;
  }
}
