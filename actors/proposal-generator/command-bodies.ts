import type { Logger } from '../../src/logger.js';
import type { BlockHash, ClientId, Height, ReplicaId, Sequence, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { encodeBody } from '../../src/wire/command-batch.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { ProposalGeneratorEffect } from '../roles.js';
import { RefusalGroups, RepeatedGroups } from './block-result.js';
import type {
  BodyMaker,
  CommandCounters,
  CommandIntake,
  MadeBody,
  NewLeader,
  Supply,
  WaitingWork,
} from './body-maker.js';
import { CommandPool } from './command-pool.js';
import { ForwardPace } from './forward-pace.js';
import { Forwarder } from './forwarder.js';
import { Intake } from './intake.js';
import type { ClientCommands, ClientRefusal, ExecutedBlock, RepeatedReplies } from './messages.js';
import type { ProposalGeneratorOptions } from './options.js';
import type { Session, SessionCopy } from './session.js';
import { refusalOf, SessionTable, sessionBounds } from './session-table.js';
import type { CommittedAs } from './speculation.js';
import { UncommittedBodies } from './uncommitted-bodies.js';

const FORWARD_TIMER = 'forward';

/** Every block, to a machine that runs commands: it does nothing before they are committed, and so never diverges. */
const EXECUTED_ONCE_COMMITTED: CommittedAs = { own: null, diverged: false };

/** What the commands have need of beside their options. */
export interface CommandBodiesContext {
  readonly emit: (effect: ProposalGeneratorEffect) => void;
  readonly isValid: (command: Uint8Array) => boolean;
  /** The time of this turn. */
  readonly now: () => number;
}

/**
 * Bodies out of commands: takes them from clients and peers, keeps them until they are executed, hands them to the
 * leader where another replica leads, and answers the clients.
 */
export class CommandBodies implements BodyMaker, CommandIntake {
  readonly #batch: ProposalGeneratorOptions['batch'];
  readonly #log: Logger;
  readonly #emit: CommandBodiesContext['emit'];
  readonly #now: CommandBodiesContext['now'];
  readonly #pool: CommandPool;
  readonly #bodies: UncommittedBodies;
  readonly #forwarder: Forwarder;
  readonly #id: ReplicaId;
  /** No command here is past by it: what a leader drops without a word, this replica has let go of, or soon will. */
  readonly #executed: SessionTable;
  readonly #intake: Intake;
  readonly #pace: ForwardPace;
  readonly #crowdedPeers = new Set<ReplicaId>();
  readonly #counters = { executed: 0, refused: 0, turnedAway: 0 };
  /** Whom commands are forwarded to; null while this replica leads, or nobody is known to. */
  #leader: ReplicaId | null = null;
  #forwardDue = false;

  constructor({ id, replicas, limits, batch, log }: ProposalGeneratorOptions, context: CommandBodiesContext) {
    const peerSpace = { commands: limits.peerPoolCommands, bytes: limits.peerPoolBytes };
    const ownSpace = { commands: limits.poolCommands, bytes: limits.poolBytes };
    const sent = {
      commands: Math.floor(peerSpace.commands * limits.forwardedShare),
      bytes: Math.floor(peerSpace.bytes * limits.forwardedShare),
    };
    this.#id = id;
    this.#batch = batch;
    this.#log = log;
    this.#emit = context.emit;
    this.#now = context.now;
    this.#pool = new CommandPool({ own: id, replicas, ownSpace, ownClients: limits.poolClients, peerSpace });
    this.#bodies = new UncommittedBodies(id, this.#pool);
    this.#forwarder = new Forwarder({
      space: sent,
      message: { commands: limits.bodyCommands, bytes: limits.forwardBytes },
      againMs: limits.forwardAgainMs,
    });
    this.#pace = new ForwardPace({ window: limits.forwardWindow, windowMs: limits.peerCreditWindowMs });
    this.#executed = new SessionTable(sessionBounds(limits));
    const rules = { commandBytes: limits.commandBytes, isValid: context.isValid };
    this.#intake = new Intake({ id, pool: this.#pool, executed: this.#executed, rules });
  }

  counters(): CommandCounters {
    const [oldest] = this.#pool.accepted;
    const named = oldest === undefined ? null : { client: oldest.client, sequence: oldest.command.sequence };
    return { ...this.#counters, oldest: named, waiting: this.#pool.waiting };
  }

  // ── commands come ─────────────────────────────────────────────────────────────────────────────────────────────────

  fromClient(received: ClientCommands, now: number): void {
    const { taken, repeated, refused } = this.#intake.fromClient(received, now);
    this.#answer(repeated, true);
    this.#refuse(refused);
    if (this.#leader === null) return;
    for (const pending of taken) this.#forwarder.offer(pending, now);
    this.#scheduleForward();
  }

  /** Knows from now on what ran in earlier lives; clients that have asked meanwhile after some of that are answered. */
  recovered(sessions: readonly SessionCopy[]): void {
    this.#executed.takeOver(sessions);
    const repeated = new RepeatedGroups();
    const refused = new RefusalGroups();
    for (const pending of [...this.#pool.all()]) {
      const { client, source, command } = pending;
      const past = this.#executed.recall(client, command.sequence);
      if (past === null) continue;
      this.#letGo(client, command.sequence);
      if (source !== this.#id) continue;
      if (past.outcome instanceof Uint8Array)
        repeated.add(client, { sequence: command.sequence, height: past.height, reply: past.outcome });
      else refused.add(client, command.sequence, refusalOf(past));
    }
    this.#answer(repeated.build(), true);
    this.#refuse(refused.build());
  }

  refuseAll({ client, commands }: CommandBatch): void {
    this.#refuse([{ client, sequences: commands.map(({ sequence }) => sequence), reason: 'stopping' }]);
  }

  fromPeer(peer: ReplicaId, batches: readonly CommandBatch[], now: number): void {
    const turnedAway = this.#intake.fromPeer(peer, batches, now);
    this.#counters.turnedAway += turnedAway;
    if (turnedAway === 0 || this.#crowdedPeers.has(peer)) return;
    this.#crowdedPeers.add(peer);
    this.#log.warn('forwardedCommandsTurnedAway', { peer, commands: turnedAway });
  }

  /**
   * Has this turn's commands forwarded after the messages that wait already, which may bring more of them, or when the
   * pace allows more.
   */
  #scheduleForward(): void {
    if (this.#forwardDue || this.#leader === null || !this.#forwarder.isDue) return;
    this.#forwardDue = true;
    const message = { type: 'forwardDue' } as const;
    const delayMs = this.#pace.delayMs(this.#now());
    if (delayMs === 0) this.#emit({ type: 'send', to: 'proposalGenerator', message });
    else this.#emit({ type: 'startTimer', timer: FORWARD_TIMER, delayMs, message });
  }

  forward(): void {
    this.#forwardDue = false;
    const to = this.#leader;
    if (to === null) return;
    const now = this.#now();
    while (this.#pace.delayMs(now) === 0) {
      const next = this.#forwarder.nextMessage(now, this.#pace.left);
      // The next command may have to wait for room, and is looked at again when there is some.
      if (next === null) return;
      this.#pace.sent(next);
      const message = { type: 'sendTo', to, message: { type: 'commands', batches: next.batches } } as const;
      this.#emit({ type: 'send', to: 'network', message });
    }
    this.#scheduleForward();
  }

  /** Sends the leader all commands again: what was on the way to it when the last connection ended is lost. */
  peerConnected(peer: ReplicaId): void {
    if (peer !== this.#leader) return;
    this.#forwarder.retarget(this.#pool.accepted);
    this.#scheduleForward();
  }

  // ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get awaits(): 'nothing' | 'company' {
    return this.#bodies.inFlight ? 'company' : 'nothing';
  }

  get supply(): Supply {
    if (this.#pool.fills(this.#batch)) return 'aBody';
    return this.#pool.waiting > 0 || this.#bodies.isOwnPending ? 'some' : 'nothing';
  }

  get work(): WaitingWork {
    // Who leads has nobody to wait for: where it gets nothing committed, the view timer ends its tenure.
    const oldestSince = this.#leader === null ? null : this.#pool.accepted.waitsSince(this.#now());
    return { waiting: this.#pool.waiting > 0, oldestSince };
  }

  leaderChanged({ leader }: NewLeader): void {
    this.#bodies.dropOwn();
    this.#leader = leader;
    this.#pool.accepted.newLeader(this.#now());
    this.#forwarder.retarget(leader === null ? [] : this.#pool.accepted);
    this.#scheduleForward();
  }

  standOn({ uncommitted }: { readonly uncommitted: readonly BlockHash[] }): void {
    this.#bodies.standOn(uncommitted);
  }

  make({ view, parent }: { readonly view: View; readonly parent: BlockHash }): MadeBody {
    const batches = this.#pool.take(this.#batch);
    this.#bodies.built({ view, parent, batches });
    return { body: encodeBody(batches) };
  }

  blockAdded(block: Block): void {
    this.#bodies.added(block);
  }

  blockCommitted(block: Block): CommittedAs {
    this.#bodies.committed(block);
    return EXECUTED_ONCE_COMMITTED;
  }

  blocksAbandoned(hashes: readonly BlockHash[]): boolean {
    this.#bodies.abandoned(hashes);
    return false;
  }

  // ── commands are done ─────────────────────────────────────────────────────────────────────────────────────────────

  blockExecuted(block: Block, executed: ExecutedBlock): void {
    const tooOld = this.#settle(executed);
    this.#bodies.executed(block.hash);
    if (executed.replies.length > 0) this.#answer([executed], false);
    this.#answer(executed.repeated, true);
    this.#refuse(executed.refused);
    this.#refuse(tooOld);
    this.#scheduleForward();
  }

  /**
   * Lets go of a block's commands, and of those that by them have become too old, and remembers what they came to. Returns
   * which commands of this replica's own clients became too old: no block will name them.
   */
  #settle({ height, replies, repeated, refused }: ExecutedBlock): readonly ClientRefusal[] {
    const tooOld = new RefusalGroups();
    for (const { client, replies: ofClient } of replies) {
      const session = this.#executed.activate(client);
      const isPooled = this.#pool.knows(client);
      this.#counters.executed += ofClient.length;
      for (const { sequence, reply } of ofClient) {
        if (!session.isPast(sequence)) session.record({ sequence, height, outcome: reply });
        if (isPooled) this.#letGo(client, sequence);
      }
      if (isPooled) this.#letGoTooOld(session, tooOld);
    }
    for (const group of repeated) {
      for (const { client, replies: again } of group.replies) {
        for (const { sequence } of again) this.#letGo(client, sequence);
      }
    }
    for (const { client, sequences, reason } of refused) {
      for (const sequence of sequences) {
        if (reason === 'invalid') this.#ranInvalid(client, sequence, { height, tooOld });
        this.#letGo(client, sequence);
      }
    }
    return tooOld.build();
  }

  /** A command that the machine found invalid has run, for its session. */
  #ranInvalid(client: ClientId, sequence: Sequence, at: { height: Height; tooOld: RefusalGroups }): void {
    if (this.#executed.recall(client, sequence) !== null) return;
    const session = this.#executed.activate(client);
    session.record({ sequence, height: at.height, outcome: 'invalid' });
    this.#letGoTooOld(session, at.tooOld);
  }

  #letGoTooOld({ client, tooOldUpTo }: Session, refused: RefusalGroups): void {
    for (const pending of this.#pool.tooOld(client, tooOldUpTo)) {
      this.#forwarder.settled(pending);
      if (pending.source === this.#id) refused.add(client, pending.command.sequence, 'sequenceTooOld');
    }
  }

  #letGo(client: ClientId, sequence: Sequence): void {
    const pending = this.#pool.executed(client, sequence);
    if (pending !== undefined) this.#forwarder.settled(pending);
  }

  #answer(groups: readonly RepeatedReplies[], again: boolean): void {
    for (const { height, replies } of groups) {
      this.#emit({ type: 'send', to: 'gateway', message: { type: 'commandsExecuted', height, replies, again } });
    }
  }

  #refuse(refusals: readonly ClientRefusal[]): void {
    for (const refusal of refusals) {
      this.#counters.refused += refusal.sequences.length;
      this.#emit({ type: 'send', to: 'gateway', message: { type: 'commandsRefused', ...refusal } });
    }
  }
}
