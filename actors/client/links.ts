/**
 * A client's connections, one to each replica: dialling, greeting, ready, or pausing after a failure.
 * A connection is used once the replica has greeted, and given up at the first frame that cannot be read.
 */
import type { ClientId, ReplicaId } from '../../src/protocol/numbers.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import { dialProblem } from '../dial-problems.js';
import type { ConnectionId, SocketMessage } from '../sockets.js';
import type { ClientEffect } from './messages.js';
import { type ClusterIdentity, Speech } from './speech.js';

/** What {@link Links} take: whom to dial, how to greet, and how long to wait before another attempt. */
export interface LinkOptions {
  /** 0 .. n−1. */
  readonly replicas: readonly ReplicaId[];
  readonly cluster: ClusterIdentity;
  /** Where each replica is dialled, `host:port`: names a connection on a plain transport, which proves no identity. */
  readonly addresses: readonly string[];
  /** Milliseconds that dialling and greeting may take together. */
  readonly greetingMs: number;
  /** First pause after a failed connection; it doubles up to `backoffMaxMs`. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Bytes that may wait in a connection's buffer before commands are no longer sent there a second time. */
  readonly backlogBytesMax: number;
  /** Sessions whose replies a replica sends on one connection at most. */
  readonly attachedClientsMax: number;
}

/** The sessions whose replies every replica is to send here. */
interface Attached {
  readonly clients: readonly ClientId[];
}

type LinkPhase = 'idle' | 'dialing' | 'greeting' | 'ready' | 'backoff';

interface Link {
  readonly replica: ReplicaId;
  phase: LinkPhase;
  connection: ConnectionId | null;
  speech: Speech | null;
  /** Failed connections since the last one that got ready. */
  failures: number;
  /** What is wrong with it that waiting does not mend; null while it is merely not there. */
  problem: string | null;
  /** What answers there is not this replica, as far as is known: by its key, or by its greeting. */
  untrusted: boolean;
  /** Bytes handed to the socket that have not left the process. */
  unsentBytes: number;
  /** Sessions that were attached to the connection: none is taken from it again. */
  attached: number;
}

/** What a change of the sockets means to the commands and questions. */
export type LinkEvent =
  | { readonly type: 'linkReady'; readonly replica: ReplicaId }
  | { readonly type: 'linkLost'; readonly replica: ReplicaId }
  | { readonly type: 'answerArrived'; readonly replica: ReplicaId; readonly answer: ClientAnswer };

const dialTimer = (replica: ReplicaId): string => `dial ${replica}`;
const greetingTimer = (replica: ReplicaId): string => `greeting ${replica}`;

/** Dials, greets and redials every replica, and sends on links that are ready. What it asks for goes to `out`. */
export class Links {
  readonly #options: LinkOptions;
  readonly #sessions: Attached;
  readonly #links: readonly Link[];
  readonly #byConnection = new Map<ConnectionId, Link>();
  readonly #lost: LinkEvent[] = [];

