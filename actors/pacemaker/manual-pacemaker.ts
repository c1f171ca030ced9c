import type { ActionOf, EventOf, StateOf } from '../../machines/index.js';
import { manualPacemakerChart, type manualPacemakerMachine } from '../../machines/manual-pacemaker.machine.js';
import { limits } from '../../src/config/limits.js';
import type { ErrorFacts } from '../../src/errors.js';
import {
  asTenure,
  asView,
  type BlockHash,
  type ReplicaId,
  type Tenure,
  type View,
} from '../../src/protocol/numbers.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import type { PacemakerEffect } from '../roles.js';
import { BlockOutcomes } from './block-outcomes.js';
import { isRequest, type PacemakerMessage } from './messages.js';
import type { PacemakerOptions } from './options.js';
import type { PacemakerRequest, ProposedBlock, QcOutcome, RequestAnswer, RequestRefusal } from './requests.js';
import { TenureTimers } from './tenure-timers.js';

type Phase = StateOf<typeof manualPacemakerMachine>;
type PhaseEvent = EventOf<typeof manualPacemakerMachine>['type'];
type MessageOf<Type extends PacemakerMessage['type']> = Extract<PacemakerMessage, { type: Type }>;

/**
 * Makes a pacemaker that proposes when its application says so, and only then: no proposals by itself, no heartbeats. The
 * timers run as with the automatic one, since nobody else can tell an application that has nothing to say from a leader
 * that is dead: who leads and does not propose within the view timer loses its tenure.
 */
export function createManualPacemaker(options: PacemakerOptions): Behaviour<PacemakerMessage, PacemakerEffect> {
  return new ManualPacemaker(options);
}

class ManualPacemaker implements Behaviour<PacemakerMessage, PacemakerEffect> {
  readonly #timers: TenureTimers;
  readonly #chart: typeof manualPacemakerChart;
  readonly #outcomes = new BlockOutcomes(limits.rememberedOutcomes);
  #phase: Phase;
  #view: View = asView(0);
  #tenure: Tenure = asTenure(0);
  /** Null before the first view. */
  #leader: ReplicaId | null = null;
  #leading = false;
  /** The proposal that consensus was asked for and has not made. Consensus alone ends this, so that no block is made after it. */
  #asked: MessageOf<'proposalRequested'> | null = null;
  /** What was proposed in the present view. */
  #proposed: BlockHash | null = null;
  #stopped = false;
  #effects: PacemakerEffect[] = [];

  constructor({ baseTimeoutMs, chart = manualPacemakerChart }: PacemakerOptions) {
    this.#timers = new TenureTimers(baseTimeoutMs);
    this.#chart = chart as typeof manualPacemakerChart;
    this.#phase = this.#chart.initial;
  }

  receive(message: PacemakerMessage, turn: Turn): readonly PacemakerEffect[] {
    this.#effects = [];
    if (!this.#stopped) this.#handle(message, turn.now);
    else if (isRequest(message)) this.#refuse(message.request, 'REPLICA_STOPPED', STOPPING);
    return this.#effects;
  }

  #handle(message: PacemakerMessage, now: number): void {
    switch (message.type) {
      case 'viewEntered':
        return this.#enterView(message, now);
      case 'blockCommitted':
        return this.#timers.committed();
      case 'tenureGivenUp':
        return this.#gaveUp(message.tenure);
      case 'blockProposed':
        return this.#blockProposed(message);
      case 'qcDecided':
        return this.#qcDecided(message.block, message.outcome);
      case 'workChanged':
        return this.#startTimer(this.#timers.changeOldest(message.oldestSince, now));
      case 'viewTimerExpired':
        if (message.view === this.#view) this.#step('viewTimerExpired');
        return;
      case 'resendTimerExpired':
        if (message.view === this.#view) this.#resend();
        return;
      case 'commandTimerExpired':
        return this.#complain(now);
      case 'heartbeatDue':
        return;
      case 'proposalRequested':
      case 'qcAwaited':
      case 'viewChangeRequested':
        return this.#serve(message);
      case 'requestCancelled':
        return this.#outcomes.cancel(message.request);
      case 'stopRequested':
        return this.#stop();
    }
  }

  // ── views ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #enterView(entered: MessageOf<'viewEntered'>, now: number): void {
    const { view, tenure, leader, leading, by } = entered;
    const sameTenure = tenure === this.#tenure && (by === 'qc' || by === 'commit');
    this.#view = view;
    this.#leader = leader;
    this.#leading = leading;
    this.#proposed = null;
    this.#timers.enterView(entered, now);
    if (!sameTenure) {
      this.#tenure = tenure;
      this.#startTimer(this.#timers.enterTenure(now));
    }
    this.#refuseAsked('VIEW_LEFT', 'the view was left before a block was made');
    if (sameTenure && this.#phase === 'timedOut') this.#step('enteredGivenUp');
    else this.#step(leading ? 'enteredLeading' : 'enteredFollowing');
  }

  #gaveUp(tenure: Tenure): void {
    if (tenure !== this.#tenure) return;
    this.#step('gaveUp');
    this.#refuseAsked('TENURE_GIVEN_UP', GIVEN_UP);
  }

  /** Gives up the tenure of a leader that has done nothing of what was handed on to it for too long. */
  #complain(now: number): void {
    const timer = this.#timers.commandExpired(now);
    if (timer === null) this.#step('commandTimerExpired');
    else this.#startTimer(timer);
  }

  #resend(): void {
    this.#effects.push(
      { type: 'send', to: 'consensus', message: { type: 'resendDue', view: this.#view } },
      this.#timers.resend(this.#view, false),
    );
  }

  #startTimer(timer: PacemakerEffect | null): void {
    if (timer !== null) this.#effects.push(timer);
  }

