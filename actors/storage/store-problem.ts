/** Why a store is refused: a stable code, what was found, and what to do. */
export interface StoreProblem {
  readonly code: StoreProblemCode;
  readonly detail: string;
}

type StoreProblemCode =
  | 'STORE_DAMAGED'
  | 'STORE_SCHEMA_UNKNOWN'
  | 'STORE_OF_ANOTHER_CLUSTER'
  | 'STORE_OF_ANOTHER_REPLICA'
  | 'STORE_OF_ANOTHER_MACHINE'
  | 'STORE_LOST_WRITES'
  | 'SAFETY_RECORD_LOST'
  | 'HIGH_QC_BLOCK_LOST';

const ADVICE =
  'Put the data directory back as it was when the replica last ran, or give the replica up as one that lost its disk; ' +
  'never start it on an older copy or on a new store, since it would vote a second time.';

/** The answer that a store must not be used, and why. */
export type Refusal = { readonly ok: false; readonly problem: StoreProblem };

/** A refusal for which there is no other cure than the one said here; `found` is a sentence without its stop. */
export function refuse(code: StoreProblemCode, found: string): Refusal {
  return { ok: false, problem: { code, detail: `${found}. ${ADVICE}` } };
}
