import { checkValue } from '../src/config/check-options.js';
import { callback, oneOf } from '../src/config/option-kinds.js';
import type { Height, ReplicaId, View } from '../src/protocol/numbers.js';
import type { Block } from '../src/protocol/types.js';
import type { ProposalBuffer } from './proposal-generator/messages.js';

/**
 * What a replica tells its application. A listener that throws, or returns a promise that rejects, is the application's
 * bug: it is logged once, the other listeners are called all the same, and the replica, where it runs, stops with the
 * error `APPLICATION_THREW`. Nobody waits for such a promise: a listener that takes time is called again meanwhile.
 */
export interface ReplicaEvents {
  /** Once a block, in order of height; empty blocks included. */
  committed: { readonly height: Height; readonly block: Block };
  view: { readonly view: View; readonly leader: ReplicaId };
  /** Of a speculative machine: proposals were built, put into blocks or thrown away. */
  proposalBuffer: ProposalBuffer;
  /** recovering, syncing, active, draining, stopped or failed. */
  phase: string;
  /** It has stopped for this reason, ports and store are closed, and it must be started anew. */
  failed: Error;
  /** It has stopped in order, and ports and store are closed. */
  stopped: undefined;
}

const EVENTS: { readonly [Name in keyof ReplicaEvents]: true } = {
  committed: true,
  view: true,
  proposalBuffer: true,
  phase: true,
  failed: true,
  stopped: true,
};
const EVENT = oneOf(...Object.keys(EVENTS));

/** What is called at an event of that name. */
export type ReplicaListener<Name extends keyof ReplicaEvents> = (event: ReplicaEvents[Name]) => unknown;

/** The application's listeners, by event. What one of them throws reaches neither the others nor whoever tells them. */
export class ReplicaListeners {
  readonly #onThrown: (event: keyof ReplicaEvents, error: unknown) => void;
  readonly #listeners = new Map<keyof ReplicaEvents, Set<ReplicaListener<never>>>();
  /** Those that have thrown, by event: a promise of theirs may reject for each one that they were told meanwhile. */
  readonly #broken = new Map<keyof ReplicaEvents, Set<ReplicaListener<never>>>();

  /** `onThrown` hears of each listener once for each event. */
  constructor(onThrown: (event: keyof ReplicaEvents, error: unknown) => void) {
    this.#onThrown = onThrown;
  }

  /**
   * Calls `listener` at every event of that name; the returned function ends it.
   * @throws ConfigurationError for an event that there is not, and for a listener that is no function.
   */
  add<Name extends keyof ReplicaEvents>(name: Name, listener: ReplicaListener<Name>): () => void {
    checkValue('the event', name, EVENT);
    checkValue(`the listener of '${name}'`, listener, callback);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as ReplicaListener<never>));
    return () => {
      listeners.delete(listener as ReplicaListener<never>);
    };
  }

  tell<Name extends keyof ReplicaEvents>(name: Name, event: ReplicaEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      const threw = (error: unknown) => this.#threw(name, listener, error);
      try {
        const answer = (listener as ReplicaListener<Name>)(event);
        if (isThenable(answer)) Promise.resolve(answer).catch(threw);
      } catch (error) {
        threw(error);
      }
    }
  }

  #threw(event: keyof ReplicaEvents, listener: ReplicaListener<never>, error: unknown): void {
    const broken = this.#broken.get(event) ?? new Set();
    if (broken.has(listener)) return;
    this.#broken.set(event, broken.add(listener));
    this.#onThrown(event, error);
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
