import type { PoolCounters } from '../../src/pool-counters.js';
import type { ProcessLoad } from '../../src/process-load.js';
import type { Height, ReplicaId, View } from '../../src/protocol/numbers.js';
import type { ActorCounters } from '../../src/runtime/inspection.js';

/** Where one replica stands at one moment, as plain data. */
export interface ReplicaState {
  readonly id: ReplicaId;
  /** See the replica's statechart. */
  readonly phase: string;
  readonly view: View;
  readonly leader: ReplicaId;
  readonly committedHeight: Height;
  /** Why it has failed; null as long as it has not. */
  readonly failure: string | null;
}

/** The same, and what its actors have counted: all that metrics are made of. */
export interface ReplicaSnapshot extends ReplicaState {
  /** By role; null before its actors are there. */
  readonly actors: Readonly<Record<string, ActorCounters>> | null;
  /** Of the process's pool; null where the replica uses none. */
  readonly pool: PoolCounters | null;
}

/** A process at one moment. */
export interface Snapshot {
  readonly load: ProcessLoad;
  /** Null while there is none: before it could be made, say. */
  readonly replica: ReplicaSnapshot | null;
}
