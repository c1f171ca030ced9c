/**
 * L4: nobody keeps a leader that leaves a command out. A replica that has handed a command of a client of its own on to the
 * leader holds it until it is committed, and gives the tenure up when that takes four base timeouts, which grow like the view
 * timer, from when it took the command in or from when the tenure began (DESIGN section 4), heartbeats or not. A leader that has
 * much to do is let do it: what was handed on by then is a backlog, and the time counts from when anything of that was committed;
 * what comes meanwhile is of the next one, so that nobody waits longer because others are served who came later.
 */
import type { Block } from '../../protocol/types.js';
import { decodeBody } from '../../wire/command-batch.js';
import type { CommandBatch, PeerMessage } from '../../wire/peer-messages.js';
import type { Accuse } from '../violation.js';
import { TIMER_GROWTH } from './timers.js';

interface ComplaintOptions {
  readonly baseTimeoutMs: number;
  readonly tenure: number;
  /** When no fault is left. */
  readonly quietFrom: number;
  /** What may take so long besides, milliseconds: a write. */
  readonly patienceMs: number;
  readonly accuse: Accuse;
}

/** View timers after which it complains. */
const COMPLAINT_TIMEOUTS = 4;
/** It is let wait for so many times that, and is not accused of what an actor, or the way to the others, has cost. */
const GENEROSITY = 2;
/** After the last fault all have found each other by then: a Timeout reaches somebody. */
const DIALLED_MS = 15_000;

/** Of one replica. */
class Watched {
  tenure = 0;
  tenureSince = 0;
  /** The last tenure for which it has sent a Timeout. */
  gaveUp = -1;
  /** Handed on in this life and not committed, and when it first was; the oldest first. */
  readonly pending = new Map<string, number>();
  /** Those of them that are of the present backlog, and when one of it was committed, or it began. */
  readonly backlog = new Set<string>();
  progressAt = 0;
  /** Over all lives: what is handed on may leave after it was committed. */
  readonly committed = new Set<string>();
  accused = false;
}

/** Accuses a correct replica that has waited for far too long. It hears nothing from a run with one replica, which hands nothing on. */
export class ComplaintChecker {
  readonly #options: ComplaintOptions;
  readonly #replicas = new Map<number, Watched>();

  constructor(options: ComplaintOptions) {
    this.#options = options;
  }

  /** It begins a life, and has forgotten what it was to hand on. */
  booted(replica: number, now: number): void {
    const watched = this.#of(replica);
    watched.pending.clear();
    watched.backlog.clear();
    watched.tenureSince = now;
  }

  /** It says that it is in this view. */
  entered(replica: number, view: number, now: number): void {
    const watched = this.#of(replica);
    const tenure = Math.floor(view / this.#options.tenure);
    if (tenure === watched.tenure) return;
    watched.tenure = tenure;
    watched.tenureSince = now;
    this.#beginBacklog(watched, now);
  }

  /** It has committed these blocks, or finds at a restart that it had. */
  committed(replica: number, blocks: readonly Block[], now: number): void {
    const watched = this.#of(replica);
    const { pending, committed, backlog } = watched;
    for (const { body } of blocks) {
      for (const command of body.length === 0 ? [] : namesOf(decodeBody(body) ?? [])) {
        committed.add(command);
        pending.delete(command);
        if (backlog.delete(command)) watched.progressAt = now;
      }
    }
    if (backlog.size === 0) this.#beginBacklog(watched, now);
  }

  /** It sends something to a peer. */
  sent(replica: number, message: PeerMessage, now: number): void {
    if (message.type === 'timeout' && message.timeout.signer === replica) {
      const watched = this.#of(replica);
      watched.gaveUp = Math.max(watched.gaveUp, message.timeout.tenure);
    }
    if (message.type !== 'commands') return;
    const watched = this.#of(replica);
    const { pending, committed, backlog } = watched;
    for (const command of namesOf(message.batches)) {
      if (!committed.has(command) && !pending.has(command)) pending.set(command, now);
    }
    if (backlog.size === 0) this.#beginBacklog(watched, now);
  }

  /** Looks whether it, which is up, has waited for too long. */
  look(replica: number, now: number): void {
    const watched = this.#of(replica);
    const [oldest] = watched.pending;
    if (oldest === undefined || watched.accused || watched.gaveUp >= watched.tenure) return;
    const [command, since] = oldest;
    const waited = now - Math.max(since, watched.tenureSince, watched.progressAt, this.#options.quietFrom + DIALLED_MS);
    if (waited <= this.#patienceMs) return;
    watched.accused = true;
    const what = `replica ${replica} has waited ${Math.round(waited)} ms in tenure ${watched.tenure} for command ${command}`;
    this.#options.accuse('L4', `${what} and has not given it up: ${Math.round(this.#patienceMs)} ms at most`);
  }

  #beginBacklog(watched: Watched, now: number): void {
    watched.backlog.clear();
    for (const command of watched.pending.keys()) watched.backlog.add(command);
    watched.progressAt = now;
  }

  get #patienceMs(): number {
    const { baseTimeoutMs, patienceMs } = this.#options;
    return GENEROSITY * COMPLAINT_TIMEOUTS * baseTimeoutMs * TIMER_GROWTH + patienceMs;
  }

  #of(replica: number): Watched {
    const watched = this.#replicas.get(replica) ?? new Watched();
    this.#replicas.set(replica, watched);
    return watched;
  }
}

function namesOf(batches: readonly CommandBatch[]): readonly string[] {
  return batches.flatMap(({ client, commands }) => commands.map(({ sequence }) => `${client}/${sequence}`));
}
