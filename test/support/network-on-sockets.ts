import type { NetworkLimits } from '../../actors/network/limits.js';
import type { NetworkMessage } from '../../actors/network/messages.js';
import { createNetwork, type Network } from '../../actors/network/network.js';
import type { NetworkEffect } from '../../actors/roles.js';
import { systemRandom } from '../../src/adapters/random.js';
import { createSockets } from '../../src/adapters/sockets.js';
import { limits } from '../../src/config/limits.js';
import { hashBodies } from '../../src/crypto/heavy-tasks.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { Port } from '../../src/runtime/behaviour.js';
import type { SocketEffect } from '../../src/wire/sockets.js';
import { type TestCluster, testLimits } from './sockets.js';

type Sent = Extract<NetworkEffect, { type: 'send' }>;

/** The network actor of one replica on real sockets and a real clock; its consumers only count, and return credit. */
export class NetworkOnSockets {
  readonly network: Network;
  readonly sent: Sent[] = [];
  /** While set, consumers handle nothing and no credit comes back. */
  consumersStopped = false;
  /** While set, the actor takes no turns: its host is gone, for all that others can see. */
  frozen = false;
  readonly #port: Port<SocketEffect>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #inbox: NetworkMessage[] = [];
  #owed: Sent[] = [];
  #turn: NodeJS.Immediate | null = null;
  #watchers: (() => void)[] = [];

  constructor(made: TestCluster, replica: number, changes: Partial<NetworkLimits> = {}) {
    const { cluster, credentials } = made;
    const id = asReplicaId(replica);
    this.network = createNetwork({
      id,
      cluster,
      limits: { ...limits, ...changes },
      random: systemRandom,
      log: silentLogger,
    });
    const own = cluster.transport === 'tls' ? (credentials[replica] ?? null) : null;
    const sockets = {
      side: 'peer',
      cluster,
      self: id,
      credentials: own,
      limits: testLimits,
      log: silentLogger,
    } as const;
    this.#port = createSockets(sockets)((message, taken) => {
      taken?.();
      return this.tell(message);
    });
  }

  tell(message: NetworkMessage): boolean {
    this.#inbox.push(message);
    this.#turn ??= setImmediate(() => this.#takeTurn());
    return true;
  }

  /** Resolves when `holds` does, asked after every turn; rejects after twenty seconds. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('not within twenty seconds')), 20_000);
      const watch = (): void => {
        if (!holds()) return;
        clearTimeout(limit);
        this.#watchers = this.#watchers.filter((each) => each !== watch);
        resolve();
      };
      this.#watchers.push(watch);
      watch();
    });
  }

  ready(): number {
    return this.network.counters().peers.filter(({ phase }) => phase === 'ready').length;
  }

  /** Returns credit again for all that was held back meanwhile. */
  resumeConsumers(): void {
    this.consumersStopped = false;
    this.#returnCredit();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    if (this.#turn !== null) clearImmediate(this.#turn);
    await this.#port.close();
  }

  #takeTurn(): void {
    this.#turn = null;
    if (this.frozen) return;
    for (const message of this.#inbox.splice(0)) {
      for (const effect of this.network.receive(message, { now: performance.now() })) this.#perform(effect);
    }
    this.#port.turnEnded?.();
    if (!this.consumersStopped) this.#returnCredit();
    for (const watch of [...this.#watchers]) watch();
  }

  #perform(effect: NetworkEffect): void {
    switch (effect.type) {
      case 'send':
        this.sent.push(effect);
        if (effect.credit !== undefined) this.#owed.push(effect);
        return;
      case 'startTimer':
        clearTimeout(this.#timers.get(effect.timer));
        this.#timers.set(
          effect.timer,
          setTimeout(() => this.tell(effect.message), effect.delayMs),
        );
        return;
      case 'cancelTimer':
        clearTimeout(this.#timers.get(effect.timer));
        return;
      case 'offload':
        this.tell({ ...effect, type: 'offloadAnswered', result: { ok: true, ...hashBodies(effect.input) } });
        return;
      default:
        this.#port.perform(effect);
    }
  }

  #returnCredit(): void {
    const accounts = this.#owed.splice(0).map(({ credit }) => ({
      account: credit?.account ?? '',
      messages: 1,
      units: credit?.units ?? 0,
    }));
    if (accounts.length > 0) this.tell({ type: 'creditReturned', from: 'consensus', accounts });
  }
}
