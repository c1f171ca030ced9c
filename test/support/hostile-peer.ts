/** Starts a hostile replica in a process of its own, so that what it burns and holds is not ours. */
import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { AttackKind } from './attacks.js';
import type { HostileOrder, HostileReport, HostileStart } from './hostile-peer-program.js';
import { eventually } from './socket-cluster.js';

const PROGRAM = fileURLToPath(new URL('./hostile-peer-program.js', import.meta.url));

export class HostilePeer {
  readonly #process: ChildProcess;
  #peers = 0;

  /** Takes the place of a replica that is down, and resolves when all others are connected to it. */
  static async start(t: ExecutionContext, place: HostileStart): Promise<HostilePeer> {
    const peer = new HostilePeer();
    t.teardown(() => peer.end());
    peer.#tell({ type: 'start', ...place });
    const others = place.cluster.replicas.length - 1;
    await eventually('the hostile replica is connected to all others', () => peer.#peers === others);
    return peer;
  }

  private constructor() {
    this.#process = fork(PROGRAM);
    // It would have a machine of its own: what it burns here is not what it costs the others.
    if (this.#process.pid !== undefined) setPriority(this.#process.pid, constants.priority.PRIORITY_LOW);
    this.#process.on('message', ({ peers }: HostileReport) => {
      this.#peers = peers;
    });
  }

  attack(kind: AttackKind, victims: readonly number[]): void {
    this.#tell({ type: 'attack', kind, victims });
  }

  /** Ends it, with all that is still in its sockets. */
  end(): void {
    this.#process.kill('SIGKILL');
  }

  #tell(order: HostileOrder): void {
    this.#process.send(order);
  }
}
