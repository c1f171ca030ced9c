import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { Fault } from '../../src/simulation/case.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { hashKey } from '../../src/wire/store-layout.js';
import type { SimulatedReplica } from './simulated-replica.js';

type CrashAtFetch = Extract<Fault, { type: 'crashAtFetch' }>;

interface CrashAtFetchOptions {
  readonly replicas: readonly SimulatedReplica[];
  /** Those that stay down once they have crashed. */
  readonly dead: readonly number[];
  /** Has something happen after so many milliseconds. */
  readonly after: (delayMs: number, happen: () => void) => void;
  readonly restart: (replica: SimulatedReplica) => void;
  /** The fault has found what it waited for. */
  readonly struck: () => void;
}

/**
 * Waits until one replica asks for a certified block that is on no disk, and has all others crash at that moment: what it
 * knows more than they have written stays with it alone.
 */
export class CrashesAtFetch {
  readonly #options: CrashAtFetchOptions;
  readonly #armed = new Map<number, CrashAtFetch>();

  constructor(options: CrashAtFetchOptions) {
    this.#options = options;
  }

  arm(fault: CrashAtFetch): void {
    this.#armed.set(fault.replica, fault);
  }

  /** Nothing is waited for any more. */
  disarm(): void {
    this.#armed.clear();
  }

  /** A replica has sent a message. */
  sent(from: number, message: PeerMessage): void {
    const fault = this.#armed.get(from);
    if (fault === undefined || message.type !== 'fetchRequest' || message.request.kind !== 'branch') return;
    const { replicas, after } = this.#options;
    const wanted = hashKey(message.request.tip);
    if (replicas.some(({ disk }) => disk.entries.get(wanted) !== undefined)) return;
    this.#armed.delete(from);
    after(0, () => this.#crashAllBut(fault.replica as ReplicaId, fault.downMs));
  }

  #crashAllBut(alone: ReplicaId, downMs: number): void {
    const { replicas, dead, after, restart, struck } = this.#options;
    struck();
    const others = replicas.filter(({ id }) => id !== alone);
    for (const each of others) each.crash('before');
    after(downMs, () => {
      for (const each of others) if (!dead.includes(each.id)) restart(each);
    });
  }
}
