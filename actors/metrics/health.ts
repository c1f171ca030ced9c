/** Whether a replica is alive, and whether it is ready: for whoever restarts processes and directs clients. */
import type { ReplicaState } from './snapshot.js';

/** What a probe is told: yes or no, and why. */
export interface Health {
  readonly ok: boolean;
  /** One line: where the replica stands, or what is wrong. */
  readonly text: string;
}

/** Alive is every replica but a failed one: it must be started anew. Whoever gets no answer at all must do so, too. */
export function aliveness(replica: ReplicaState | null): Health {
  if (replica?.phase === 'failed') return { ok: false, text: `failed: ${replica.failure ?? 'for no known reason'}` };
  return { ok: true, text: replica?.phase ?? 'starting' };
}

/** Ready is a replica that holds every block below the highest certificate that it knows, and takes part. */
export function readiness(replica: ReplicaState | null): Health {
  if (replica === null) return { ok: false, text: 'starting: the replica is not there yet' };
  const { phase, view, leader, committedHeight } = replica;
  const at = `view ${view}, leader ${leader}, committed height ${committedHeight}`;
  if (phase === 'active') return { ok: true, text: `active: ${at}` };
  if (phase === 'failed') return aliveness(replica);
  return { ok: false, text: `${phase}: ${REASONS[phase] ?? at}` };
}

const REASONS: Readonly<Record<string, string>> = {
  recovering: 'it reads its store and rebuilds the state machine',
  syncing: 'blocks below its highest certificate are missing; it fetches them',
  draining: 'it was told to stop, and does so in order',
  stopped: 'it has stopped',
};
