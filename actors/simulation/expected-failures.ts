/** Failures that a fault of the case may lead to: the process ends, and a supervisor starts it again. */
const EXPECTED_FAILURES = new Set(['STORE_WRITE_FAILED', 'STORE_READ_FAILED']);

/** How a replica refuses a store that has been damaged. */
const REFUSALS = new Set(['STORE_DAMAGED', 'STORE_LOST_WRITES', 'SAFETY_RECORD_LOST']);

/** Whether a replica may stop so: for a fault of the case, or since it has seen that its store is not what it wrote. */
export function isExpected(code: string, damaged: boolean): boolean {
  return EXPECTED_FAILURES.has(code) || (damaged && REFUSALS.has(code));
}
