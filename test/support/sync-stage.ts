/** A sync actor between a consensus that settles, a network of scripted peers and a clock, all in the test's hand. */
import type { SyncEffect } from '../../actors/roles.js';
import type { SyncMessage } from '../../actors/sync/messages.js';
import type { SyncOptions } from '../../actors/sync/sync.js';
import { asHeight, asReplicaId, type ReplicaId } from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import type { FetchAnswer, FetchRequest } from '../../src/wire/peer-messages.js';
import { createSync } from './actors.js';
import { certify, GENESIS, verifies } from './chain.js';

export interface Asked {
  readonly to: ReplicaId;
  readonly request: FetchRequest;
}

interface Timer {
  readonly due: number;
  readonly message: SyncMessage;
}

export class SyncStage {
  now = 0;
  /** Requests that left, oldest first; {@link answer} takes the first one away. */
  readonly asked: Asked[] = [];
  readonly answered: { readonly to: ReplicaId; readonly answer: FetchAnswer }[] = [];
  readonly reads: Extract<SyncEffect, { to: 'storage' }>['message'][] = [];
  /** Batches that consensus has and did not settle. */
  readonly arrived: { readonly blocks: readonly Block[]; readonly certificate: QuorumCertificate }[] = [];
  readonly warnings: string[] = [];
  stopped = 0;
  /** What consensus holds: the last block it took in, all of them committed. */
  tip: Block = GENESIS;
  readonly #sync;
  readonly #timers = new Map<string, Timer>();

  constructor(options: Partial<Pick<SyncOptions, 'replicas' | 'settings' | 'chart'>> = {}) {
    this.#sync = createSync({
      replicas: 4,
      verifyCertificate: verifies,
      logger: {
        info: () => undefined,
        warn: (event, facts = {}) => this.warnings.push([event, ...Object.values(facts)].join(' ')),
      },
      ...options,
    });
  }

  tell(message: SyncMessage): this {
    for (const effect of this.#sync.receive(message, { now: this.now })) this.#perform(effect);
    return this;
  }

  connect(...peers: readonly number[]): this {
    for (const peer of peers) this.tell({ type: 'peerConnected', peer: asReplicaId(peer) });
    return this;
  }

  /** Consensus lacks `block`, which the replicas `from` certified. */
  miss(block: Block, from: readonly number[] = []): this {
    return this.tell({
      type: 'ancestorsMissing',
      certificate: certify(block),
      committedHeight: this.tip.header.height,
      committedHash: this.tip.hash,
      from: from.map(asReplicaId),
    });
  }

  /** Consensus takes in the oldest batch that arrived. */
  settle(missing = true): this {
    const batch = this.arrived.shift();
    this.tip = batch?.blocks.at(-1) ?? this.tip;
    const { hash, header } = this.tip;
    return this.tell({ type: 'ancestorsSettled', committedHeight: header.height, committedHash: hash, missing });
  }

  /** The oldest request that left and was not looked at. */
  take(): Asked {
    const asked = this.asked.shift();
    if (asked === undefined) throw new Error('nobody was asked');
    return asked;
  }

  /** The peer that was asked gives an answer. */
  answer({ to, request }: Asked, answer: Partial<FetchAnswer>): this {
    const whole = { token: request.token, blocks: [], certificate: null, committedHeight: asHeight(0), ...answer };
    return this.tell({ type: 'fetchAnswered', from: to, answer: whole });
  }

  /** The peer that was asked answers as an honest replica does whose chain is `chain`, committed to `committed`. */
  answerFrom(chain: readonly Block[], committed: number, asked = this.take()): this {
    return this.answer(asked, honestAnswer(chain, committed, asked.request));
  }

  advance(milliseconds: number): this {
    const until = this.now + milliseconds;
    for (;;) {
      const [name, timer] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due)[0] ?? [];
      if (name === undefined || timer === undefined || timer.due > until) break;
      this.#timers.delete(name);
      this.now = timer.due;
      this.tell(timer.message);
    }
    this.now = until;
    return this;
  }

  get timersRunning(): number {
    return this.#timers.size;
  }

  #perform(effect: SyncEffect): void {
    if (effect.type === 'startTimer') {
      this.#timers.set(effect.timer, { due: this.now + effect.delayMs, message: effect.message });
    } else if (effect.type === 'cancelTimer') this.#timers.delete(effect.timer);
    else if (effect.to === 'consensus' && effect.message.type === 'ancestorsArrived') {
      const { blocks, certificate } = effect.message;
      this.arrived.push({ blocks, certificate });
    } else if (effect.to === 'storage') this.reads.push(effect.message);
    else if (effect.to === 'replica') this.stopped += 1;
    else if (effect.to === 'network' && effect.message.type === 'sendTo') {
      const { to, message } = effect.message;
      if (message.type === 'fetchRequest') this.asked.push({ to, request: message.request });
      else if (message.type === 'fetchAnswer') this.answered.push({ to, answer: message.answer });
    } else throw new Error(`unexpected effect ${JSON.stringify(effect)}`);
  }
}

/** `chain` starts at height 1. */
export function honestAnswer(chain: readonly Block[], committed: number, request: FetchRequest): Partial<FetchAnswer> {
  const committedHeight = asHeight(committed);
  const from = request.kind === 'range' ? request.fromHeight : request.aboveHeight + 1;
  const tip = request.kind === 'branch' ? chain.findIndex((block) => block.hash === request.tip) + 1 : committed;
  const blocks = chain.slice(from - 1, Math.min(tip, from - 1 + request.maxBlocks));
  const last = blocks.at(-1);
  return { blocks, certificate: last === undefined ? null : certify(last), committedHeight };
}
