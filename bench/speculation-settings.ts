import type { Placement } from '../actors/placement.js';

/** What a run with a speculative machine is made of. */
export interface SpeculationSettings {
  readonly replicas: number;
  /** Milliseconds one way that a proxy adds between two replicas. */
  readonly delayMs: number;
  /** One that burns a given CPU time for each block, or that of `examples/exchange`. */
  readonly machine: 'burning' | 'exchange';
  /** CPU milliseconds of one `propose()` of `burning`. */
  readonly proposeMs: number;
  /** Rounds of the search for prices in one `propose()` of `exchange`. */
  readonly rounds: number;
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

/** What is run where the command line says nothing else. */
export const speculationDefaults: SpeculationSettings = {
  replicas: 4,
  delayMs: 10,
  machine: 'burning',
  proposeMs: 20,
  // Some 20 ms too, with the benchmark's 4000 offers, on the server cores that the figures in README come from.
  rounds: 220,
  buffer: 3,
  tenure: 1000,
  rule: 'three-chain',
  transport: 'tls',
  durability: 'durable',
  placement: null,
  duration: 10,
  warmup: 3,
};
