/** Runs one case to its end, and says what came of it. */
import type { SimulationCase } from '../../src/simulation/case.js';
import { messageCostProblem } from '../../src/simulation/checkers/message-cost.js';
import type { DurableStep } from '../../src/simulation/disk.js';
import { messageText, type SeenEvent } from '../../src/simulation/seen-events.js';
import { TraceHash } from '../../src/simulation/trace-hash.js';
import type { Violation } from '../../src/simulation/violation.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { AbstractStates } from './abstract-states.js';
import { Checks } from './checks.js';
import type { ChecksOptions } from './checks-options.js';
import { RunProgress } from './run-progress.js';
import { checkFaultBound, checkVerdict, checkWorkload } from './runnable.js';
import type { Operation } from './simulated-client.js';
import { ledgerOf, registers, type SpeculativeWorkload, type Workload } from './workload.js';
import { World } from './world.js';

/** What {@link runCase} takes besides its case: what the machines run, and who is told of what happens. */
export interface RunOptions {
  /** By default a few registers, or a ledger where the case speculates. */
  readonly workload?: Workload | SpeculativeWorkload;
  /** Resolves after what waits on promises has had its turn: machines may be asynchronous. */
  readonly nextTurn: () => Promise<void>;
  /** Stops the run between two events. */
  readonly signal?: AbortSignal;
  /** Told of messages between replicas as they are sent, and of what happens to replicas. */
  readonly onSeen?: (event: SeenEvent) => void;
  /** Told of each write that a replica asks its disk for. */
  readonly onStep?: (replica: number, step: DurableStep) => void;
}

/** What came of a run. */
export interface RunOutcome {
  readonly events: number;
  readonly virtualMs: number;
  /** 16 hex digits: equal for two runs exactly when all that happened was. */
  readonly traceHash: string;
  readonly violations: readonly Violation[];
  /**
   * Nothing broke, but the run ended before all had happened that it goes on for after the last fault: L1, L2 and L4 shown, every
   * command answered, or some blocks of machines that build their own committed.
   */
  readonly unfinished: boolean;
  readonly committedHeight: number;
  readonly nonEmptyBlocks: number;
  /** How often the states of two replicas at one height were compared (S2). */
  readonly statesCompared: number;
  readonly history: readonly Operation[];
  /** Why the workload's judge could not tell whether that is right; null where it could, or where there is none. */
  readonly unjudged: string | null;
  readonly eventsByKind: Readonly<Record<string, number>>;
  readonly messages: Readonly<Record<string, number>>;
  readonly highestView: number;
  /** How often liars lied, by strategy. */
  readonly lies: Readonly<Record<string, number>>;
  /** Proofs of equivocation that correct replicas had to keep, and kept. */
  readonly proofs: number;
  /** How often each type of fault struck, and what was done to frames and writes. */
  readonly coverage: Readonly<Record<string, number>>;
  /** How often each state of a statechart took each event: `storage open.resting gathered`. */
  readonly pairs: Readonly<Record<string, number>>;
  /** How often an event came in a state that has nothing to do for it. */
  readonly ignored: Readonly<Record<string, number>>;
  /** How often replicas came to each thing that a run should come to: what they refused, lost, recovered, were told. */
  readonly marks: Readonly<Record<string, number>>;
  /** How often a view that was entered, or a commit, found or left the cluster in each abstract state. */
  readonly states: Readonly<Record<string, number>>;
}

/** A run that sees more goes on no further: one wrong thing leads to many. */
const VIOLATIONS_MAX = 5;
/** Events between two looks at what is not seen in single events: progress, memory, accusations. */
const LOOK_EVERY = 256;
/** Turns of the event loop after which a machine is taken to have forgotten its answer. */
const PATIENCE_TURNS = 100_000;

/**
 * Runs `parameters` until its time or its events are over, all is done, or something is wrong.
 * @throws ConfigurationError for more faulty replicas than f, a way to lie that nobody knows, or a workload of another kind.
 */
export async function runCase(parameters: SimulationCase, options: RunOptions): Promise<RunOutcome> {
  checkFaultBound(parameters);
  checkWorkload(parameters, options.workload);
  const run = new Run(parameters, options);
  await run.go();
  return run.outcome();
}

class Run {
  readonly #case: SimulationCase;
  readonly #options: RunOptions;
  readonly #checks: Checks;
  readonly #world: World;
  readonly #trace = new TraceHash();
  readonly #workload: Workload | SpeculativeWorkload;
  readonly #progress: RunProgress;
  readonly #states: AbstractStates;
  #movesSeen = 0;
  #unjudged: string | null = null;

