import { type ActionOf, type ChartOf, compile, type StateOf } from '../../machines/compile.js';
import { type ProposalGeneratorEvent, proposalGeneratorMachine } from '../../machines/proposal-generator.machine.js';
import { sentenceOf } from '../../src/errors.js';
import type { Block } from '../../src/protocol/types.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import type { ProposalGeneratorEffect } from '../roles.js';
import { mayRun } from './application-fault.js';
import type { BodyMaker, CommandCounters, CommandIntake, MadeBody, Supply, WaitingWork } from './body-maker.js';
import { CommandBodies } from './command-bodies.js';
import { ExecutionQueue } from './execution-queue.js';
import type { ExecutedBlock, ProposalBuffer, ProposalGeneratorMessage } from './messages.js';
import { checkGeneratorOptions, type ProposalGeneratorOptions } from './options.js';
import { RefusedCommands } from './refused-commands.js';
import { SpeculativeBodies } from './speculative-bodies.js';
import { StoppingCall } from './stopping-call.js';

type MessageOf<Type extends ProposalGeneratorMessage['type']> = Extract<ProposalGeneratorMessage, { type: Type }>;

const compiled = compile(proposalGeneratorMachine);
const BATCH_TIMER = 'batch';
const STOPPED = { type: 'partStopped', role: 'proposalGenerator' } as const;
const NO_BODY: MadeBody = { body: new Uint8Array(0) };
/** What the chart is told of the supply for the next body: commands, or proposals of a speculative machine. */
const POOL_EVENTS = { nothing: 'poolDrained', some: 'poolFilling', aBody: 'poolFull' } as const;

/** What the proposal generator counts, for metrics and tests. */
export interface ProposalGeneratorCounters extends CommandCounters {
  /** Committed blocks that the machine has not executed, and the bytes of their bodies, at this moment. */
  readonly backlogBlocks: number;
  readonly backlogBytes: number;
}

/**
 * Makes the actor that owns the state machine: it keeps pending commands, or what a speculative machine proposes; fills
 * bodies for consensus while this replica leads, forwards to the leader while another does, and has committed blocks
 * executed in order. `chart` is for tests of the chart.
 * @throws ConfigurationError for bounds that could not hold one command, and for a proposal buffer that cannot be.
 */
export function createProposalGenerator(
  options: ProposalGeneratorOptions,
  chart: ChartOf<typeof proposalGeneratorMachine> = compiled,
): ProposalGenerator {
  checkGeneratorOptions(options);
  return new ProposalGenerator(options, chart);
}

/**
 * See {@link createProposalGenerator}. Here are the phases: when consensus gets its body, and what the machine is to do
 * next. What the bodies hold is the body maker's.
 */
export class ProposalGenerator implements Behaviour<ProposalGeneratorMessage, ProposalGeneratorEffect> {
  readonly #options: ProposalGeneratorOptions;
  readonly #chart: ChartOf<typeof proposalGeneratorMachine>;
  readonly #commands: CommandIntake;
  readonly #bodies: BodyMaker;
  /** The body maker of a speculative machine; null for one that takes commands. */
  readonly #speculative: SpeculativeBodies | null;
  readonly #machine: ExecutionQueue;
  readonly #stoppingCall: StoppingCall;
  #effects: ProposalGeneratorEffect[] = [];
  #now = 0;
  #phase: StateOf<typeof proposalGeneratorMachine> = compiled.initial;
  #supply: Supply = 'nothing';
  /** The question that waits for company. */
  #held: MessageOf<'bodyWanted'> | null = null;
  #reportedBehind = false;
  #reported: WaitingWork = { waiting: false, oldestSince: null };
  #reportedBuffer: ProposalBuffer | null = null;

