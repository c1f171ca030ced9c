/** The client as applications use it: `createClient` puts the client actor on real sockets and gives promises. */
import { createLogger } from '../src/adapters/logger.js';
import { systemRandom } from '../src/adapters/random.js';
import { createSockets } from '../src/adapters/sockets.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { systemTimers } from '../src/adapters/system-timers.js';
import { scheduleTurn } from '../src/adapters/turn-scheduler.js';
import { checkOptions } from '../src/config/check-options.js';
import type { ClusterConfig } from '../src/config/cluster.js';
import { limits } from '../src/config/limits.js';
import { OperationalError } from '../src/errors.js';
import type { Equivocation } from '../src/protocol/evidence.js';
import { asHeight, asReplicaId } from '../src/protocol/numbers.js';
import { type ActorFailure, ActorSystem, type Deliver, type Port, type PortEffectOf } from '../src/runtime/index.js';
import { decodeEquivocation } from '../src/wire/evidence.js';
import { checkEquivocation } from '../src/wire/evidence-check.js';
import { clientActorOf } from './client/client-actor.js';
import { clientMailbox } from './client/mailbox.js';
import type { ClientEffect, ClientMessage, ClientRoles, StatusAnswer, Submission } from './client/messages.js';
import { type CommandResult, type LogPage, Tickets } from './client/tickets.js';
import {
  CLIENT_TABLE,
  type ClientOptions,
  type EvidenceQuery,
  evidenceTable,
  type LogQuery,
  logTable,
  STATUS_TABLE,
  type StatusQuery,
} from './client-options.js';
import { commandFault } from './command-fault.js';
import { onAbort } from './on-abort.js';
import { type RequestOptions, signalOf } from './request-options.js';

export type { CommandResult, LogPage, StatusAnswer };

/** A connection to a cluster. `await using client = createClient({ cluster })` closes it at the end of the block. */
export interface Client extends AsyncDisposable {
  /**
   * Replicates a command; resolves when f+1 replicas gave the same reply, so that at least one of them is correct.
   * The command is executed once, however often it had to be sent. `command` must not change until then. Commands that
   * are in flight together are committed in the order that the replicated log gives them: await one to order another.
   * Beyond `outstandingMax` a submission waits for its turn; whoever submits without end awaits results meanwhile.
   *
   * Rejects with a ConfigurationError COMMAND_NOT_BYTES or COMMAND_TOO_LARGE; with an OperationalError COMMAND_REFUSED, whose `reason` is
   * `invalid` where the machine's `validate` says no, and `sequenceTooOld` where the replicas have forgotten what came of it;
   * with REPLICA_UNTRUSTED, naming them, while something else answers at the addresses of so many replicas that the others
   * are fewer than f+1; with CLIENT_CLOSED; or with the signal's reason. In the last four cases the command may have been
   * committed.
   */
  submit(command: Uint8Array, options?: RequestOptions): Promise<CommandResult>;
  /** Asks every replica about itself. No quorum stands behind an answer: it is that replica's word. */
  status(query?: StatusQuery): Promise<readonly StatusAnswer[]>;
  /**
   * Reads committed blocks of one replica, by height upwards from 1: that replica's word.
   * Rejects with an OperationalError: REPLICA_UNREACHABLE when it does not answer, REPLICA_UNTRUSTED when what answers at
   * its address is not that replica, by its key or its greeting.
   */
  log(query: LogQuery): Promise<LogPage>;
  /**
   * The proofs of equivocation that one replica keeps against another. Each is checked here, so that the replica's word
   * counts for nothing: what proves nothing is left out. Rejects as {@link Client.log}.
   */
  evidence(query: EvidenceQuery): Promise<readonly Equivocation[]>;
  /** Ends the connections; what is unanswered rejects with CLIENT_CLOSED. May be called twice. */
  close(): Promise<void>;
}

/**
 * Connects to the cluster's replicas, each known by its transport key in the configuration, and keeps connecting.
 * @throws ConfigurationError for an option that there is not, and for one outside its range.
 */
export function createClient(options: ClientOptions): Client {
  checkOptions(CLIENT_TABLE, options, { call: 'createClient' });
  return new HostedClient(options);
}

class HostedClient implements Client {
  readonly #system: ActorSystem<ClientRoles>;
  readonly #tickets = new Tickets();
  readonly #cluster: ClusterConfig;
  #gathered: Submission[] = [];
  #abandoned: number[] = [];
  #flushing = false;
  #ended: OperationalError | null = null;

