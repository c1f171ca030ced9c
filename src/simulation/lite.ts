import { PERFECT_LINKS, QUICK_DISKS, type SimulationCase } from './case.js';
import type { SwarmOptions } from './swarm.js';

/** A cluster without faults: one closed-loop client, and one-way delays of 30 to 100 ms as in TigerBeetle's simulator. */
export function liteCase(seed: number, options: SwarmOptions = {}): SimulationCase {
  const eventsMax = options.eventsMax ?? 20_000;
  return {
    version: 1,
    seed,
    replicas: options.replicas ?? 4,
    rule: options.rule ?? 'three-chain',
    tenure: options.tenure ?? 1000,
    leaderSchedule: options.leaderSchedule ?? 'round-robin',
    baseTimeoutMs: 1000,
    signatures: options.signatures ?? 'hash',
    links: { ...PERFECT_LINKS, delayMs: [30, 100] },
    disks: QUICK_DISKS,
    clients: 1,
    outstanding: 1,
    commands: eventsMax,
    liars: [],
    faults: [],
    healAt: null,
    dead: [],
    until: Number.MAX_SAFE_INTEGER,
    eventsMax,
  };
}
