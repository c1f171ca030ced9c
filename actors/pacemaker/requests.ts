/** What an application may ask of a manual pacemaker, and what it is answered: each request once, by its number. */
import type { ErrorFacts } from '../../src/errors.js';
import type { BlockHash, Height, View } from '../../src/protocol/numbers.js';

/** A block that this replica has made. */
export interface ProposedBlock {
  readonly hash: BlockHash;
  readonly view: View;
  readonly height: Height;
}

/**
 * What became of a block. `certified`: this replica holds a quorum certificate for it. `superseded`: it went on to a later
 * view without one, on another branch.
 */
export type QcOutcome = 'certified' | 'superseded';

/** A request; `request` is its number, which no other open one has. */
export type PacemakerRequest =
  | { readonly type: 'proposalRequested'; readonly request: number; readonly body: 'empty' | 'next' }
  | { readonly type: 'qcAwaited'; readonly request: number; readonly block: BlockHash }
  | { readonly type: 'viewChangeRequested'; readonly request: number };

/** Why a request was refused: a stable code. */
export type RequestRefusal =
  /** Another replica leads: `leader`, `view`. */
  | 'NOT_LEADING'
  /** The one proposal of this view was asked for: `view`, and `block` once it is made (null before). */
  | 'PROPOSAL_PENDING'
  /** This replica leads, but has signed a Timeout for its tenure: `view`. */
  | 'TENURE_GIVEN_UP'
  /** The view was left before a block was made: `view`, the later one. */
  | 'VIEW_LEFT'
  /** Neither held, nor among the last proposals of this life: `block`. */
  | 'UNKNOWN_BLOCK'
  /** No view was entered yet. */
  | 'NOT_READY'
  /** It proposes by itself; see `createReplica({ pacemaker })`. */
  | 'PACEMAKER_AUTOMATIC'
  /** The replica is stopping. */
  | 'REPLICA_STOPPED';

/** A request of the application that cannot be done, and why. */
export interface RefusedRequest {
  readonly kind: 'refused';
  readonly code: RequestRefusal;
  readonly detail: string;
  readonly facts: ErrorFacts;
}

/** What became of a request of the application. */
export type RequestAnswer =
  | { readonly kind: 'proposed'; readonly block: ProposedBlock }
  | { readonly kind: 'qc'; readonly outcome: QcOutcome }
  | { readonly kind: 'viewChangeRequested' }
  | RefusedRequest;
