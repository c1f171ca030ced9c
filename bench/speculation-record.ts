import type { ReplicaRoles } from '../actors/roles.js';
import type { InspectionEvent } from '../src/runtime/index.js';

/** A view, and when: milliseconds of the machine's clock, which is the same in all its processes. */
export type ViewAt = readonly [view: number, at: number];

/** A committed block of the machine, and what it had cost where it was built. */
export interface Committed {
  readonly at: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** What one replica saw. Each view is there once. */
export interface SpeculationRecord {
  /** Its own proposals were given to the network. */
  readonly proposed: readonly ViewAt[];
  /** Its own proposals were certified: it entered the view after theirs. */
  readonly certified: readonly ViewAt[];
  /** Proposals of others were given to consensus. */
  readonly received: readonly ViewAt[];
  /** Its votes for them were given to the network. */
  readonly voted: readonly ViewAt[];
  /** Blocks that are not empty were committed. */
  readonly committed: readonly Committed[];
}

/** Takes a replica's inspection events down. */
export class SpeculationRecorder {
  readonly #proposed = new Map<number, number>();
  readonly #certified = new Map<number, number>();
  readonly #received = new Map<number, number>();
  readonly #voted = new Map<number, number>();
  readonly #committed: Committed[] = [];

  get record(): SpeculationRecord {
    return {
      proposed: [...this.#proposed],
      certified: [...this.#certified],
      received: [...this.#received],
      voted: [...this.#voted],
      committed: this.#committed,
    };
  }

  committed(block: Committed): void {
    this.#committed.push(block);
  }

  /** To be given to `createReplica` as `inspect`. */
  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== 'handled') return;
    const { at, role, message, waitedMs } = event;
    if (role === 'network') this.#sent(message as ReplicaRoles['network'], at);
    if (role === 'consensus') this.#heard(message as ReplicaRoles['consensus'], at - waitedMs);
    if (role === 'pacemaker') this.#entered(message as ReplicaRoles['pacemaker'], at);
  };

  #sent(message: ReplicaRoles['network'], at: number): void {
    if (message.type === 'broadcast' && message.message.type === 'proposal')
      note(this.#proposed, message.message.proposal.block.header.view, at);
    if (message.type === 'sendTo' && message.message.type === 'vote') note(this.#voted, message.message.vote.view, at);
  }

  #heard(message: ReplicaRoles['consensus'], at: number): void {
    if (message.type === 'proposalReceived') note(this.#received, message.proposal.block.header.view, at);
  }

  #entered(message: ReplicaRoles['pacemaker'], at: number): void {
    if (message.type === 'viewEntered' && message.by === 'qc') note(this.#certified, message.view - 1, at);
  }
}

/** What is sent or received again counts the first time only. */
function note(times: Map<number, number>, view: number, at: number): void {
  if (!times.has(view)) times.set(view, at);
}
