import type { ClusterConfig } from '../src/config/cluster.js';
import type { HeavyTasks } from '../src/crypto/heavy-tasks.js';
import { ConfigurationError, InvariantViolation, OperationalError, sentenceOf, stackOf } from '../src/errors.js';
import type { Logger } from '../src/logger.js';
import type { PoolCounters } from '../src/pool-counters.js';
import type { BlockHash, Height, ReplicaId, View } from '../src/protocol/numbers.js';
import type { Block } from '../src/protocol/types.js';
import type { PortFactory } from '../src/runtime/behaviour.js';
import type { ActorFailure, ActorSystem } from '../src/runtime/index.js';
import type { CommandResult } from './client/tickets.js';
import type { GatewayMessage } from './gateway/messages.js';
import { onAbort } from './on-abort.js';
import type { ProposedBlock, QcOutcome } from './pacemaker/requests.js';
import { PacemakerRequests } from './pacemaker-requests.js';
import type { ProposalBuffer } from './proposal-generator/messages.js';
import type { ReplicaEffect, ReplicaMessage } from './replica/messages.js';
import { type ReplicaEvents, type ReplicaListener, ReplicaListeners } from './replica-listeners.js';
import type { RequestOptions } from './request-options.js';
import type { ReplicaRole, ReplicaRoles } from './roles.js';
import { settled } from './settled.js';
import { Submissions } from './submissions.js';

/** What a {@link Replica} is made of, beside its actors. */
export interface ReplicaHandleOptions {
  readonly cluster: ClusterConfig;
  readonly id: ReplicaId;
  readonly log: Logger;
  /** Null where the machine is not speculative. */
  readonly proposalBufferTarget: number | null;
  /** Its use of the process's pool, which ends with it; null for none. */
  readonly pool: ReplicaPool | null;
  /** The roles whose actors are the application's own. */
  readonly ownActors: readonly ReplicaRole[];
}

/** What a replica's handle knows of the pool. */
interface ReplicaPool {
  counters(): PoolCounters;
  close(): Promise<void>;
}

/** A running replica, as its application sees it. Made by `createReplica`. */
export class Replica {
  readonly id: ReplicaId;
  readonly cluster: ClusterConfig;
  readonly #log: Logger;
  readonly #pool: ReplicaPool | null;
  readonly #ownActors: ReadonlySet<string>;
  readonly #listeners = new ReplicaListeners((event, error) => this.#listenerThrew(event, error));
  readonly #ready = settled();
  readonly #stopped = settled();
  readonly #requests = new PacemakerRequests((message) => this.#system?.post('pacemaker', message) ?? false);
  readonly #submissions: Submissions;
  #system: ActorSystem<ReplicaRoles, HeavyTasks> | null = null;
  #phase = 'recovering';
  #view = { view: 0 as View, leader: 0 as ReplicaId };
  #committedHeight = 0 as Height;
  #lastProposer: ReplicaId | null = null;
  #proposalBuffer: ProposalBuffer | null;
  #ports = { peerPort: 0, clientPort: 0 };
  #failure: Error | null = null;
  #isClosed = false;

  constructor({ cluster, id, log, proposalBufferTarget: target, pool, ownActors }: ReplicaHandleOptions) {
    this.#pool = pool;
    this.#ownActors = new Set(ownActors);
    this.#proposalBuffer = target === null ? null : { size: 0, target, draining: false };
    const post = (message: GatewayMessage) => this.#system?.post('gateway', message) ?? false;
    this.#submissions = new Submissions({ post, speculative: target !== null });
    this.cluster = cluster;
    this.id = id;
    this.#log = log;
    this.#stopped.promise.catch(() => {}); // reported by `failed`, and by stop() to whoever calls it
  }

  /** recovering, syncing, active, draining, stopped or failed: see the replica's statechart. */
  get phase(): string {
    return this.#phase;
  }

  /** The view that it is in, as it said last. */
  get view(): View {
    return this.#view.view;
  }

