import type { Logger } from '../../src/logger.js';
import type { ReplicaId, View } from '../../src/protocol/numbers.js';

/** Why consensus did not act on a peer's message. Literal, counted, never an exception. */
export type Refusal =
  | 'stale'
  | 'tooFarAhead'
  | 'notItsSender'
  | 'notTheLeader'
  | 'leaderUnsettled'
  | 'notForUs'
  | 'excluded'
  | 'badSignature'
  | 'badCertificate'
  | 'badTimeout'
  | 'badHeader'
  | 'bodyTooLarge'
  | 'viewNotEntered'
  | 'equivocation'
  | 'poolFull'
  | 'tooMany'
  | 'duplicate'
  | 'treeFull'
  | 'executionBehind';

/** What no correct replica sends; the rest is the normal disorder of a network, which nobody needs to read of. */
export const MISBEHAVIOUR: ReadonlySet<Refusal> = new Set([
  'notItsSender',
  'notTheLeader',
  'badSignature',
  'badCertificate',
  'badTimeout',
  'badHeader',
  'bodyTooLarge',
  'equivocation',
]);

/** Counts refusals by peer and reason, logs misbehaviour once of each, and keeps whose signatures are not looked at again in a view. */
export class PeerRefusals {
  readonly #counts = new Map<ReplicaId, Map<Refusal, number>>();
  /** Each peer is excluded up to and including one view: a bad signature is paid for once a view, not once a message. */
  readonly #excludedThrough = new Map<ReplicaId, View>();
  /** Whose proposals were refused for their proposer without anybody's fault, and in what state of things. */
  readonly #setAside = new Map<ReplicaId, string>();

  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  count(peer: ReplicaId, refusal: Refusal): void {
    const counts = this.#counts.get(peer) ?? new Map<Refusal, number>();
    const before = counts.get(refusal) ?? 0;
    this.#counts.set(peer, counts.set(refusal, before + 1));
    if (before === 0 && MISBEHAVIOUR.has(refusal)) this.#log.warn('peerRefused', { peer, reason: refusal });
  }

  /** Returns how often each reason was counted, of all peers together. */
  totals(): Readonly<Partial<Record<Refusal, number>>> {
    const totals: Partial<Record<Refusal, number>> = {};
    for (const counts of this.#counts.values()) {
      for (const [refusal, count] of counts) totals[refusal] = (totals[refusal] ?? 0) + count;
    }
    return totals;
  }

  exclude(peer: ReplicaId, view: View): void {
    this.#excludedThrough.set(peer, view);
  }

  /** Leaves a peer's further proposals alone while things stand as `state` says, which anything of the caller's may name. */
  setAside(peer: ReplicaId, state: string): void {
    this.#setAside.set(peer, state);
  }

  isSetAside(peer: ReplicaId, state: string): boolean {
    return this.#setAside.get(peer) === state;
  }

  excluded(peer: ReplicaId, view: View): boolean {
    const through = this.#excludedThrough.get(peer);
    return through !== undefined && view <= through;
  }
}
