/**
 * S12, of correct replicas: none is accused, in the log or by a proof, and none is kept out. What must not be said of one is
 * listed here and not taken from the code that says it: a reason that it forgets, or adds, would be forgotten by its judge too.
 */
import type { Accuse } from '../violation.js';

/** What consensus refuses that nobody sends without lying. */
const LIES = [
  'notItsSender',
  'notTheLeader',
  'badSignature',
  'badCertificate',
  'badTimeout',
  'badHeader',
  'bodyTooLarge',
  'equivocation',
];
/** What it refuses of anybody in the normal disorder of a network: to be counted, and nobody's fault. */
const DISORDER = [
  'stale',
  'tooFarAhead',
  'leaderUnsettled',
  'notForUs',
  'excluded',
  'viewNotEntered',
  'poolFull',
  'tooMany',
  'duplicate',
  'treeFull',
  'executionBehind',
];

/** For none of these a correct replica may stand in a log. What the network refuses may be an accident: a greeting that came late. */
const UNDESERVED: ReadonlySet<string> = new Set([...LIES, ...DISORDER]);

interface AccusationOptions {
  readonly isHonest: (replica: number) => boolean;
  readonly accuse: Accuse;
}

/** Judges what correct replicas say of each other. */
export class AccusationChecker {
  readonly #options: AccusationOptions;

  constructor(options: AccusationOptions) {
    this.#options = options;
  }

  /** A correct replica has warned of what a peer sent; `facts` are those of its log. */
  refused(by: number, { peer, reason }: { readonly peer?: unknown; readonly reason?: unknown }): void {
    const { isHonest, accuse } = this.#options;
    if (typeof peer !== 'number' || typeof reason !== 'string' || !isHonest(peer)) return;
    if (UNDESERVED.has(reason)) accuse('S12', `replica ${by} accuses the honest replica ${peer}: ${reason}`);
  }

  /** A correct replica says that two messages contradict each other. */
  proved(by: number, culprit: number, kind: string): void {
    const { isHonest, accuse } = this.#options;
    if (isHonest(culprit)) accuse('S12', `replica ${by} holds a proof against honest ${culprit}: ${kind}`);
  }

  /** Whose connections a correct replica refuses for what they have sent. */
  keptOut(by: number, peers: readonly number[]): void {
    const { isHonest, accuse } = this.#options;
    for (const peer of peers) if (isHonest(peer)) accuse('S12', `replica ${by} keeps the honest replica ${peer} out`);
  }
}