  constructor(options: ProposalGeneratorOptions, chart: ChartOf<typeof proposalGeneratorMachine>) {
    this.#options = options;
    this.#chart = chart;
    this.#stoppingCall = new StoppingCall(options.limits.stoppingCallMs);
    this.#machine = new ExecutionQueue({
      blocks: options.limits.executionBacklogBlocks,
      bytes: options.limits.executionBacklogBytes,
    });
    const emit = (effect: ProposalGeneratorEffect) => void this.#effects.push(effect);
    const { id, speculation } = options;
    if (speculation === undefined) {
      const commands = new CommandBodies(options, {
        emit,
        isValid: (command) => this.#isValid(command),
        now: () => this.#now,
      });
      this.#commands = commands;
      this.#bodies = commands;
      this.#speculative = null;
    } else {
      this.#commands = new RefusedCommands(emit);
      this.#speculative = new SpeculativeBodies({ ...speculation, id });
      this.#bodies = this.#speculative;
    }
  }

  counters(): ProposalGeneratorCounters {
    const { blocks: backlogBlocks, bytes: backlogBytes } = this.#machine.backlog;
    return { ...this.#commands.counters(), backlogBlocks, backlogBytes };
  }

  receive(message: ProposalGeneratorMessage, turn: Turn): readonly ProposalGeneratorEffect[] {
    this.#effects = [];
    this.#now = turn.now;
    this.#handle(message, turn.now);
    this.#settleSupply();
    this.#callMachine();
    this.#reportWork();
    this.#reportBacklog();
    this.#reportBuffer();
    this.#stopOnceIdle();
    return this.#effects;
  }

  #handle(message: ProposalGeneratorMessage, now: number): void {
    switch (message.type) {
      case 'logRecovered':
        this.#machine.recovered(message.committedHeight);
        this.#effects.push({ type: 'initializeMachine', committedHeight: message.committedHeight });
        return;
      case 'commandsReceived':
        return this.#isEnding ? this.#commands.refuseAll(message.batch) : this.#commands.fromClient(message, now);
      case 'commandsForwarded':
        return this.#isEnding ? undefined : this.#commands.fromPeer(message.from, message.batches, now);
      case 'forwardDue':
        return this.#commands.forward();
      case 'peerConnected':
        return this.#commands.peerConnected(message.peer);
      case 'leaderChanged':
        return this.#leaderChanged(message);
      case 'bodyWanted':
        return this.#bodyWanted(message);
      case 'batchTimerExpired':
        return this.#answerHeldBody();
      case 'blockAdded':
        return this.#bodies.blockAdded(message.block);
      case 'blocksCommitted':
        return this.#blocksCommitted(message.blocks);
      case 'blocksAbandoned':
        if (this.#bodies.blocksAbandoned(message.hashes)) this.#diverged();
        return;
      case 'proposalsWanted':
        return this.#speculative?.proposalsWanted(message.wanted);
      case 'stateHashWanted':
        return this.#machine.hash(message.token);
      case 'machineInitialized':
        return this.#machineInitialized(message);
      case 'blockExecuted':
        return this.#blockExecuted(message);
      case 'proposalBuilt':
        this.#machine.answered('buildProposal');
        return this.#speculative?.built(message.proposal);
      case 'machineRewound':
        this.#machine.answered('rewindMachine');
        return this.#step({ type: 'machineRewound' });
      case 'stateHashing':
        this.#machine.answered('hashState');
        return this.#machine.hash(message.token);
      case 'stateHashed':
        this.#machine.answered('hashState');
        this.#effects.push({ type: 'send', to: 'gateway', message });
        return;
      case 'machineOverdue':
        return this.#machineOverdue();
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
    else if (action === 'rewindMachine') this.#machine.rewind();
    else this.#effects.push({ type: 'send', to: 'replica', message: STOPPED });
  }

  #isValid(command: Uint8Array): boolean {
    try {
      return mayRun(this.#options, command);
    } catch (error) {
      this.#applicationThrew('validate', sentenceOf(error));
      return false;
    }
  }

  // ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #leaderChanged({ leader, leading, view, uncommitted }: MessageOf<'leaderChanged'>): void {
    this.#dropHeld();
    // Who leads on stays in its phase, and must leave it where the new branch leaves it with nothing.
    if (!leading || !this.#leads) this.#supply = 'nothing';
    this.#step({ type: leading ? 'leadershipGained' : 'leadershipLost' });
    this.#bodies.leaderChanged({ leader: leading || this.#leads ? null : leader, view, uncommitted });
  }

  #bodyWanted(message: MessageOf<'bodyWanted'>): void {
    this.#dropHeld();
    this.#bodies.standOn(message);
    this.#settleSupply();
    this.#held = message;
    const { awaits } = this.#bodies;
    if (awaits === 'machine') return;
    const { ms } = this.#options.batch;
    if (ms === 0 || this.#phase !== 'proposing.filling' || awaits === 'nothing') return this.#answerHeldBody();
    const timer = { type: 'batchTimerExpired' } as const;
    this.#effects.push({ type: 'startTimer', timer: BATCH_TIMER, delayMs: ms, message: timer });
  }

  #answerHeldBody(): void {
    const wanted = this.#held;
    if (wanted === null) return;
    this.#dropHeld();
    const { view, parent } = wanted;
    const made = this.#isEnding ? NO_BODY : this.#bodies.make(wanted);
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'bodyReady', view, parent, ...made } });
  }

  #dropHeld(): void {
    if (this.#held !== null && this.#options.batch.ms > 0)
      this.#effects.push({ type: 'cancelTimer', timer: BATCH_TIMER });
    this.#held = null;
  }

  /** Tells the chart how much there is for a body, until what it does about that changes nothing more. */
  #settleSupply(): void {
    if (!this.#leads) return;
    if (this.#held !== null && this.#bodies.awaits === 'nothing') this.#answerHeldBody();
    for (let { supply } = this.#bodies; supply !== this.#supply; supply = this.#bodies.supply) {
      this.#supply = supply;
      this.#step({ type: POOL_EVENTS[supply] });
    }
  }

  #reportWork(): void {
    const { work } = this.#bodies;
    const waiting = this.#leads ? this.#phase !== 'proposing.drained' : work.waiting;
    const { oldestSince } = work;
    if (waiting === this.#reported.waiting && oldestSince === this.#reported.oldestSince) return;
    this.#reported = { waiting, oldestSince };
    this.#effects.push({ type: 'send', to: 'pacemaker', message: { type: 'workChanged', waiting, oldestSince } });
  }

  /** Consensus takes in no further blocks while the machine is too far behind those that are committed. */
  #reportBacklog(): void {
    const behind = this.#machine.isBehind && !this.#isOver;
    if (behind === this.#reportedBehind) return;
    this.#reportedBehind = behind;
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'executionBehind', behind } });
  }

  #reportBuffer(): void {
    const buffer = this.#speculative?.buffer;
    if (buffer === undefined) return;
    const { size, draining } = buffer;
    if (size === this.#reportedBuffer?.size && draining === this.#reportedBuffer.draining) return;
    this.#reportedBuffer = buffer;
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'proposalBufferChanged', buffer } });
  }

  // ── the machine ───────────────────────────────────────────────────────────────────────────────────────────────────

  #machineInitialized({ height, sessions = [] }: MessageOf<'machineInitialized'>): void {
    this.#machine.ready();
    this.#commands.recovered(sessions);
    this.#step({ type: 'machineInitialized' });
    if (this.#phase !== 'validating') return;
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'machineReady' } });
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'machineReady', height } });
  }

  #blocksCommitted(blocks: readonly Block[]): void {
    if (this.#isOver) return;
    for (const block of blocks) {
      const { own, diverged } = this.#bodies.blockCommitted(block);
      if (diverged) this.#diverged();
      if (own === null) this.#machine.execute(block);
      else this.#machine.commitProposal(block, own.id);
    }
  }

  /** The chain has left the machine's own proposals behind: it goes back to the last committed block. */
  #diverged(): void {
    if (this.#isOver) return;
    this.#speculative?.rewound();
    this.#supply = 'nothing';
    this.#step({ type: 'diverged' });
  }

  #callMachine(): void {
    if (this.#isOver) return;
    if (this.#leads && this.#machine.isIdle && this.#speculative?.begin()) this.#machine.propose();
    const call = this.#machine.next();
    if (call !== null) this.#effects.push(call);
  }

  #blockExecuted(executed: ExecutedBlock): void {
    const block = this.#machine.executed(executed.height);
    this.#bodies.blockExecuted(block, executed);
    const { height } = executed;
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'blocksExecuted', height } });
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

  #stopOnceIdle(): void {
    if (this.#phase !== 'stopping') return;
    const effect = this.#stoppingCall.watch(this.#machine.running);
    if (effect !== null) this.#effects.push(effect);
    if (this.#machine.isIdle) this.#step({ type: 'executionFinished' });
  }

  #machineOverdue(): void {
    const problem = this.#stoppingCall.overdue();
    if (problem !== null) this.#fail('MACHINE_OVERDUE', problem);
  }

  #applicationThrew(call: string, error: string): void {
    const height = this.#machine.runningHeight;
    const at = height === null ? '' : ` at height ${height}`;
    this.#fail('APPLICATION_THREW', `the state machine threw in ${call}${at}: ${error}`);
  }

  #fail(code: string, detail: string): void {
    if (this.#isOver) return;
    this.#step({ type: 'machineFailed' });
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'operationFailed', code, detail } });
  }
}