  constructor(options: ClientOptions) {
    this.#cluster = options.cluster;
    this.#system = new ActorSystem<ClientRoles>({
      roles: ['client'],
      clock: systemClock,
      timers: systemTimers,
      schedule: scheduleTurn,
      onFailure: (failure) => this.#failed(failure),
    });
    this.#system.add<'client', ClientEffect>('client', {
      behaviour: clientActorOf({ ...options, random: systemRandom }),
      mailbox: clientMailbox,
      port: (deliver) => this.#openPort(options, deliver),
    });
    this.#system.post('client', { type: 'openClient' });
    this.#system.start();
  }

  async submit(command: Uint8Array, options: RequestOptions = {}): Promise<CommandResult> {
    if (this.#ended !== null) throw this.#ended;
    const signal = signalOf('submit', options);
    const fault = commandFault(command);
    if (fault !== null) throw fault;
    if (signal !== undefined) return this.#submitUntil(command, signal);
    return this.#tickets.command((ticket) => this.#gather(ticket, command));
  }

  async status(query: StatusQuery = {}): Promise<readonly StatusAnswer[]> {
    if (this.#ended !== null) throw this.#ended;
    checkOptions(STATUS_TABLE, query, { call: 'status' });
    const { withinMs = limits.queryMs } = query;
    return this.#tickets.status((ticket) => this.#ask({ type: 'statusAsked', ticket, withinMs }));
  }

  async log(asked: LogQuery): Promise<LogPage> {
    if (this.#ended !== null) throw this.#ended;
    checkOptions(logTable(this.#cluster), asked, { call: 'log' });
    const { replica, fromHeight, maxBlocks, withinMs = limits.queryMs } = asked;
    const query = { replica: asReplicaId(replica), fromHeight: asHeight(fromHeight), maxBlocks, withinMs };
    return this.#tickets.log((ticket) => this.#ask({ type: 'logAsked', ticket, ...query }));
  }

  async evidence(asked: EvidenceQuery): Promise<readonly Equivocation[]> {
    if (this.#ended !== null) throw this.#ended;
    checkOptions(evidenceTable(this.#cluster), asked, { call: 'evidence' });
    const { replica, accused, withinMs = limits.queryMs } = asked;
    const query = { replica: asReplicaId(replica), accused: asReplicaId(accused), withinMs };
    const proofs = await this.#tickets.evidence((ticket) => this.#ask({ type: 'evidenceAsked', ticket, ...query }));
    return proofs
      .map((bytes) => decodeEquivocation(this.#cluster.clusterId, bytes))
      .filter((proof) => proof !== null)
      .filter((proof) => proof.replica === accused && checkEquivocation(proof, this.#cluster).valid);
  }

  async close(): Promise<void> {
    this.#end(new OperationalError('CLIENT_CLOSED', 'the client was closed before an answer came'));
    await this.#system.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #openPort(options: ClientOptions, deliver: Deliver<ClientMessage>): Port<PortEffectOf<ClientEffect>> {
    const { cluster, log = createLogger() } = options;
    const sockets = createSockets({ side: 'client', cluster, self: null, credentials: null, limits: SOCKETS, log })(
      deliver,
    );
    return {
      perform: (effect) => {
        switch (effect.type) {
          case 'answerCommands':
          case 'rejectCommand':
          case 'rejectUntrusted':
          case 'answerStatus':
          case 'answerLog':
          case 'rejectLog':
          case 'answerEvidence':
          case 'rejectEvidence':
            return this.#tickets.settle(effect);
          default:
            return sockets.perform(effect);
        }
      },
      turnEnded: () => sockets.turnEnded?.(),
      close: () => sockets.close(),
    };
  }

  #submitUntil(command: Uint8Array, signal: AbortSignal): Promise<CommandResult> {
    let abandon = (): void => undefined;
    const promise = this.#tickets.command((ticket) => {
      abandon = () => {
        if (!this.#tickets.breakCommand(ticket, signal.reason)) return;
        this.#abandoned.push(ticket);
        this.#flushSoon();
      };
      this.#gather(ticket, command);
    });
    return promise.finally(onAbort(signal, abandon));
  }

  /** Commands submitted in one turn of the application go to the actor together, and on in one frame. */
  #gather(ticket: number, bytes: Uint8Array): void {
    this.#gathered.push({ ticket, bytes });
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    scheduleTurn(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#ended !== null) return;
    const { commands, tickets } = { commands: this.#gathered, tickets: this.#abandoned };
    if (commands.length > 0 && this.#system.post('client', { type: 'commandsSubmitted', commands })) {
      this.#gathered = [];
    }
    // Only behind the commands themselves: one that is still gathered would be submitted after it was abandoned.
    if (tickets.length > 0 && this.#gathered.length === 0) {
      if (this.#system.post('client', { type: 'submissionsAbandoned', tickets })) this.#abandoned = [];
    }
    if (this.#gathered.length > 0 || this.#abandoned.length > 0) this.#flushSoon();
  }

  #ask(question: ClientMessage): void {
    if (this.#ended === null && !this.#system.post('client', question)) scheduleTurn(() => this.#ask(question));
  }

  #failed({ error, messageType }: ActorFailure): void {
    this.#end(new OperationalError('CLIENT_FAILED', `the client failed at ${messageType}`, { messageType }, error));
  }

  #end(error: OperationalError): void {
    this.#ended ??= error;
    this.#tickets.breakAll(this.#ended);
  }
}

/** What the sockets of a client hold at most. It accepts no connection; the bounds on those are there for the form. */
const SOCKETS = {
  frameBytesMax: limits.frameBytes,
  connectionsMax: 1,
  handshakesPerAddressMax: 1,
  handshakeTimeoutMs: limits.handshakeMs,
  closeTimeoutMs: limits.closeMs,
  refusalsLoggedMax: 1,
  refusalLogWindowMs: 1000,
};
