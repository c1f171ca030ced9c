/** How a replica stops whose disk has failed a write: the process ends, and a supervisor starts it again. */
const WRITE_FAILED = 'STORE_WRITE_FAILED';

/** How a replica refuses a store that has been damaged. */
const REFUSALS = new Set(['STORE_DAMAGED', 'STORE_LOST_WRITES', 'SAFETY_RECORD_LOST']);

/** What has happened to a replica's store. */
export interface StoreHistory {
  /** It has lost what it had promised to hold. */
  readonly damaged: boolean;
  /** A write failed in the life that ends. */
  readonly writeFailed: boolean;
}

/** Whether a replica may stop so: for a write that its disk failed, or since it has seen that its store is not what it wrote. */
export function isExpected(code: string, { damaged, writeFailed }: StoreHistory): boolean {
  return (writeFailed && code === WRITE_FAILED) || (damaged && REFUSALS.has(code));
}
