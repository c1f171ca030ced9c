/**
 * A case: everything that decides a run, as plain data. What chance decides within it (delays, losses) follows from its
 * seed; what is decided once (faults, their times, who lies) stands in it as a list, so that a case can be made smaller.
 */

import type { LeaderScheduleName } from '../protocol/leader-schedule.js';
import type { CrashLoss, DiskConditions, DiskDamage } from './disk.js';
import type { LinkConditions } from './links.js';
import type { SignatureKind } from './signatures.js';

/** Largest cluster that the simulator is tried with. */
export const SIMULATED_REPLICAS_MAX = 100;
/** So many events a run may be drawn for at most. */
export const EVENTS_MAX = 100_000_000;

/** What happens to the cluster from outside, and when (virtual milliseconds). */
export type Fault = { readonly at: number } & (
  | { readonly type: 'crash'; readonly replica: number; readonly loss: CrashLoss }
  | CrashAtWrite
  /** As `replica` asks for a certified block that is on no disk, from then on, all others crash, and start again after `downMs` but for those of `dead`. */
  | { readonly type: 'crashAtFetch'; readonly replica: number; readonly downMs: number }
  | { readonly type: 'restart'; readonly replica: number }
  | { readonly type: 'pause' | 'resume'; readonly replica: number }
  | { readonly type: 'slow'; readonly replica: number; readonly milliseconds: number }
  | { readonly type: 'clockRate'; readonly replica: number; readonly factor: number }
  | { readonly type: 'clockJump'; readonly replica: number; readonly milliseconds: number }
  /** Nothing passes from any of `from` to any of `to`. */
  | { readonly type: 'cut' | 'join'; readonly from: readonly number[]; readonly to: readonly number[] }
  | { readonly type: 'break'; readonly a: number; readonly b: number }
  /** The one link from `a` to `b`. */
  | { readonly type: 'link'; readonly a: number; readonly b: number; readonly changes: Partial<LinkConditions> }
  /** Nothing passes between a client and any of `replicas`. */
  | { readonly type: 'cutClient' | 'joinClient'; readonly client: number; readonly replicas: readonly number[] }
  /** What its disk holds is remembered, and put back at its `rollback`: it has forgotten what it signed, and counts as a liar. */
  | { readonly type: 'image' | 'rollback'; readonly replica: number }
  | { readonly type: 'links'; readonly changes: Partial<LinkConditions> }
  /** Its disk loses what it had promised to hold, and the replica starts again on what is left: it counts among the f. */
  | { readonly type: 'damage'; readonly replica: number; readonly damage: DiskDamage }
  | { readonly type: 'disk'; readonly replica: number; readonly changes: Partial<DiskConditions> }
);

/** What kind of fault it is: `crash`, `cut`, `damage` and so on. */
export type FaultType = Fault['type'];

/** A crash at a durable step: as the replica asks for its `write`th write from the fault's time on (1: the next). */
export interface CrashAtWrite {
  readonly type: 'crashAtWrite';
  readonly replica: number;
  readonly write: number;
  /** What becomes of that write: it is not on the disk, it is, or a slot is half written. */
  readonly loss: CrashLoss;
  /** What becomes of writes that were asked for before and not told: a database and a slot file keep no common order. */
  readonly earlier: 'kept' | 'lost';
  /** All replicas crash then, each with what it has under way. */
  readonly everyone: boolean;
  /** Who has crashed starts again after so long, milliseconds. */
  readonly downMs: number;
}

/** How machines run ahead. */
export interface Speculation {
  /** As the options of the same names of `createReplica`. */
  readonly proposalBufferTarget: number;
  readonly refillProposalBuffer: 'immediately' | 'whenEmpty';
  /** What each call of a machine takes: least and most, milliseconds. */
  readonly machineMs: readonly [number, number];
}

/** A replica that lies, and how. */
export interface Liar {
  readonly replica: number;
  readonly strategies: readonly string[];
}

/** What one run is made of. */
export interface SimulationCase {
  readonly version: 1;
  readonly seed: number;
  readonly replicas: number;
  readonly rule: 'three-chain' | 'two-chain';
  /** Views in a tenure. */
  readonly tenure: number;
  readonly leaderSchedule: LeaderScheduleName;
  readonly baseTimeoutMs: number;
  readonly signatures: SignatureKind;
  readonly links: LinkConditions;
  readonly disks: DiskConditions;
  /** Each has `outstanding` commands on the way until it has submitted `commands`. */
  readonly clients: number;
  readonly outstanding: number;
  readonly commands: number;
  /** How long each rests before a command that follows an answer: least and most, milliseconds; not at all where it is left out. */
  readonly thinkMs?: readonly [number, number];
  readonly liars: readonly Liar[];
  /** More than f replicas may be dead or lie: nothing is promised then, and agreement may break. */
  readonly beyondFaultBound?: boolean;
  /** How far machines that build their own blocks run ahead; without it they take the commands of clients. */
  readonly speculation?: Speculation;
  /** Names of limits that are tight in every replica. */
  readonly tight?: readonly string[];
  /** In the order of their times. */
  readonly faults: readonly Fault[];
  /** From then on no fault is left but that `dead` stay down and liars lie; null for a run that is not to heal. */
  readonly healAt: number | null;
  readonly dead: readonly number[];
  /** When the run ends at the latest. */
  readonly until: number;
  /** Events after which it ends at the latest. */
  readonly eventsMax: number;
  /** Within them the cluster must have shown progress after the healing (L7): nobody asked for a shorter run. */
  readonly mustFinish?: boolean;
}

/** Links as those of one data centre without faults. */
export const PERFECT_LINKS: LinkConditions = {
  delayMs: [1, 3],
  loss: 0,
  duplicate: 0,
  reorder: 0,
  replay: 0,
  cut: false,
  bytesPerMs: null,
};

/** Disks that take half a millisecond to two for a write or a read, and do not fail. */
export const QUICK_DISKS: DiskConditions = { latencyMs: [0.5, 2], failing: false };
