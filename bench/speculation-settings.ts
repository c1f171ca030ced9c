import type { Placement } from '../actors/placement.js';

/** What a run with a speculative machine is made of. */
export interface SpeculationSettings {
  readonly replicas: number;
  /** Milliseconds one way that a proxy adds between two replicas. */
  readonly delayMs: number;
  /** CPU milliseconds of one `propose()`. */
  readonly proposeMs: number;
  /** Proposals that are built ahead, at most; 0: none. */
  readonly buffer: number;
  readonly tenure: number;
  readonly rule: 'three-chain' | 'two-chain';
  readonly transport: 'tls' | 'plain';
  readonly durability: 'durable' | 'volatile';
  /** Where a replica's actors run; null for the default: all on one thread, and the machine on its own. */
  readonly placement: Placement | null;
  /** Seconds measured, and seconds before them. */
  readonly duration: number;
  readonly warmup: number;
}

export const speculationDefaults: SpeculationSettings = {
  replicas: 4,
  delayMs: 10,
  proposeMs: 20,
  buffer: 3,
  tenure: 1000,
  rule: 'three-chain',
  transport: 'tls',
  durability: 'durable',
  placement: null,
  duration: 10,
  warmup: 3,
};