  /** Who leads that view. */
  get leader(): ReplicaId {
    return this.#view.leader;
  }

  /** The height of the last block that it has committed. */
  get committedHeight(): Height {
    return this.#committedHeight;
  }

  /** Why it has failed; null as long as it has not. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Who proposed the last committed block; null before the first of this life. */
  get lastProposer(): ReplicaId | null {
    return this.#lastProposer;
  }

  /**
   * The proposals of a speculative machine that stand in no block yet; null for one that takes commands. `draining`: no more
   * are built. They then go into blocks in order while this replica leads, and are thrown away when the chain takes another way.
   */
  get proposalBuffer(): ProposalBuffer | null {
    return this.#proposalBuffer;
  }

  /** The ports on which it listens for peers and for clients. */
  get ports(): { readonly peerPort: number; readonly clientPort: number } {
    return this.#ports;
  }

  /** Mailbox, turn and credit counters by actor, of the actors on this thread. */
  counters(): ReturnType<ActorSystem<ReplicaRoles, HeavyTasks>['counters']> | null {
    return this.#system?.counters() ?? null;
  }

  /** What the pool of this process did, which all its replicas share; null where this one uses none. */
  poolCounters(): PoolCounters | null {
    return this.#pool?.counters() ?? null;
  }

  /** The same of all its actors; other threads are asked, so that it takes until they have a turn. */
  async allCounters(): Promise<ReturnType<ActorSystem<ReplicaRoles, HeavyTasks>['counters']> | null> {
    return (await this.#system?.allCounters()) ?? null;
  }

  /**
   * Calls `listener` at every event of that name; the returned function ends it.
   * @throws ConfigurationError for an event that there is not, and for a listener that is no function.
   */
  on<Name extends keyof ReplicaEvents>(name: Name, listener: ReplicaListener<Name>): () => void {
    return this.#listeners.add(name, listener);
  }

  /**
   * Replicates a command, in a session of this replica's own; resolves once this replica has executed it, committed. That is
   * this replica's word alone, not the f+1 equal replies of `createClient`: for whoever runs it and believes it. Whoever
   * leads, the command is executed once, and it need not stay unchanged after the call; but while a faulty leader ignores what
   * this replica forwards, it waits for the next one, where a client turns to others. The session does not outlive the
   * process: after a crash nobody knows whether a command without an answer was executed. Commands that wait together are
   * executed in any order. As under any session, any faulty replica, leader or not, may put a command that it made up in the
   * place of one of these, which is answered as if it had run: who cannot have that signs commands, with an identity and a
   * number of its own in each, as the README says, and has `validate` check them. With `commands(machine)` only. The seed's `add_proposal`.
   * @throws ConfigurationError `COMMAND_NOT_BYTES`, `COMMAND_TOO_LARGE`, `MACHINE_SPECULATIVE`; OperationalError `POOL_FULL`,
   * `TOO_MANY_COMMANDS` and `COMMAND_REFUSED` (`facts.reason`: `invalid` where `validate` says no); `REPLICA_STOPPED` or the
   * failure once the replica ends, and the reason of `signal`: after these the command may be executed all the same, unless
   * the signal came before it was sent.
   */
  submit(command: Uint8Array, options: RequestOptions = {}): Promise<CommandResult> {
    return this.#submissions.submit(command, options);
  }

  /**
   * Has this replica, where it leads, propose the next block: with the commands that wait, or empty when none do. Resolves
   * when the block is made and signed; rejects when none was made. There is one proposal a view, and its certificate opens
   * the next. With the manual pacemaker only. The seed's `do_propose`.
   * @throws OperationalError `NOT_LEADING` (`facts.leader`, `facts.view`), `PROPOSAL_PENDING` (`facts.block`),
   * `TENURE_GIVEN_UP`, `VIEW_LEFT`, `PACEMAKER_AUTOMATIC`, `TOO_MANY_REQUESTS`; `REPLICA_STOPPED` or the failure once the
   * replica has ended; the reason of `signal`, and then the block may be made all the same.
   */
  propose(options: RequestOptions = {}): Promise<ProposedBlock> {
    return this.#requests.propose('next', options);
  }

  /** The same with an empty block, whatever waits. The seed's `do_empty_propose`. */
  proposeEmpty(options: RequestOptions = {}): Promise<ProposedBlock> {
    return this.#requests.propose('empty', options);
  }

  /**
   * Resolves with what becomes of a block: `certified` when this replica holds a quorum certificate for it, `superseded`
   * when it goes on to a later view without one. A superseded block may still be committed, where its certificate was late.
   * With the manual pacemaker only. The seed's `wait_for_new_qc`; an aborted `signal` is its `cancel_wait_for_new_qc`.
   * @throws OperationalError `UNKNOWN_BLOCK` for one that is neither held, nor among the last thousand that were proposed
   * or asked after here; and as {@link propose}.
   */
  waitForQc(hash: BlockHash, options: RequestOptions = {}): Promise<QcOutcome> {
    return this.#requests.waitForQc(hash, options);
  }

  /**
   * Gives up the present tenure by signing a Timeout. The leader's own is a resignation that all join; anyone else's changes
   * the leader once f+1 replicas have signed. From when it resolves this replica proposes nothing more in the tenure.
   * With the manual pacemaker only.
   * @throws as {@link propose}.
   */
  requestViewChange(options: RequestOptions = {}): Promise<void> {
    return this.#requests.requestViewChange(options);
  }

  /**
   * Has the speculative machine asked for proposals whenever this replica leads, as it is from the start. A machine that
   * had nothing to propose is asked again at once.
   * @throws ConfigurationError where the machine is not speculative.
   */
  startProposals(): void {
    this.#wantProposals(true);
  }

  /**
   * Has the speculative machine asked for no more proposals. Those that it has built go into blocks still, in order; after
   * them this replica's blocks are empty. `proposalBuffer` and its event tell when the last one is out.
   * @throws ConfigurationError where the machine is not speculative.
   */
  stopProposals(): void {
    this.#wantProposals(false);
  }

  /**
   * Stops in order: clients, proposing, what is committed is executed, the exact safety record, the disk, the wire.
   * A leader resigns. A second call waits for the first. @throws the failure, when the replica had failed.
   */
  stop(): Promise<void> {
    if (this.#failure === null) this.#system?.post('replica', { type: 'stopRequested' });
    this.#submissions.refuse(new OperationalError('REPLICA_STOPPED', 'the replica is stopping'));
    return this.#stopped.promise;
  }

  /** What `await using` calls at the end of its block: {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Starts the composed actors; resolves when the replica listens. An aborted `signal` stops it in order before that.
   * For createReplica.
   * @throws the failure, or the reason of `signal`; ports and store are closed by then.
   */
  async run(system: ActorSystem<ReplicaRoles, HeavyTasks>, signal?: AbortSignal): Promise<void> {
    this.#system = system;
    system.start();
    system.post('replica', { type: 'startRequested' });
    const ended = signal === undefined ? null : onAbort(signal, () => void this.stop());
    try {
      await this.#ready.promise;
    } finally {
      ended?.();
    }
    if (!signal?.aborted) return;
    await this.stop();
    signal.throwIfAborted();
  }

  /** The port through which the replica actor reports. For createReplica. */
  readonly port: PortFactory<ReplicaEffect, ReplicaMessage> = () => ({
    perform: (report) => this.#report(report),
    close: async () => {},
  });

  /** An actor threw, which is a bug, ours or in an actor of the application's own; or its thread has died. For createReplica. */
  actorFailed({ role, error, messageType, lastMessages }: ActorFailure): void {
    if (error instanceof OperationalError && error.code === 'THREAD_DIED') return this.#fail(error);
    const what = `${messageType}: ${sentenceOf(error)}; last messages: ${lastMessages.join('; ')}`;
    if (this.#ownActors.has(role) && !(error instanceof InvariantViolation)) {
      return this.#fail(new OperationalError('APPLICATION_THREW', `actors.${role} threw on ${what}`, { role }, error));
    }
    const failure = new InvariantViolation(`${role} threw on ${what}`);
    failure.cause = error;
    this.#fail(failure);
  }

  #report(report: ReplicaEffect): void {
    switch (report.type) {
      case 'reportPhase':
        return this.#enter(report.phase);
      case 'reportRecovered':
        this.#committedHeight = report.committedHeight;
        return;
      case 'reportListening':
        this.#ports = { peerPort: report.peerPort, clientPort: report.clientPort };
        return this.#ready.resolve();
      case 'reportView':
        this.#view = { view: report.view, leader: report.leader };
        return this.#listeners.tell('view', this.#view);
      case 'reportCommitted':
        return this.#committed(report.blocks);
      case 'reportAnswer':
        return this.#requests.answered(report.request, report.answer);
      case 'reportSubmissions':
        return this.#submissions.answered(report.answers);
      case 'reportProposalBuffer':
        this.#proposalBuffer = report.buffer;
        return this.#listeners.tell('proposalBuffer', report.buffer);
      case 'reportFailure':
        return this.#fail(new OperationalError(report.code, report.detail));
      case 'reportStopped':
        return this.#end();
    }
  }

  #wantProposals(wanted: boolean): void {
    if (this.#proposalBuffer === null) {
      const message = 'this replica has a machine that takes commands; only a speculative one is asked for proposals';
      throw new ConfigurationError('NOT_SPECULATIVE', message, {});
    }
    if (this.#failure === null) this.#system?.post('proposalGenerator', { type: 'proposalsWanted', wanted });
  }

  #enter(phase: string): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#listeners.tell('phase', phase);
  }

