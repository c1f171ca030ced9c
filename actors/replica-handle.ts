import type { ClusterConfig } from '../src/config/cluster.js';
import { InvariantViolation, OperationalError } from '../src/errors.js';
import type { Height, ReplicaId, View } from '../src/protocol/numbers.js';
import type { Block } from '../src/protocol/types.js';
import type { PortFactory } from '../src/runtime/behaviour.js';
import type { ActorFailure, ActorSystem } from '../src/runtime/index.js';
import type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
import type { ReplicaRoles } from './roles.js';

/** What a replica tells its application. A listener that throws is the application's bug: it stops the replica. */
export interface ReplicaEvents {
  /** Once a block, in order of height; empty blocks included. */
  committed: { readonly height: Height; readonly block: Block };
  view: { readonly view: View; readonly leader: ReplicaId };
  /** recovering, syncing, active, draining, stopped or failed. */
  phase: string;
  /** It has stopped for this reason, and must be started anew. */
  failed: Error;
  stopped: undefined;
}

type Listener<Name extends keyof ReplicaEvents> = (event: ReplicaEvents[Name]) => void;

interface Settled {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A running replica, as its application sees it. Made by `createReplica`. */
export class Replica {
  readonly id: ReplicaId;
  readonly cluster: ClusterConfig;
  readonly #listeners = new Map<keyof ReplicaEvents, Set<Listener<never>>>();
  readonly #ready = settled();
  readonly #stopped = settled();
  #system: ActorSystem<ReplicaRoles> | null = null;
  #phase = 'recovering';
  #view = { view: 0 as View, leader: 0 as ReplicaId };
  #committedHeight = 0 as Height;
  #lastProposer: ReplicaId | null = null;
  #ports = { peerPort: 0, clientPort: 0 };
  #failure: Error | null = null;

  constructor({ cluster, id }: { readonly cluster: ClusterConfig; readonly id: ReplicaId }) {
    this.cluster = cluster;
    this.id = id;
    this.#stopped.promise.catch(() => {}); // reported by `failed`, and by stop() to whoever calls it
  }

  /** recovering, syncing, active, draining, stopped or failed: see the replica's statechart. */
  get phase(): string {
    return this.#phase;
  }

  get view(): View {
    return this.#view.view;
  }

  get leader(): ReplicaId {
    return this.#view.leader;
  }

  get committedHeight(): Height {
    return this.#committedHeight;
  }

  /** Who proposed the last committed block; null before the first of this life. */
  get lastProposer(): ReplicaId | null {
    return this.#lastProposer;
  }

  /** The ports on which it listens for peers and for clients. */
  get ports(): { readonly peerPort: number; readonly clientPort: number } {
    return this.#ports;
  }

  /** Mailbox, turn and credit counters by actor. */
  counters(): ReturnType<ActorSystem<ReplicaRoles>['counters']> | null {
    return this.#system?.counters() ?? null;
  }

  /** Calls `listener` at every event of that name; the returned function ends it. */
  on<Name extends keyof ReplicaEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as Listener<never>));
    return () => {
      listeners.delete(listener as Listener<never>);
    };
  }

  /**
   * Stops in order: clients, proposing, what is committed is executed, the exact safety record, the disk, the wire.
   * A leader resigns. A second call waits for the first. @throws the failure, when the replica had failed.
   */
  stop(): Promise<void> {
    if (this.#failure === null) this.#system?.post('replica', { type: 'stopRequested' });
    return this.#stopped.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Starts the composed actors; resolves when the replica listens. For createReplica. */
  run(system: ActorSystem<ReplicaRoles>): Promise<void> {
    this.#system = system;
    system.start();
    system.post('replica', { type: 'startRequested' });
    return this.#ready.promise;
  }

  /** The port through which the replica actor reports. For createReplica. */
  readonly port: PortFactory<ReplicaEffect, ReplicaMessage> = () => ({
    perform: (report) => this.#report(report),
    close: async () => {},
  });

  /** An actor or a listener threw: a bug. For createReplica. */
  actorFailed({ role, error, messageType, lastMessages }: ActorFailure): void {
    const last = lastMessages.join(', ');
    const detail = `${role} threw on ${messageType}: ${String(error)}; last messages: ${last}`;
    const failure = new InvariantViolation(detail);
    failure.cause = error;
    this.#fail(failure);
  }

  #report(report: ReplicaEffect): void {
    switch (report.type) {
      case 'reportPhase':
        this.#phase = report.phase;
        return this.#emit('phase', report.phase);
      case 'reportRecovered':
        this.#committedHeight = report.committedHeight;
        return;
      case 'reportListening':
        this.#ports = { peerPort: report.peerPort, clientPort: report.clientPort };
        return this.#ready.resolve();
      case 'reportView':
        this.#view = { view: report.view, leader: report.leader };
        return this.#emit('view', this.#view);
      case 'reportCommitted':
        for (const block of report.blocks) this.#committed(block);
        return;
      case 'reportFailure':
        return this.#fail(new OperationalError(report.code, report.detail));
      case 'reportStopped':
        return this.#end();
    }
  }

  #committed(block: Block): void {
    this.#committedHeight = block.header.height;
    this.#lastProposer = block.header.proposer;
    this.#emit('committed', { height: block.header.height, block });
  }

  #fail(failure: Error): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#phase = 'failed';
    this.#ready.reject(failure);
    const done = () => {
      this.#stopped.reject(failure);
      this.#emit('failed', failure);
    };
    this.#system?.stop().then(done, done);
  }

  #end(): void {
    this.#system?.stop().then(
      () => {
        this.#ready.reject(new OperationalError('STOPPED', 'the replica was stopped before it was ready'));
        this.#stopped.resolve();
        this.#emit('stopped', undefined);
      },
      (error: Error) => this.#stopped.reject(error),
    );
  }

  #emit<Name extends keyof ReplicaEvents>(name: Name, event: ReplicaEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event);
  }
}

function settled(): Settled {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
