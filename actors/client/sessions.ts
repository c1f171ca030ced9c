/** The exactly-once sessions of one client: those that take commands, and those that only wait for the rest of their answers. */
import { invariant } from '../../src/errors.js';
import type { ClientId } from '../../src/protocol/numbers.js';
import { type InFlight, Session } from './session.js';

interface SessionsOptions {
  /** Ids of the first ones; as many take commands at a time. */
  readonly clients: readonly ClientId[];
  /** An id that nobody can have guessed, for one that takes the place of another. */
  readonly newClient: () => ClientId;
  /** Sequences that replicas remember of one. */
  readonly window: number;
  /** Sessions that a client may have at a time, those that wait for answers among them: replicas attach no more to it. */
  readonly most: number;
}

/** Gives commands room in sessions, and puts a fresh one in the place of each that replicas take no commands of any more. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #byClient = new Map<string, Session>();
  /** Those that take commands. */
  readonly #open: Session[] = [];
  #current: Session | null;

  constructor(options: SessionsOptions) {
    invariant(options.clients.length > 0, 'a client has at least one session');
    this.#options = options;
    for (const client of options.clients) this.#begin(client);
    this.#current = this.#open[0] ?? null;
  }

  /** Their ids, oldest first. */
  get clients(): readonly ClientId[] {
    return Array.from(this.#byClient.values(), ({ client }) => client);
  }

  find(client: ClientId): Session | undefined {
    return this.#byClient.get(client);
  }

  /** All that have commands in flight, oldest first: commands may be released meanwhile. */
  waiting(): readonly Session[] {
    return [...this.#byClient.values()].filter(({ unanswered }) => unanswered > 0);
  }

  /** Stays with one session while it takes `wanted` commands, so that a gathering is one frame and its replies too. */
  withRoom(wanted: number): Session | null {
    if (this.#current === null || this.#current.room < wanted) {
      for (const session of this.#open) if (session.room > (this.#current?.room ?? 0)) this.#current = session;
    }
    return this.#current !== null && this.#current.room > 0 ? this.#current : null;
  }

  release(session: Session, command: InFlight): void {
    session.release(command);
    if (session.unanswered === 0 && !this.#open.includes(session)) this.#byClient.delete(session.client);
  }

  /**
   * Replicas have forgotten what a session has in flight: it takes no more commands. What it has in flight stays, since
   * it may have run, and must not run under another id.
   */
  end(session: Session): void {
    const index = this.#open.indexOf(session);
    if (index < 0) return;
    this.#open.splice(index, 1);
    if (this.#current === session) this.#current = null;
    if (session.unanswered === 0) this.#byClient.delete(session.client);
  }

  /** Begins sessions in the place of those that have ended, as many as there may be; returns their ids. */
  replaceEnded(): readonly ClientId[] {
    const { clients, most, newClient } = this.#options;
    const fresh: ClientId[] = [];
    while (this.#open.length < clients.length && this.#byClient.size < Math.max(most, clients.length)) {
      const client = newClient();
      this.#begin(client);
      fresh.push(client);
    }
    return fresh;
  }

  #begin(client: ClientId): void {
    const session = new Session(client, this.#options.window);
    this.#open.push(session);
    this.#byClient.set(client, session);
  }
}
