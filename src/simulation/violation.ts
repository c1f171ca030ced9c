/** The invariants that a run is held to; `docs/simulation.md` says each in a sentence. */
export type Invariant =
  | 'S1'
  | 'S2'
  | 'S3'
  | 'S4'
  | 'S5'
  | 'S6'
  | 'S7'
  | 'S8'
  | 'S9'
  | 'S10'
  | 'S11'
  | 'S12'
  | 'S13'
  | 'L1'
  | 'L2'
  | 'L3'
  | 'L4'
  | 'L5'
  | 'L6'
  | 'L7';

/** What was seen to be wrong. */
export interface Violation {
  readonly invariant: Invariant;
  /** Virtual milliseconds. */
  readonly at: number;
  /** The event at which it was seen. */
  readonly event: number;
  /** A sentence. */
  readonly detail: string;
}

/** Told by whoever sees something wrong; `at` and `event` are added. */
export type Accuse = (invariant: Invariant, detail: string) => void;
