import { type ActionOf, type ChartOf, compile, type StateOf } from '../../machines/compile.js';
import { type ProposalGeneratorEvent, proposalGeneratorMachine } from '../../machines/proposal-generator.machine.js';
import { invariant } from '../../src/errors.js';
import type { ClientId, ReplicaId, Sequence } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import { encodeBody } from '../../src/wire/command-batch.js';
import type { ProposalGeneratorEffect } from '../roles.js';
import { CommandPool } from './command-pool.js';
import { ExecutionQueue } from './execution-queue.js';
import { Forwarder } from './forwarder.js';
import { Intake } from './intake.js';
import type { ClientRefusal, ExecutedBlock, ProposalGeneratorMessage, RepeatedReplies } from './messages.js';
import { checkOptions, type ProposalGeneratorOptions } from './options.js';
import { SessionTable } from './session-table.js';
import { UncommittedBodies } from './uncommitted-bodies.js';

type MessageOf<Type extends ProposalGeneratorMessage['type']> = Extract<ProposalGeneratorMessage, { type: Type }>;
type PoolLevel = 'poolDrained' | 'poolFilling' | 'poolFull';

const compiled = compile(proposalGeneratorMachine);
const BATCH_TIMER = 'batch';
const STOPPED = { type: 'partStopped', role: 'proposalGenerator' } as const;
/** How much of what a leader keeps for a peer is sent to it at once: it may execute later than we do. */
const FORWARDED_SHARE = 0.5;

/** Numbers that only grow. */
export interface ProposalGeneratorCounters {
  /** Commands of clients that were refused, for whatever reason. */
  readonly refused: number;
  /** Forwarded commands for which their peer's space had no room. */
  readonly turnedAway: number;
}

/**
 * Makes the actor that owns the state machine: it keeps pending commands, fills bodies for consensus while this replica
 * leads, forwards to the leader while another does, and has committed blocks executed in order.
 * `chart` is for tests of the chart.
 * @throws ConfigurationError for bounds that could not hold one command.
 */
export function createProposalGenerator(
  options: ProposalGeneratorOptions,
  chart: ChartOf<typeof proposalGeneratorMachine> = compiled,
): ProposalGenerator {
  checkOptions(options);
  return new ProposalGenerator(options, chart);
}

/** See {@link createProposalGenerator}. */
export class ProposalGenerator implements Behaviour<ProposalGeneratorMessage, ProposalGeneratorEffect> {
  readonly #options: ProposalGeneratorOptions;
  readonly #chart: ChartOf<typeof proposalGeneratorMachine>;
  readonly #pool: CommandPool;
  readonly #bodies: UncommittedBodies;
  readonly #forwarder: Forwarder;
  readonly #executed: SessionTable;
  readonly #intake: Intake;
  readonly #machine = new ExecutionQueue();
  readonly #crowdedPeers = new Set<ReplicaId>();
  readonly #counters = { refused: 0, turnedAway: 0 };
  #effects: ProposalGeneratorEffect[] = [];
  #phase: StateOf<typeof proposalGeneratorMachine> = compiled.initial;
  #level: PoolLevel = 'poolDrained';
  #leader: ReplicaId | null = null;
  #forwardDue = false;
  /** The question that waits for company. */
  #held: MessageOf<'bodyWanted'> | null = null;
  #reported: { readonly waiting: boolean; readonly oldestSince: number | null } = { waiting: false, oldestSince: null };