  /** An event that the phase does not accept changes nothing; answers whether it was accepted. */
  #step(event: PhaseEvent): boolean {
    const step = this.#chart.step(this.#phase, { type: event });
    if (step === null) return false;
    this.#phase = step.state;
    for (const action of step.actions) this.#perform(action);
    return true;
  }

  #perform(action: ActionOf<typeof manualPacemakerMachine>): void {
    switch (action) {
      case 'restartViewTimer':
        this.#effects.push(this.#timers.view(this.#view), this.#timers.resend(this.#view, false));
        return;
      case 'propose': {
        const body = this.#asked?.body ?? 'next';
        this.#effects.push({
          type: 'send',
          to: 'consensus',
          message: { type: 'proposeNow', view: this.#view, body },
        });
        return;
      }
      case 'giveUpTenure':
        this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'timedOut', tenure: this.#tenure } });
    }
  }

  // ── requests ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #serve(message: PacemakerRequest): void {
    const { request } = message;
    if (this.#leader === null) return this.#refuse(request, 'NOT_READY', 'the replica has entered no view yet');
    switch (message.type) {
      case 'proposalRequested':
        return this.#propose(message, this.#leader);
      case 'qcAwaited':
        return this.#awaitQc(request, message.block);
      case 'viewChangeRequested':
        this.#step('viewChangeRequested');
        return this.#answer(request, { kind: 'viewChangeRequested' });
    }
  }

  #propose(message: MessageOf<'proposalRequested'>, leader: ReplicaId): void {
    const { request } = message;
    const view = this.#view;
    if (this.#phase === 'leading.ready') {
      this.#asked = message;
      this.#step('proposalRequested');
    } else if (!this.#leading) {
      this.#refuse(request, 'NOT_LEADING', `replica ${leader} leads view ${view}, not this one`, { leader, view });
    } else if (this.#phase === 'timedOut') this.#refuse(request, 'TENURE_GIVEN_UP', GIVEN_UP, { view });
    else {
      const detail = `view ${view} has its proposal; wait for its certificate, which opens the next view`;
      this.#refuse(request, 'PROPOSAL_PENDING', detail, { view, block: this.#proposed });
    }
  }

  #blockProposed({ view, hash, height }: MessageOf<'blockProposed'>): void {
    if (view === this.#view) this.#proposed = hash;
    this.#follow(hash);
    if (this.#asked === null) return;
    const block: ProposedBlock = { hash, view, height };
    this.#answer(this.#asked.request, { kind: 'proposed', block });
    this.#asked = null;
  }

  #refuseAsked(code: RequestRefusal, detail: string): void {
    if (this.#asked === null) return;
    this.#refuse(this.#asked.request, code, detail, { view: this.#view });
    this.#asked = null;
  }

  #follow(block: BlockHash): void {
    if (!this.#outcomes.follow(block)) return;
    this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'qcWanted', block } });
  }

  #awaitQc(request: number, block: BlockHash): void {
    this.#follow(block);
    const outcome = this.#outcomes.await(block, request);
    if (outcome !== null) this.#answer(request, { kind: 'qc', outcome });
  }

  #qcDecided(block: BlockHash, outcome: QcOutcome | 'unknown'): void {
    for (const request of this.#outcomes.decide(block, outcome)) {
      if (outcome !== 'unknown') this.#answer(request, { kind: 'qc', outcome });
      else this.#refuse(request, 'UNKNOWN_BLOCK', `no block ${block} is held or was proposed here lately`, { block });
    }
  }

  #refuse(request: number, code: RequestRefusal, detail: string, facts: ErrorFacts = {}): void {
    this.#answer(request, { kind: 'refused', code, detail, facts });
  }

  #answer(request: number, answer: RequestAnswer): void {
    this.#effects.push({ type: 'send', to: 'replica', message: { type: 'requestAnswered', request, answer } });
  }

  #stop(): void {
    this.#stopped = true;
    this.#refuseAsked('REPLICA_STOPPED', STOPPING);
    for (const request of this.#outcomes.takeAll()) this.#refuse(request, 'REPLICA_STOPPED', STOPPING);
    this.#effects.push(...this.#timers.cancelAll(), {
      type: 'send',
      to: 'replica',
      message: { type: 'partStopped', role: 'pacemaker' },
    });
  }
}

const STOPPING = 'the replica is stopping';
const GIVEN_UP = 'this replica leads, but has signed a Timeout for its tenure and proposes nothing more in it';
