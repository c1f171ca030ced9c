/**
 * Gathers Timeouts into timeout certificates. A Timeout of tenure j counts for every tenure up to j: who left j will
 * sign for nothing below either. (Counting equal tenures only leaves replicas stuck in different ones for ever.)
 * Bounded by author: one Timeout of each replica, its strongest.
 */
import { invariant } from '../errors.js';
import { highestQc } from './certificates.js';
import { asTenure, type ReplicaId, type Tenure } from './numbers.js';
import { quorumSize } from './quorum.js';
import type { Timeout, TimeoutCertificate, TimeoutStatement } from './types.js';

/** For how large a cluster Timeouts are gathered. */
export interface TimeoutCollectorOptions {
  /** n, the number of replicas. */
  readonly replicas: number;
}

/** `stale`: below the tenure last given to `advance`, or weaker than what is held of this signer · `duplicate`: as strong. */
export type TimeoutScreening = 'new' | 'stale' | 'duplicate' | 'notAMember';

/** The strongest Timeout of each replica, and the certificates that they make. */
export class TimeoutCollector {
  /** By signer. */
  readonly #timeouts: (Timeout | undefined)[];
  readonly #replicas: number;
  #lowest = asTenure(0);

  constructor({ replicas }: TimeoutCollectorOptions) {
    this.#replicas = replicas;
    this.#timeouts = new Array<Timeout | undefined>(replicas);
  }

  /** Says, before anybody verifies it, whether a Timeout is worth verifying. Changes nothing. */
  screen(timeout: Timeout): TimeoutScreening {
    const { signer, tenure, highQcView } = timeout;
    if (!Number.isInteger(signer) || signer < 0 || signer >= this.#replicas) return 'notAMember';
    if (tenure < this.#lowest) return 'stale';
    const held = this.#timeouts[signer];
    if (held === undefined || tenure > held.tenure) return 'new';
    if (tenure < held.tenure || highQcView < held.highQcView) return 'stale';
    return highQcView === held.highQcView ? 'duplicate' : 'new';
  }

  /** Keeps a verified Timeout that screens as new, in place of a weaker one of the same signer. */
  add(timeout: Timeout): void {
    invariant(this.screen(timeout) === 'new', 'only a Timeout that screens as new is added');
    this.#timeouts[timeout.signer] = timeout;
  }

  /** Returns how many replicas have given up `tenure` or a later one. */
  count(tenure: Tenure): number {
    let count = 0;
    for (const timeout of this.#timeouts) if (timeout !== undefined && timeout.tenure >= tenure) count += 1;
    return count;
  }

  /** Returns the Timeout that is held of `signer`, of the tenure last given to `advance` or a later one, or null. */
  of(signer: ReplicaId): Timeout | null {
    return this.#timeouts[signer] ?? null;
  }

  /**
   * Returns the TC of the highest tenure that a quorum has given up, if that is `atLeast` or later, otherwise null.
   * It holds every Timeout that counts for it and the highest QC that they name.
   * Source: Jolteon, arXiv:2106.10362, section 3 (timeout certificate).
   */
  certificate(atLeast: Tenure): TimeoutCertificate | null {
    const tenure = this.tenureGivenUpBy(quorumSize(this.#replicas));
    if (tenure === null || tenure < atLeast) return null;
    const counted = this.all().filter((timeout) => timeout.tenure >= tenure);
    const highQc = counted.map((timeout) => timeout.highQc).reduce(highestQc);
    return { tenure, timeouts: counted.map(statementOf), highQc };
  }

  /** Forgets every Timeout below `tenure`. It never goes back. */
  advance(tenure: Tenure): void {
    if (tenure <= this.#lowest) return;
    this.#lowest = tenure;
    for (let signer = 0; signer < this.#replicas; signer += 1) {
      if ((this.#timeouts[signer]?.tenure ?? tenure) < tenure) this.#timeouts[signer] = undefined;
    }
  }

  /** Returns every Timeout held, in ascending order of signer. */
  all(): readonly Timeout[] {
    return this.#timeouts.filter((timeout) => timeout !== undefined);
  }

  /** Returns the highest tenure that `count` replicas have given up, each that tenure or a later one; null for none. */
  tenureGivenUpBy(count: number): Tenure | null {
    const tenures = this.all().map((timeout) => timeout.tenure);
    tenures.sort((a, b) => b - a);
    return tenures[count - 1] ?? null;
  }
}

function statementOf({ signer, tenure, highQcView, signature }: Timeout): TimeoutStatement {
  return { signer, tenure, highQcView, signature };
}
