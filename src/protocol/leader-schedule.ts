/** Who leads which tenure. */
import { asReplicaId, asTenure, type ReplicaId, type Tenure } from './numbers.js';

/** How much of the committed past a schedule looks at. */
export interface ScheduleMemory {
  /** Committed blocks before a tenure. */
  readonly blocks: number;
  /** How many tenures before the one that is asked for those blocks end. */
  readonly tenures: number;
}

/** What a schedule may know of the past: final blocks only, so that all who have committed as much agree. */
export interface CommittedHistory {
  /**
   * Who proposed or signed in the last `memory.blocks` committed blocks below the first view of `tenure`, in ascending
   * order; nobody where there are none. Null while no block at or above that view is committed, and for tenures more than
   * `memory.tenures` below that of the last committed block.
   */
  activeBefore(tenure: Tenure): readonly ReplicaId[] | null;
}

/**
 * Names the leader of each tenure; pure, and the same on every replica with the same history. Asked for tenures from that
 * of the last committed block on.
 */
export interface LeaderSchedule {
  /** What the history must remember for this schedule. */
  readonly memory: ScheduleMemory;
  /** The leader of `tenure`, as far as `history` decides it. */
  leaderOf(tenure: Tenure, history: CommittedHistory): ReplicaId;
  /** Whether a correct replica that has committed more or less than `history` may take `replica` for the leader. */
  mayLead(replica: ReplicaId, tenure: Tenure, history: CommittedHistory): boolean;
}

/** Views that lie between what decides a tenure's leader and the tenure, at least. */
const HORIZON_VIEWS = 40;

/** Committed blocks, for each replica of the cluster, in which a leader must have taken part. */
const WINDOW_BLOCKS_PER_REPLICA = 10;

/**
 * Leads by turns: tenure k is led by replica k mod n, whatever was committed.
 * Source: HotStuff, arXiv:1803.05069, section 4 (a deterministic mapping from views to leaders).
 */
export function roundRobin(replicas: number): LeaderSchedule {
  return fixedSchedule((tenure) => asReplicaId(tenure % replicas));
}

/** Returns the schedule in which `leaderOf` names the leader of each tenure, whatever was committed. */
export function fixedSchedule(leaderOf: (tenure: Tenure) => ReplicaId): LeaderSchedule {
  return {
    memory: { blocks: 0, tenures: 0 },
    leaderOf,
    mayLead: (replica, tenure) => replica === leaderOf(tenure),
  };
}

/**
 * Leads by turns among those that took part lately, so that a dead replica costs no timer at its turn. The horizon of
 * tenure k is the first view of tenure k − 1 − ⌈40/T⌉. Once a block at or above it is committed, the committed blocks below
 * are final and the same everywhere: tenure k is led by C[k mod |C|], where C are the replicas, by id, that proposed or
 * signed in the last 10·n of them. Until then, and where there are none, by k mod n. So a leader can change from undecided
 * to decided only, and only by a commit: each disagreement is paid for by progress, and without progress all agree, and all
 * have their turn 1 + ⌈40/T⌉ tenures above the last commit: there may be none before whoever is locked above the others leads.
 * Source: Carousel, arXiv:2110.00960, for the idea; departure: a horizon, and a fallback, where Carousel takes the
 * newest commits, which replicas may not share.
 */
export function reputation({ replicas, tenureLength }: ReputationOptions): LeaderSchedule {
  const back = 1 + Math.ceil(HORIZON_VIEWS / tenureLength);
  const turn = (tenure: Tenure): ReplicaId => asReplicaId(tenure % replicas);
  const activeFor = (tenure: Tenure, history: CommittedHistory) => history.activeBefore(asTenure(tenure - back));
  const leaderOf = (tenure: Tenure, history: CommittedHistory): ReplicaId => {
    const active = activeFor(tenure, history);
    if (active === null || active.length === 0) return turn(tenure);
    return active[tenure % active.length] as ReplicaId;
  };
  return {
    memory: { blocks: WINDOW_BLOCKS_PER_REPLICA * replicas, tenures: back },
    leaderOf,
    mayLead: (replica, tenure, history) =>
      replica === turn(tenure) || replica === leaderOf(tenure, history) || activeFor(tenure, history) === null,
  };
}

/** Of which cluster {@link reputation} names the leaders. */
export interface ReputationOptions {
  /** n. */
  readonly replicas: number;
  /** T, the views in a tenure. */
  readonly tenureLength: number;
}

/** The schedules that a cluster can be made with, by name. */
export const leaderSchedules = ['round-robin', 'reputation'] as const;

/** The name of a schedule. */
export type LeaderScheduleName = (typeof leaderSchedules)[number];

/** Returns the schedule with the given name. */
export function leaderSchedule(name: LeaderScheduleName, options: ReputationOptions): LeaderSchedule {
  return name === 'reputation' ? reputation(options) : roundRobin(options.replicas);
}