  #committed(blocks: readonly Block[]): void {
    for (const block of blocks) {
      if (this.#failure !== null) return;
      this.#committedHeight = block.header.height;
      this.#lastProposer = block.header.proposer;
      this.#listeners.tell('committed', { height: block.header.height, block });
    }
  }

  #fail(failure: Error): void {
    if (this.#failure !== null || this.#isClosed) return;
    this.#failure = failure;
    this.#requests.end(failure);
    this.#submissions.end(failure);
    this.#enter('failed');
    this.#close().then(
      () => this.#tellFailure(failure),
      (error: unknown) => {
        this.#log.warn('closeFailed', { error: stackOf(error) });
        this.#tellFailure(failure);
      },
    );
  }

  #end(): void {
    const stopped = new OperationalError('REPLICA_STOPPED', 'the replica has stopped');
    this.#requests.end(stopped);
    this.#submissions.end(stopped);
    this.#close().then(
      () => this.#tellStopped(),
      (error: Error) => this.#fail(new OperationalError('CLOSE_FAILED', error.message, {}, error)),
    );
  }

  #tellFailure(failure: Error): void {
    this.#isClosed = true;
    this.#ready.reject(failure);
    this.#stopped.reject(failure);
    this.#listeners.tell('failed', failure);
  }

  #tellStopped(): void {
    if (this.#failure !== null) return;
    this.#isClosed = true;
    this.#ready.resolve();
    this.#stopped.resolve();
    this.#listeners.tell('stopped', undefined);
  }

  async #close(): Promise<void> {
    try {
      await this.#system?.stop();
    } finally {
      await this.#pool?.close();
    }
  }

  #listenerThrew(event: keyof ReplicaEvents, error: unknown): void {
    this.#log.warn('listenerThrew', { listenedTo: event, error: stackOf(error) });
    const detail = `a listener of '${event}' threw: ${sentenceOf(error)}`;
    this.#fail(new OperationalError('APPLICATION_THREW', detail, { event }, error));
  }
}