  constructor(parameters: SimulationCase, options: RunOptions) {
    this.#case = parameters;
    this.#options = options;
    this.#checks = new Checks({
      case: parameters,
      violationsMax: VIOLATIONS_MAX,
      onArrived: ({ from, to, frame }) => {
        this.#trace.number(from * 1000 + to);
        this.#trace.bytes(frame);
      },
      ...this.#observers(),
    });
    this.#workload = options.workload ?? (parameters.speculation === undefined ? registers : ledgerOf(parameters));
    this.#world = new World({ case: parameters, workload: this.#workload, watch: this.#checks });
    this.#checks.watch(this.#world);
    this.#states = new AbstractStates({
      replicas: this.#world.replicas,
      isHonest: (id) => this.#checks.isHonest(id),
      heightOf: (id) => this.#checks.agreement.heightOf(id),
    });
    const { onStep } = options;
    if (onStep !== undefined) {
      for (const { id, disk } of this.#world.replicas) disk.onStep = (step) => onStep(id, step);
    }
    this.#progress = new RunProgress({ case: parameters, world: this.#world, checks: this.#checks });
  }

  /** Lets it happen. */
  async go(): Promise<void> {
    const { scheduler } = this.#world;
    const { eventsMax, until } = this.#case;
    this.#world.start();
    await this.#settle();
    while (scheduler.events < eventsMax && this.#options.signal?.aborted !== true) {
      const event = scheduler.step(until);
      if (event === null) break;
      this.#trace.number(event.at);
      this.#trace.text(event.kind);
      if (this.#world.calls.count > 0) await this.#settle();
      this.#lookAtStates();
      if (scheduler.events % LOOK_EVERY === 0) {
        this.#look();
        // For whoever wants the run to end: while no machine is called, nothing else gives the event loop a turn.
        await this.#options.nextTurn();
      } else this.#progress.lookAtViews();
      if (this.#checks.violations.length > 0 || this.#progress.finished) break;
    }
    this.#end();
    for (const replica of this.#world.replicas) replica.countLife();
  }

  outcome(): RunOutcome {
    const { scheduler, clients, replicas, counts } = this.#world;
    const { agreement, evidence, execution, violations, messages, lies } = this.#checks;
    const blocks = Array.from({ length: agreement.height }, (_, index) => agreement.at(index + 1));
    return {
      events: scheduler.events,
      virtualMs: scheduler.now,
      traceHash: this.#trace.digest(),
      violations,
      unfinished: violations.length === 0 && this.#progress.owed.length + this.#progress.wanted.length > 0,
      committedHeight: agreement.height,
      nonEmptyBlocks: blocks.filter((block) => (block?.bodyBytes ?? 0) > 0).length,
      statesCompared: execution.compared,
      unjudged: this.#unjudged,
      history: clients.flatMap(({ operations }) => operations),
      eventsByKind: Object.fromEntries(scheduler.byKind),
      messages: Object.fromEntries(messages),
      lies: Object.fromEntries(lies),
      proofs: evidence.count,
      highestView: Math.max(...replicas.map(({ view }) => view)),
      coverage: this.#world.coverage(),
      pairs: counts.charts.taken(),
      ignored: counts.charts.ignored(),
      marks: { ...counts.marks.counts(), ...named('sent', messages), ...named('lied by', lies) },
      states: this.#states.counts(),
    };
  }

  /** Nothing is put into words that nobody wants to read. */
  #observers(): Pick<ChecksOptions, 'onMessage' | 'onNote'> {
    const { onSeen } = this.#options;
    const sent = (from: number, message: PeerMessage): void => this.#world.sent(from, message);
    if (onSeen === undefined) return { onMessage: (from, _to, message) => sent(from, message) };
    return {
      onMessage: (from, to, message) => {
        sent(from, message);
        onSeen({ at: this.#world.scheduler.now, type: 'sent', from, to, text: messageText(message) });
      },
      onNote: (note) => onSeen({ at: this.#world.scheduler.now, type: 'note', ...note }),
    };
  }

  #look(): void {
    this.#checks.look();
    this.#progress.look();
  }

  #lookAtStates(): void {
    const moves = this.#checks.viewsEntered + this.#checks.commitsTold;
    if (this.#movesSeen === moves) return;
    this.#movesSeen = moves;
    this.#states.look();
  }

  #end(): void {
    if (this.#checks.violations.length > 0) return;
    this.#look();
    this.#checks.evidence.end(this.#world.scheduler.now);
    this.#judgeMessages();
    this.#judgeEnd();
    const judge = 'judge' in this.#workload ? this.#workload.judge : undefined;
    const found = judge?.(this.#world.clients.flatMap(({ operations }) => operations)) ?? null;
    checkVerdict(found);
    if (typeof found === 'string') this.#checks.accuse('S10', found);
    else this.#unjudged = found?.unjudged ?? null;
  }

  /** L7, of runs that nobody bounds or stops. */
  #judgeEnd(): void {
    const { owed, wanted } = this.#progress;
    if (this.#case.mustFinish !== true || owed.length === 0 || this.#options.signal?.aborted === true) return;
    const { agreement, accuse } = this.#checks;
    const { scheduler, replicas } = this.#world;
    const highest = Math.max(...replicas.map(({ view }) => view));
    const far = `height ${agreement.height} (${agreement.nonEmptyHeight} the last that is not empty), view ${highest}`;
    const rest = wanted.length === 0 ? '' : ` (and ${wanted.join(', ')})`;
    accuse('L7', `the run ended after ${scheduler.events} events, at ${far}, and owed ${owed.join('; ')}${rest}`);
  }

  /** L6, of runs in which nothing goes wrong and nothing is to heal. */
  #judgeMessages(): void {
    const { replicas, faults, liars, dead, links, healAt } = this.#case;
    if (healAt !== null || faults.length > 0 || liars.length > 0 || dead.length > 0 || links.loss > 0) return;
    const { agreement, messages, accuse } = this.#checks;
    const sent = [...messages.values()].reduce((sum, count) => sum + count, 0);
    const problem = messageCostProblem(sent, agreement.height, replicas);
    if (problem !== null) accuse('L6', problem);
  }

  /** Waits until the machines have answered: their promises are kept at this instant of virtual time. */
  async #settle(): Promise<void> {
    for (let turns = 0; this.#world.calls.count > 0; turns += 1) {
      if (turns > PATIENCE_TURNS) return this.#checks.accuse('S13', 'a state machine did not answer a call');
      await this.#options.nextTurn();
    }
  }
}

function named(what: string, counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].map(([name, times]) => [`${what} ${name}`, times]));
}