  constructor(options: ProposalGeneratorOptions, chart: ChartOf<typeof proposalGeneratorMachine>) {
    const { id, replicas, limits } = options;
    const peerSpace = { commands: limits.peerPoolCommands, bytes: limits.peerPoolBytes };
    const ownSpace = { commands: limits.poolCommands, bytes: limits.poolBytes };
    const sent = {
      commands: Math.floor(peerSpace.commands * FORWARDED_SHARE),
      bytes: Math.floor(peerSpace.bytes * FORWARDED_SHARE),
    };
    this.#options = options;
    this.#chart = chart;
    this.#pool = new CommandPool({ own: id, replicas, ownSpace, peerSpace });
    this.#bodies = new UncommittedBodies(id, this.#pool);
    this.#forwarder = new Forwarder({
      space: sent,
      message: { commands: limits.bodyCommands, bytes: limits.forwardBytes },
    });
    this.#executed = new SessionTable({ clients: limits.sessions, replyBytes: limits.sessionReplyBytes });
    const rules = { commandBytes: limits.commandBytes, isValid: (command: Uint8Array) => this.#isValid(command) };
    this.#intake = new Intake({ id, pool: this.#pool, executed: this.#executed, rules });
  }

  counters(): ProposalGeneratorCounters {
    return { ...this.#counters };
  }

  receive(message: ProposalGeneratorMessage, turn: Turn): readonly ProposalGeneratorEffect[] {
    this.#effects = [];
    this.#handle(message, turn.now);
    this.#settleLevel();
    this.#callMachine();
    this.#reportWork();
    if (this.#phase === 'stopping' && this.#machine.isIdle) this.#step({ type: 'executionFinished' });
    return this.#effects;
  }

  #handle(message: ProposalGeneratorMessage, now: number): void {
    switch (message.type) {
      case 'logRecovered':
        this.#machine.recovered(message.committedHeight);
        this.#effects.push({ type: 'initializeMachine', committedHeight: message.committedHeight });
        return;
      case 'commandsReceived':
        return this.#commandsReceived(message, now);
      case 'commandsForwarded':
        return this.#commandsForwarded(message, now);
      case 'forwardDue':
        return this.#forward();
      case 'leaderChanged':
        return this.#leaderChanged(message);
      case 'bodyWanted':
        return this.#bodyWanted(message);
      case 'batchTimerExpired':
        return this.#answerHeldBody();
      case 'blockAdded':
        return this.#bodies.added(message.block);
      case 'blocksCommitted':
        return this.#blocksCommitted(message.blocks);
      case 'blocksAbandoned':
        return this.#bodies.abandoned(message.hashes);
      case 'stateHashWanted':
        return this.#machine.hash(message.token);
      case 'machineInitialized':
        return this.#machineInitialized(message);
      case 'blockExecuted':
        return this.#blockExecuted(message);
      case 'stateHashed':
        this.#machine.answered('hashState');
        this.#effects.push({ type: 'send', to: 'gateway', message });
        return;
      case 'machineThrew':
        return this.#applicationThrew(message.call, message.error);
      case 'logFailed':
        return this.#fail(message.code, message.detail);
      case 'stopRequested':
        return this.#step({ type: 'stopRequested' });
    }
  }

  #step(event: ProposalGeneratorEvent): void {
    const step = this.#chart.step(this.#phase, event);
    if (step === null) return;
    this.#phase = step.state;
    for (const action of step.actions) this.#act(action);
  }

  #act(action: ActionOf<typeof proposalGeneratorMachine>): void {
    if (action === 'answerHeldBody') this.#answerHeldBody();
    else this.#effects.push({ type: 'send', to: 'replica', message: STOPPED });
  }

  // ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #commandsReceived({ batch }: MessageOf<'commandsReceived'>, now: number): void {
    if (this.#isEnding) {
      const sequences = batch.commands.map(({ sequence }) => sequence);
      return this.#refuse([{ client: batch.client, sequences, reason: 'stopping' }]);
    }
    const { taken, repeated, refused } = this.#intake.fromClient(batch, now);
    this.#answer(repeated);
    this.#refuse(refused);
    if (this.#leads) return;
    for (const pending of taken) this.#forwarder.offer(pending);
    this.#scheduleForward();
  }

  #commandsForwarded({ from, batches }: MessageOf<'commandsForwarded'>, now: number): void {
    if (this.#isEnding) return;
    const turnedAway = this.#intake.fromPeer(from, batches, now);
    this.#counters.turnedAway += turnedAway;
    if (turnedAway === 0 || this.#crowdedPeers.has(from)) return;
    this.#crowdedPeers.add(from);
    this.#options.log.warn('forwardedCommandsTurnedAway', { peer: from, commands: turnedAway });
  }

  #isValid(command: Uint8Array): boolean {
    try {
      return this.#options.validate?.(command) !== false;
    } catch (error) {
      this.#applicationThrew('validate', String(error));
      return false;
    }
  }

  /** Has this turn's commands forwarded after the messages that wait already, which may bring more of them. */
  #scheduleForward(): void {
    if (this.#forwardDue || this.#leads || this.#leader === null || !this.#forwarder.isDue) return;
    this.#forwardDue = true;
    this.#effects.push({ type: 'send', to: 'proposalGenerator', message: { type: 'forwardDue' } });
  }

  #forward(): void {
    this.#forwardDue = false;
    const to = this.#leader;
    if (this.#leads || to === null) return;
    for (let batches = this.#forwarder.nextMessage(); batches !== null; batches = this.#forwarder.nextMessage()) {
      const message = { type: 'sendTo', to, message: { type: 'commands', batches } } as const;
      this.#effects.push({ type: 'send', to: 'network', message });
    }
  }

  // ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #leaderChanged({ leader, leading }: MessageOf<'leaderChanged'>): void {
    this.#dropHeld();
    this.#bodies.dropOwn();
    this.#leader = leader;
    this.#forwarder.retarget(leading ? [] : this.#pool.accepted);
    this.#level = 'poolDrained';
    this.#step({ type: leading ? 'leadershipGained' : 'leadershipLost' });
    this.#scheduleForward();
  }

  #bodyWanted(message: MessageOf<'bodyWanted'>): void {
    this.#dropHeld();
    this.#bodies.standOn(message.uncommitted);
    this.#settleLevel();
    this.#held = message;
    const { ms } = this.#options.batch;
    if (ms === 0 || this.#phase !== 'proposing.filling' || !this.#bodies.inFlight) return this.#answerHeldBody();
    const timer = { type: 'batchTimerExpired' } as const;
    this.#effects.push({ type: 'startTimer', timer: BATCH_TIMER, delayMs: ms, message: timer });
  }

  #answerHeldBody(): void {
    const wanted = this.#held;
    if (wanted === null) return;
    this.#dropHeld();
    const batches = this.#isEnding ? [] : this.#pool.take(this.#options.batch);
    const { view, parent } = wanted;
    this.#bodies.built({ view, parent, batches });
    const message = { type: 'bodyReady', view, parent, body: encodeBody(batches) } as const;
    this.#effects.push({ type: 'send', to: 'consensus', message });
  }

  #dropHeld(): void {
    if (this.#held !== null && this.#options.batch.ms > 0)
      this.#effects.push({ type: 'cancelTimer', timer: BATCH_TIMER });
    this.#held = null;
  }

  /** Tells the chart how much waits, until what it does about that changes nothing more. */
  #settleLevel(): void {
    if (!this.#leads) return;
    if (this.#held !== null && !this.#bodies.inFlight) this.#answerHeldBody();
    for (let level = this.#levelNow(); level !== this.#level; level = this.#levelNow()) {
      this.#level = level;
      this.#step({ type: level });
    }
  }

  #levelNow(): PoolLevel {
    if (this.#pool.fills(this.#options.batch)) return 'poolFull';
    return this.#pool.waiting > 0 || this.#bodies.isOwnPending ? 'poolFilling' : 'poolDrained';
  }

  #reportWork(): void {
    const waiting = this.#leads ? this.#phase !== 'proposing.drained' : this.#pool.waiting > 0;
    const { oldestSince } = this.#pool;
    if (waiting === this.#reported.waiting && oldestSince === this.#reported.oldestSince) return;
    this.#reported = { waiting, oldestSince };
    this.#effects.push({ type: 'send', to: 'pacemaker', message: { type: 'workChanged', waiting, oldestSince } });
  }

  // ── the machine ───────────────────────────────────────────────────────────────────────────────────────────────────

  #machineInitialized({ height }: MessageOf<'machineInitialized'>): void {
    this.#machine.ready();
    this.#step({ type: 'machineInitialized' });
    if (this.#phase !== 'validating') return;
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'machineReady' } });
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'machineReady', height } });
  }

  #blocksCommitted(blocks: readonly Block[]): void {
    if (this.#isOver) return;
    for (const block of blocks) {
      this.#machine.execute(block);
      this.#bodies.committed(block);
    }
  }

  #callMachine(): void {
    if (this.#isOver) return;
    const call = this.#machine.next();
    if (call !== null) this.#effects.push(call);
  }

  #blockExecuted(executed: ExecutedBlock): void {
    const { block } = this.#machine.answered('executeBlock');
    invariant(block.header.height === executed.height, 'the machine answers for the block that it was given');
    this.#settle(executed);
    this.#bodies.executed(block.hash);
    if (executed.replies.length > 0) this.#answer([executed]);
    this.#answer(executed.repeated);
    this.#refuse(executed.refused);
    this.#scheduleForward();
  }

  /** Lets go of a block's commands and remembers what they came to. */
  #settle({ height, replies, repeated, refused }: ExecutedBlock): void {
    for (const { client, replies: ofClient } of replies) {
      const session = this.#executed.activate(client);
      const isPooled = this.#pool.knows(client);
      for (const { sequence, reply } of ofClient) {
        if (!session.isPast(sequence)) session.record({ sequence, height, outcome: reply });
        if (isPooled) this.#letGo(client, sequence);
      }
    }
    for (const group of repeated) {
      for (const { client, replies: again } of group.replies) {
        for (const { sequence } of again) this.#letGo(client, sequence);
      }
    }
    for (const { client, sequences } of refused) for (const sequence of sequences) this.#letGo(client, sequence);
  }

  #letGo(client: ClientId, sequence: Sequence): void {
    const pending = this.#pool.executed(client, sequence);
    if (pending !== undefined) this.#forwarder.settled(pending);
  }

  #answer(groups: readonly RepeatedReplies[]): void {
    for (const { height, replies } of groups) {
      this.#effects.push({ type: 'send', to: 'gateway', message: { type: 'commandsExecuted', height, replies } });
    }
  }

  #refuse(refusals: readonly ClientRefusal[]): void {
    for (const refusal of refusals) {
      this.#counters.refused += refusal.sequences.length;
      this.#effects.push({ type: 'send', to: 'gateway', message: { type: 'commandsRefused', ...refusal } });
    }
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

  get #leads(): boolean {
    return this.#chart.matches(this.#phase, 'proposing');
  }

  get #isEnding(): boolean {
    return this.#phase === 'stopping' || this.#isOver;
  }

  /** The machine is not called any more. */
  get #isOver(): boolean {
    return this.#phase === 'stopped' || this.#phase === 'failed';
  }

  #applicationThrew(call: string, error: string): void {
    const running = this.#machine.running;
    const at = running?.type === 'executeBlock' ? ` at height ${running.block.header.height}` : '';
    this.#fail('APPLICATION_THREW', `the state machine threw in ${call}${at}: ${error}`);
  }

  #fail(code: string, detail: string): void {
    if (this.#isOver) return;
    this.#step({ type: 'machineFailed' });
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'operationFailed', code, detail } });
  }
}
