/**
 * The order of an orderly stop: nothing new comes in, nothing new is proposed, what is committed is executed, the exact
 * bound and a leader's resignation are written and sent, and only then do the disk and the wire close. In the same order
 * the parts' ports are closed.
 */
export const STOP_ORDER = [
  'gateway',
  'pacemaker',
  'proposalGenerator',
  'sync',
  'consensus',
  'storage',
  'network',
] as const;

/** The actors that are stopped one after the other. */
export type ReplicaPart = (typeof STOP_ORDER)[number];
