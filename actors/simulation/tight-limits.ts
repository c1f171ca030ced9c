/**
 * Limits far tighter than a replica's own, by the names that a case gives them: what a full cache, a long queue or a large
 * block brings about once in a month happens in every view then. In place of points in the actors' code at which chance
 * decides (FoundationDB's BUGGIFY): everything that could be decided there is a row of the table of limits, and the code
 * stays as it is.
 */
import type { Limits } from '../../src/config/limits.js';
import { ConfigurationError } from '../../src/errors.js';
import type { SimulationCase } from '../../src/simulation/case.js';
import type { BatchOptions } from '../proposal-generator/options.js';

interface Tightness {
  readonly limits?: Partial<Limits>;
  readonly batch?: Partial<BatchOptions>;
  /** What each call of a machine takes at most, in base timeouts. */
  readonly machineTimeouts?: number;
}

/** Those that any of its runs may have. */
const firstLimits = {
  /** Commands queue up, and blocks follow each other at once. */
  oneCommandBlocks: { batch: { commands: 1 } },
  /** Every certificate and vote is verified each time that it comes. */
  noCaches: { limits: { certificateCache: 1, verifiedVoteBlocks: 1 } },
  /** All signatures and bodies go to the pool, and come back in another order. */
  poolForAll: { limits: { offloadSignatures: 1, offloadBodyBytes: 1 } },
  /** A message waits until the one before it has left. */
  shortWrites: { limits: { sendWindowBytes: 1 } },
  /** What nobody waits for rests before it is written for ten times as long. */
  lateWrites: { limits: { storageGatherMs: 5000 } },
  /** It hardly rests. */
  promptWrites: { limits: { storageGatherMs: 1 } },
  /** The store is read block by block, and given away block by block. */
  smallReads: {
    limits: { storagePortion: { blocks: 1, bytes: 1 }, fetchBlocks: 2, fetchBatchBlocks: 1, fetchBatchesAhead: 1 },
  },
  /** A proposal whose parent is not here soon makes room for another. */
  fewPending: { limits: { pendingProposals: 2 } },
} as const satisfies Readonly<Record<string, Tightness>>;

/** Those that came later: a run has one of them at most. */
const laterLimits = {
  /** What leaders that failed have left behind has to make room: there is none but for the branches that must be kept. */
  smallTree: { limits: { treeTips: 1 } },
  /** Clients are told that the pool is full, and come again. */
  smallPool: { limits: { poolCommands: 3, peerPoolCommands: 2 } },
  /** What became of a command is forgotten when its client has sent 32 more. */
  shortSessions: { limits: { sessionWindow: 32 } },
  /** Machines take their time, and consensus waits for them. */
  slowMachine: { limits: { executionBacklogBlocks: 2 }, machineTimeouts: 0.04 },
} as const satisfies Readonly<Record<string, Tightness>>;

/** Those that a run has only where it is asked for by name: no commands but those of the simulator's own machines fit. */
const askedLimits = {
  /** One command fills a body, and a body or two the bytes of a branch: leaders have none to propose until they commit. */
  lightBranches: {
    limits: { treeBodyBytes: 208, bodyBytes: 52, forwardBytes: 52, commandBytes: 20 },
    batch: { bytes: 52 },
  },
} as const satisfies Readonly<Record<string, Tightness>>;

/** The tight limits by name, each with what it brings about; a case may have several. */
export const tightLimits = { ...firstLimits, ...laterLimits, ...askedLimits };

/** The names of the limits of which each may be tight in a run. */
export const firstLimitNames: readonly string[] = Object.keys(firstLimits);
/** The names of those of which one may be. */
export const laterLimitNames: readonly string[] = Object.keys(laterLimits);

/** The name of a limit that is tight. */
export type TightLimitName = keyof typeof tightLimits;

/**
 * What the limits of those names are together.
 * @throws ConfigurationError for a name that there is not.
 */
export function tightened(names: readonly string[]): Required<Tightness> {
  let [limits, batch]: [Partial<Limits>, Partial<BatchOptions>] = [{}, {}];
  let machineTimeouts = 0;
  for (const name of names) {
    if (!Object.hasOwn(tightLimits, name)) {
      const known = Object.keys(tightLimits).join(', ');
      throw new ConfigurationError('SIMULATION_LIMIT', `no limit is tight by the name ${name}; there are ${known}`);
    }
    const tight: Tightness = tightLimits[name as TightLimitName];
    limits = { ...limits, ...tight.limits };
    batch = { ...batch, ...tight.batch };
    machineTimeouts = Math.max(machineTimeouts, tight.machineTimeouts ?? 0);
  }
  return { limits, batch, machineTimeouts };
}

/** What each call of a machine takes in a run, least and most, milliseconds; null for nothing. */
export function machineMsOf({
  speculation,
  tight = [],
  baseTimeoutMs,
}: Pick<SimulationCase, 'speculation' | 'tight' | 'baseTimeoutMs'>): readonly [number, number] | null {
  const { machineTimeouts } = tightened(tight);
  if (speculation !== undefined) return speculation.machineMs;
  return machineTimeouts === 0 ? null : [0, machineTimeouts * baseTimeoutMs];
}

/** Commands that may stand before one, with a block each; 0 where one block holds them all, and the pool whatever comes. */
export function commandsAhead({
  tight = [],
  clients,
  outstanding,
  commands,
}: Pick<SimulationCase, 'tight' | 'clients' | 'outstanding' | 'commands'>): number {
  // Who is turned away comes again later, and any other may have come before.
  if (tight.includes('smallPool')) return clients * commands;
  return tight.includes('oneCommandBlocks') ? clients * outstanding : 0;
}
