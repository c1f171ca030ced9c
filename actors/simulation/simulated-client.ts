/** A closed-loop client in the simulator: the client actor as it is, a script of commands, and a history of what it saw. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import { type ActorFailure, ActorSystem } from '../../src/runtime/index.js';
import type { NodeId } from '../../src/simulation/links.js';
import type { SimulatedNetwork } from '../../src/simulation/network.js';
import { SimulatedProcess } from '../../src/simulation/process.js';
import type { Random } from '../../src/simulation/random.js';
import type { Scheduler } from '../../src/simulation/scheduler.js';
import { clientActorOf } from '../client/client-actor.js';
import { clientMailbox } from '../client/mailbox.js';
import type { ClientEffect, ClientReport, ClientRoles } from '../client/messages.js';

/** One command as its client saw it. */
export interface Operation {
  readonly client: number;
  readonly ticket: number;
  readonly command: Uint8Array;
  /** Virtual milliseconds. */
  readonly invokedAt: number;
  /** Null while, and if ever, it was not answered: it may have been executed or not. */
  completedAt: number | null;
  reply: Uint8Array | null;
  height: number | null;
  /** Why the replicas refused it. */
  refused: string | null;
}

interface SimulatedClientOptions {
  readonly number: number;
  readonly node: NodeId;
  readonly cluster: ClusterConfig;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly outstanding: number;
  readonly commands: number;
  /** Sequences that replicas remember of one client. */
  readonly sessionWindow: number;
  /** How long it rests before what follows an answer, milliseconds; null for not at all. */
  readonly think: (() => number) | null;
  /** The command of that number of this client. */
  readonly command: (index: number) => Uint8Array;
  readonly onFailure: (failure: ActorFailure) => void;
}

/** Submits a number of commands, `outstanding` at a time, and keeps what it saw of each in `operations`, by ticket. */
export class SimulatedClient {
  readonly number: number;
  readonly operations: Operation[] = [];
  readonly #options: SimulatedClientOptions;
  readonly #process: SimulatedProcess;
  readonly #system: ActorSystem<ClientRoles>;
  #answered = 0;
  #wanted: number;

  constructor(options: SimulatedClientOptions) {
    const { number, node, cluster, scheduler, network, random, outstanding, sessionWindow } = options;
    this.number = number;
    this.#wanted = options.commands;
    this.#options = options;
    const process = new SimulatedProcess(`client ${number}`, scheduler);
    this.#process = process;
    this.#system = new ActorSystem<ClientRoles>({
      roles: ['client'],
      clock: process.clock,
      timers: process.timers,
      schedule: process.schedule,
      onFailure: options.onFailure,
    });
    this.#system.add<'client', ClientEffect>('client', {
      behaviour: clientActorOf({ cluster, outstandingMax: outstanding, sessionWindow, random }),
      mailbox: clientMailbox,
      port: (deliver) => {
        const sockets = network.clientSockets(node, process)(deliver);
        return {
          perform: (effect) => (isReport(effect) ? this.#settle(effect) : sockets.perform(effect)),
          close: () => sockets.close(),
        };
      },
    });
  }

  /** Commands answered so far, refusals among them. */
  get answered(): number {
    return this.#answered;
  }

  /** When the oldest command without an answer was submitted; null where there is none. */
  get waitingSince(): number | null {
    return this.operations.find(({ completedAt }) => completedAt === null)?.invokedAt ?? null;
  }

  /** Whether it waits for an answer and is connected to all of those replicas. */
  isHeardBy(replicas: readonly NodeId[]): boolean {
    const { network, node } = this.#options;
    return this.waitingSince !== null && replicas.every((replica) => network.isConnected(node, replica));
  }

  /** Commands that have no answer yet, those that it has yet to submit among them. */
  get unanswered(): number {
    return this.#wanted - this.#answered;
  }

  get done(): boolean {
    return this.unanswered === 0;
  }

  start(): void {
    this.#process.enter(() => {
      this.#system.start();
      this.#system.post('client', { type: 'openClient' });
      this.#submitNext();
    });
  }

  /** It has so many more commands to submit. */
  wantMore(commands: number): void {
    this.#wanted += commands;
    this.#process.enter(() => this.#submitNext());
  }

  /** As many more commands as may be on the way. */
  #submitNext(): void {
    const { outstanding, scheduler, command } = this.#options;
    const batch: { readonly ticket: number; readonly bytes: Uint8Array }[] = [];
    while (this.operations.length < this.#wanted && this.operations.length - this.#answered < outstanding) {
      const ticket = this.operations.length;
      const bytes = command(ticket);
      this.operations.push({
        client: this.number,
        ticket,
        command: bytes,
        invokedAt: scheduler.now,
        completedAt: null,
        reply: null,
        height: null,
        refused: null,
      });
      batch.push({ ticket, bytes });
    }
    if (batch.length > 0) this.#system.post('client', { type: 'commandsSubmitted', commands: batch });
  }

  #settle(report: ClientReport): void {
    if (report.type === 'answerCommands') {
      for (const { ticket, reply } of report.answers)
        this.#end(ticket, { reply, height: report.height, refused: null });
    } else if (report.type === 'rejectCommand') {
      this.#end(report.ticket, { reply: null, height: null, refused: report.reason });
    } else return;
    const { think } = this.#options;
    // At the same instant, once the client's turn is over.
    if (think === null) this.#process.schedule(() => this.#submitNext());
    else this.#process.later(think(), 'timer', () => this.#submitNext());
  }

  #end(ticket: number, outcome: Pick<Operation, 'reply' | 'height' | 'refused'>): void {
    const operation = this.operations[ticket];
    if (operation === undefined || operation.completedAt !== null) return;
    Object.assign(operation, outcome, { completedAt: this.#options.scheduler.now });
    this.#answered += 1;
  }
}

function isReport(effect: { readonly type: string }): effect is ClientReport {
  return REPORTS.has(effect.type);
}

const REPORTS: ReadonlySet<string> = new Set([
  'answerCommands',
  'rejectCommand',
  'rejectUntrusted',
  'answerStatus',
  'answerLog',
  'rejectLog',
  'answerEvidence',
  'rejectEvidence',
] satisfies ClientReport['type'][]);
