import type { AnyChart } from '../../machines/chart.js';
import type { ActionOf, EventOf } from '../../machines/index.js';
import { type ReplicaPhase, replicaChart, type replicaMachine } from '../../machines/replica.machine.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import type { ReplicaActorEffect } from '../roles.js';
import type { ReplicaMessage } from './messages.js';
import { STOP_ORDER } from './stop-order.js';

/** What `createReplicaActor` takes. */
export interface ReplicaActorOptions {
  /** Another compiled chart, for tests that leave out a transition. */
  readonly chart?: AnyChart;
}

/** Owns the replica's life: starts and stops the other actors in order, and tells the application what happens. */
export function createReplicaActor(options: ReplicaActorOptions = {}): Behaviour<ReplicaMessage, ReplicaActorEffect> {
  return new ReplicaActor(options);
}

class ReplicaActor implements Behaviour<ReplicaMessage, ReplicaActorEffect> {
  readonly #chart: typeof replicaChart;
  #phase: ReplicaPhase;
  #storeRecovered = false;
  #machineReady = false;
  #peerPort: number | null = null;
  #clientPort: number | null = null;
  #behind = false;
  #stopped = 0;
  #failure = { code: '', detail: '' };
  #effects: ReplicaActorEffect[] = [];

  constructor({ chart = replicaChart }: ReplicaActorOptions) {
    this.#chart = chart as typeof replicaChart;
    this.#phase = this.#chart.initial;
  }

  receive(message: ReplicaMessage): readonly ReplicaActorEffect[] {
    this.#effects = [];
    this.#handle(message);
    return this.#effects;
  }

  #handle(message: ReplicaMessage): void {
    switch (message.type) {
      case 'startRequested':
        this.#effects.push({ type: 'send', to: 'storage', message: { type: 'openStore' } });
        return;
      case 'storeRecovered':
        this.#storeRecovered = true;
        this.#effects.push({ type: 'reportRecovered', committedHeight: message.committedHeight });
        return this.#recoveredWhenBoth();
      case 'machineReady':
        this.#machineReady = true;
        return this.#recoveredWhenBoth();
      case 'listening':
        return this.#listening(message.role, message.port);
      case 'syncChanged':
        this.#behind = message.behind;
        return this.#followSync();
      case 'viewEntered':
        this.#effects.push({ type: 'reportView', view: message.view, leader: message.leader });
        return;
      case 'blocksCommitted':
        this.#effects.push({ type: 'reportCommitted', blocks: message.blocks });
        return;
      case 'requestAnswered':
        this.#effects.push({ type: 'reportAnswer', request: message.request, answer: message.answer });
        return;
      case 'submissionsAnswered':
        this.#effects.push({ type: 'reportSubmissions', answers: message.answers });
        return;
      case 'proposalBufferChanged':
        this.#effects.push({ type: 'reportProposalBuffer', buffer: message.buffer });
        return;
      case 'operationFailed':
        this.#failure = { code: message.code, detail: message.detail };
        return this.#step('failed');
      case 'stopRequested':
        return this.#step('stopRequested');
      case 'partStopped':
        if (message.role !== STOP_ORDER[this.#stopped]) return;
        this.#stopped += 1;
        return this.#step(this.#stopped === STOP_ORDER.length ? 'drained' : 'partStopped');
    }
  }

  #recoveredWhenBoth(): void {
    if (this.#storeRecovered && this.#machineReady) this.#step('recovered');
  }

  #listening(role: 'network' | 'gateway', port: number): void {
    if (role === 'network') this.#peerPort = port;
    else this.#clientPort = port;
    if (this.#peerPort === null || this.#clientPort === null) return;
    this.#effects.push({ type: 'reportListening', peerPort: this.#peerPort, clientPort: this.#clientPort });
    this.#followSync();
  }

  #followSync(): void {
    if (this.#peerPort === null || this.#clientPort === null) return;
    this.#step(this.#behind ? 'fellBehind' : 'caughtUp');
  }

  #step(event: EventOf<typeof replicaMachine>['type']): void {
    const step = this.#chart.step(this.#phase, { type: event });
    if (step === null) return;
    if (step.state !== this.#phase) this.#effects.push({ type: 'reportPhase', phase: step.state });
    this.#phase = step.state;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: ActionOf<typeof replicaMachine>): void {
    switch (action) {
      case 'openConnections':
        this.#effects.push(
          { type: 'send', to: 'network', message: { type: 'openNetwork' } },
          { type: 'send', to: 'gateway', message: { type: 'openGateway' } },
        );
        return;
      case 'stopNextPart': {
        const part = STOP_ORDER[this.#stopped];
        if (part !== undefined) this.#effects.push({ type: 'send', to: part, message: { type: 'stopRequested' } });
        return;
      }
      case 'reportStopped':
        this.#effects.push({ type: 'reportStopped' });
        return;
      case 'reportFailure':
        this.#effects.push({ type: 'reportFailure', ...this.#failure });
    }
  }
}