  constructor(options: LinkOptions, sessions: Attached) {
    this.#options = options;
    this.#sessions = sessions;
    this.#links = options.replicas.map((replica) => ({
      replica,
      phase: 'idle',
      connection: null,
      speech: null,
      failures: 0,
      problem: null,
      untrusted: false,
      unsentBytes: 0,
      attached: 0,
    }));
  }

  /** n. */
  get size(): number {
    return this.#links.length;
  }

  /** `idle` of a replica that there is not, as of one that was never dialled. */
  phaseOf(replica: ReplicaId): LinkPhase {
    return this.#links[replica]?.phase ?? 'idle';
  }

  /** Why a replica that can be reached is of no use, as a sentence for people; null where that is not known. */
  problemOf(replica: ReplicaId): string | null {
    return this.#links[replica]?.problem ?? null;
  }

  /** Replicas at whose address something else answers, in ascending order. One that is merely not there is not among them. */
  untrusted(): readonly ReplicaId[] {
    return this.#links.filter((link) => link.untrusted).map((link) => link.replica);
  }

  /** Replicas that take requests, in ascending order. */
  ready(): readonly ReplicaId[] {
    return this.#links.filter((link) => link.phase === 'ready').map((link) => link.replica);
  }

  /** Those of {@link ready} whose buffers are not full of what was sent before. */
  readyToResend(): readonly ReplicaId[] {
    const { backlogBytesMax } = this.#options;
    return this.#links
      .filter((link) => link.phase === 'ready' && link.unsentBytes < backlogBytesMax)
      .map((link) => link.replica);
  }

  /** `wanted` if it is ready, else the next ready replica in order of id; null when there is none. */
  nearest(wanted: ReplicaId): ReplicaId | null {
    for (let step = 0; step < this.#links.length; step += 1) {
      const link = this.#links[(wanted + step) % this.#links.length] as Link;
      if (link.phase === 'ready') return link.replica;
    }
    return null;
  }

  /** Begins; called once, since a link that is up would be forgotten open. */
  dialAll(out: ClientEffect[]): void {
    for (const link of this.#links) this.#dial(link, out);
  }

  /** The pause after a failure is over. Does nothing for a link that does not pause: its timer may come late. */
  dialDue(replica: ReplicaId, out: ClientEffect[]): void {
    const link = this.#links[replica];
    if (link?.phase === 'backoff') this.#dial(link, out);
  }

  /** Sends a request on a ready link; on any other nothing leaves, and nobody is told. */
  send(replica: ReplicaId, request: ClientRequest, out: ClientEffect[]): void {
    const link = this.#links[replica];
    if (link?.phase === 'ready') this.#say(link, request, out);
  }

  /**
   * Every replica is to send the replies of these sessions here too. A connection to which no more can be attached is given
   * up ({@link takeLost}), and the next one has those only that are in use.
   */
  attach(clients: readonly ClientId[], out: ClientEffect[]): void {
    for (const link of this.#links) {
      if (link.phase !== 'ready') continue;
      if (link.attached + clients.length <= this.#options.attachedClientsMax) this.#attach(link, clients, out);
      else this.#lost.push(this.#giveUp(link, 'sessionsEnded', out));
    }
  }

  /** The links that {@link attach} has given up since the last look. */
  takeLost(): readonly LinkEvent[] {
    return this.#lost.splice(0);
  }

  /** Takes what the sockets say; returns what it means to the rest of the client. */
  socketChanged(message: SocketMessage, out: ClientEffect[]): LinkEvent | null {
    switch (message.type) {
      case 'connectionOpened':
        return this.#opened(message, out);
      case 'dialFailed': {
        const link = this.#links[message.peer];
        if (link?.phase !== 'dialing') return null;
        const problem = dialProblem(message.reason);
        link.problem = problem === null ? null : this.#sentence(link, `${problem.detail}; ${problem.mend}`);
        link.untrusted = problem !== null && problem.kind !== 'hostUnknown';
        return this.#failed(link, out);
      }
      case 'connectionClosed': {
        const link = this.#byConnection.get(message.connection);
        return link === undefined ? null : this.#failed(link, out);
      }
      case 'transmitted': {
        const link = this.#byConnection.get(message.connection);
        if (link !== undefined) link.unsentBytes -= message.bytes;
        return null;
      }
      case 'frameReceived':
        return this.#frameReceived(message.connection, message.frame, out);
      case 'listening':
      case 'listenFailed':
        return null;
    }
  }

  /** A replica that has not greeted in time is dialled again later. */
  greetingExpired(replica: ReplicaId, out: ClientEffect[]): LinkEvent | null {
    const link = this.#links[replica];
    if (link === undefined || (link.phase !== 'dialing' && link.phase !== 'greeting')) return null;
    return this.#giveUp(link, 'noGreeting', out);
  }

  /** Ends every link and its timers for good. The commands are not told: they are given up with the client. */
  closeAll(out: ClientEffect[]): void {
    for (const link of this.#links) {
      out.push({ type: 'cancelTimer', timer: dialTimer(link.replica) });
      out.push({ type: 'cancelTimer', timer: greetingTimer(link.replica) });
      if (link.connection !== null) {
        out.push({ type: 'closeConnection', connection: link.connection, reason: 'clientStops' });
      }
      this.#detach(link);
      link.phase = 'idle';
    }
  }

  #dial(link: Link, out: ClientEffect[]): void {
    link.phase = 'dialing';
    out.push({ type: 'dial', peer: link.replica });
    const message = { type: 'greetingExpired', replica: link.replica } as const;
    out.push({ type: 'startTimer', timer: greetingTimer(link.replica), delayMs: this.#options.greetingMs, message });
  }

  #opened(opened: Extract<SocketMessage, { type: 'connectionOpened' }>, out: ClientEffect[]): LinkEvent | null {
    const link = this.#dialed(opened);
    if (link === undefined) {
      out.push({ type: 'closeConnection', connection: opened.connection, reason: 'notWanted' });
      return null;
    }
    link.phase = 'greeting';
    link.connection = opened.connection;
    link.speech = new Speech(this.#options.cluster, link.replica);
    link.unsentBytes = 0;
    this.#byConnection.set(opened.connection, link);
    this.#transmit(link, link.speech.hello(), out);
    return null;
  }

  /** The link that waits for this connection. */
  #dialed({ peer, address }: Extract<SocketMessage, { type: 'connectionOpened' }>): Link | undefined {
    return this.#links.find((link) => {
      if (link.phase !== 'dialing') return false;
      return peer === null ? this.#options.addresses[link.replica] === address : link.replica === peer;
    });
  }

  #frameReceived(connection: ConnectionId, frame: Uint8Array, out: ClientEffect[]): LinkEvent | null {
    const link = this.#byConnection.get(connection);
    if (link === undefined || link.speech === null) return null;
    const heard = link.speech.hear(frame);
    switch (heard.type) {
      case 'greeted':
        link.phase = 'ready';
        link.failures = 0;
        link.problem = null;
        link.untrusted = false;
        out.push({ type: 'cancelTimer', timer: greetingTimer(link.replica) });
        link.attached = 0;
        this.#attach(link, this.#sessions.clients, out);
        return { type: 'linkReady', replica: link.replica };
      case 'answer':
        return { type: 'answerArrived', replica: link.replica, answer: heard.answer };
      case 'nothing':
        return null;
      case 'unreadable':
        if (link.phase === 'greeting') {
          link.problem = this.#sentence(link, `does not greet as it must: ${heard.reason}`);
          link.untrusted = true;
        }
        return this.#giveUp(link, heard.reason, out);
    }
  }

  #sentence({ replica }: Link, what: string): string {
    return `replica ${replica} at ${this.#options.addresses[replica]} ${what}`;
  }

  #giveUp(link: Link, reason: string, out: ClientEffect[]): LinkEvent {
    if (link.connection !== null) out.push({ type: 'closeConnection', connection: link.connection, reason });
    return this.#failed(link, out);
  }

  #failed(link: Link, out: ClientEffect[]): LinkEvent {
    this.#detach(link);
    link.phase = 'backoff';
    const delayMs = Math.min(this.#options.backoffMs * 2 ** link.failures, this.#options.backoffMaxMs);
    link.failures += 1;
    out.push({ type: 'cancelTimer', timer: greetingTimer(link.replica) });
    const message = { type: 'dialDue', replica: link.replica } as const;
    out.push({ type: 'startTimer', timer: dialTimer(link.replica), delayMs, message });
    return { type: 'linkLost', replica: link.replica };
  }

  #detach(link: Link): void {
    if (link.connection !== null) this.#byConnection.delete(link.connection);
    link.connection = null;
    link.speech = null;
    link.unsentBytes = 0;
  }

  #attach(link: Link, clients: readonly ClientId[], out: ClientEffect[]): void {
    link.attached += clients.length;
    this.#say(link, { type: 'attach', clients }, out);
  }

  #say(link: Link, request: ClientRequest, out: ClientEffect[]): void {
    for (const frame of link.speech?.say(request) ?? []) this.#transmit(link, frame, out);
  }

  #transmit(link: Link, frame: Uint8Array, out: ClientEffect[]): void {
    if (link.connection === null) return;
    link.unsentBytes += frame.length;
    out.push({ type: 'transmit', connection: link.connection, frame });
  }
}
