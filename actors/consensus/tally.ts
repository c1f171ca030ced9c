import type { SignedMessage } from './safety-module.js';

/** How a view was entered; `start` is a replica's first view after it started. */
export type ViewEntry = 'qc' | 'tc' | 'start';

/** What consensus did since the replica started. Numbers only grow. */
export interface ConsensusTally {
  /** Views entered, by how; one passed through within a single message is not counted. `tc`: a tenure was given up. */
  readonly viewsEntered: Record<ViewEntry, number>;
  /** Signed messages that left, once they could; a Timeout that is signed again counts again. */
  readonly signed: Record<SignedMessage['kind'], number>;
  /** Blocks committed: with commands, and empty. */
  readonly committed: Record<'filled' | 'empty', number>;
}

/** The tally of a replica that has done nothing yet. */
export function newTally(): ConsensusTally {
  return {
    viewsEntered: { qc: 0, tc: 0, start: 0 },
    signed: { proposal: 0, vote: 0, timeout: 0 },
    committed: { filled: 0, empty: 0 },
  };
}
