import type { AnyChart } from '../../machines/chart.js';
import { syncChart } from '../../machines/sync.machine.js';
import { type Logger, silentLogger } from '../../src/logger.js';
import type { QuorumCertificate } from '../../src/protocol/types.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import type { SyncEffect } from '../roles.js';
import { Fetching } from './fetching.js';
import type { SyncMessage } from './messages.js';
import { Serving } from './serving.js';
import { type SyncSettings, syncDefaults } from './settings.js';

/** What `createSync` takes. */
export interface SyncOptions {
  /** How many replicas the cluster has. */
  readonly replicas: number;
  /** Whether a quorum signed the certificate; false for whatever is wrong with it. */
  readonly verifyCertificate: (qc: QuorumCertificate) => boolean;
  readonly settings?: Partial<SyncSettings>;
  readonly logger?: Logger;
  /** Another compiled chart, for tests that leave out a transition. */
  readonly chart?: AnyChart;
}

/** What sync holds at this moment; `limits` bounds each. */
export interface SyncCounters {
  /** Fetched blocks that consensus has not been given yet. */
  readonly waitingBlocks: number;
  /** The most of them since the beginning: those of an answer, before any goes on. */
  readonly waitingBlocksMost: number;
  /** Peers that have asked for blocks since the beginning, and reads of the own store for them under way. */
  readonly customers: number;
  readonly reads: number;
}

/** Fetches blocks that consensus lacks, and gives blocks to peers that lack them (DESIGN section 4, Fetching). */
export function createSync(options: SyncOptions): Behaviour<SyncMessage, SyncEffect> {
  return new Sync(options);
}

class Sync implements Behaviour<SyncMessage, SyncEffect> {
  readonly #fetching: Fetching;
  readonly #serving: Serving;

  constructor({ replicas, verifyCertificate, settings, logger = silentLogger, chart = syncChart }: SyncOptions) {
    const all = { ...syncDefaults, ...settings };
    this.#fetching = new Fetching({
      replicas,
      verifyCertificate,
      logger,
      settings: all,
      chart: chart as typeof syncChart,
    });
    this.#serving = new Serving(all);
  }

  receive(message: SyncMessage, { now }: Turn): readonly SyncEffect[] {
    if (this.#fetching.isStopped) return [];
    switch (message.type) {
      case 'ancestorsMissing':
        return this.#fetching.missing(message, now);
      case 'ancestorsSettled':
        return this.#fetching.settled(message, now);
      case 'fetchAnswered':
        return this.#fetching.answered(message.from, message.answer, now);
      case 'fetchTimerExpired':
        return this.#fetching.timerExpired(message.token, now);
      case 'peerConnected':
        return this.#fetching.peerConnected(message.peer, now);
      case 'peerDisconnected':
        this.#serving.peerDisconnected(message.peer);
        return this.#fetching.peerDisconnected(message.peer, now);
      case 'fetchRequested':
        return this.#serving.requested(message.from, message.request, now);
      case 'blocksRead':
        return this.#serving.blocksRead(message, now);
      case 'serveTimerExpired':
        return this.#serving.timerExpired(now);
      case 'stopRequested':
        return this.#stop(now);
    }
  }

  counters(): SyncCounters {
    const { waitingBlocks, waitingBlocksMost } = this.#fetching;
    return { waitingBlocks, waitingBlocksMost, ...this.#serving.counters };
  }

  #stop(now: number): readonly SyncEffect[] {
    const stopped = { type: 'send', to: 'replica', message: { type: 'partStopped', role: 'sync' } } as const;
    return [...this.#fetching.stop(now), ...this.#serving.stop(), stopped];
  }
}
