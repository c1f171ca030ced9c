import type { ActionOf, EventOf, StateOf } from '../../machines/index.js';
import { pacemakerChart, type pacemakerMachine } from '../../machines/pacemaker.machine.js';
import { asTenure, asView, type Tenure, type View } from '../../src/protocol/numbers.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import type { PacemakerEffect } from '../roles.js';
import { isRequest, type PacemakerMessage } from './messages.js';
import type { PacemakerOptions } from './options.js';
import type { RequestAnswer } from './requests.js';
import { TenureTimers } from './tenure-timers.js';

type Phase = StateOf<typeof pacemakerMachine>;
type PhaseEvent = EventOf<typeof pacemakerMachine>['type'];

/**
 * Decides when: the view timer, when to propose and with what, the complaint about a command that is not committed.
 * Consensus alone decides whether (it signs), and owns the current view.
 */
export function createPacemaker(options: PacemakerOptions): Behaviour<PacemakerMessage, PacemakerEffect> {
  return new Pacemaker(options);
}

class Pacemaker implements Behaviour<PacemakerMessage, PacemakerEffect> {
  readonly #timers: TenureTimers;
  readonly #chart: typeof pacemakerChart;
  #phase: Phase;
  #view: View = asView(0);
  #tenure: Tenure = asTenure(0);
  /** The view in which a proposal was asked for; there is one a view. */
  #proposedView: View = asView(0);
  #workWaits = false;
  #unfinished = false;
  /** Entered by a certificate that leaves nothing to do: nothing is under way until the heartbeat. */
  #idleView = false;
  /** Asks for nothing and starts no timer any more: consensus, which is stopped after it, may still enter views. */
  #stopped = false;
  #effects: PacemakerEffect[] = [];

  constructor({ baseTimeoutMs, chart = pacemakerChart }: PacemakerOptions) {
    this.#timers = new TenureTimers(baseTimeoutMs);
    this.#chart = chart as typeof pacemakerChart;
    this.#phase = this.#chart.initial;
  }

  receive(message: PacemakerMessage, turn: Turn): readonly PacemakerEffect[] {
    this.#effects = [];
    if (!this.#stopped) this.#handle(message, turn.now);
    else if (isRequest(message)) this.#refuse(message.request);
    return this.#effects;
  }

  #handle(message: PacemakerMessage, now: number): void {
    switch (message.type) {
      case 'viewEntered':
        return this.#enterView(message, now);
      case 'blockCommitted':
        return this.#timers.committed();
      case 'tenureGivenUp':
        if (message.tenure === this.#tenure) this.#step('gaveUp');
        return;
      case 'workChanged':
        return this.#changeWork(message.waiting, message.oldestSince, now);
      case 'viewTimerExpired':
        if (message.view === this.#view) this.#step('viewTimerExpired');
        return;
      case 'resendTimerExpired':
        if (message.view === this.#view) this.#resend();
        return;
      case 'heartbeatDue':
        if (message.view === this.#view && this.#mayPropose()) this.#step('heartbeatDue');
        return;
      case 'commandTimerExpired':
        return this.#complain(now);
      case 'proposalRequested':
      case 'qcAwaited':
      case 'viewChangeRequested':
        return this.#refuse(message.request);
      case 'requestCancelled':
      case 'blockProposed':
      case 'qcDecided':
        return;
      case 'stopRequested':
        return this.#stop();
    }
  }

  #enterView(entered: Extract<PacemakerMessage, { type: 'viewEntered' }>, now: number): void {
    const sameTenure = entered.tenure === this.#tenure && (entered.by === 'qc' || entered.by === 'commit');
    this.#view = entered.view;
    this.#unfinished = entered.unfinished;
    this.#idleView = sameTenure && !entered.unfinished && !this.#workWaits;
    this.#effects.push({ type: 'cancelTimer', timer: 'heartbeat' });
    this.#timers.enterView(entered, now);
    if (!sameTenure) {
      this.#tenure = entered.tenure;
      this.#effects.push(this.#timers.enterTenure(now));
    }
    if (sameTenure && this.#phase === 'timedOut') this.#step('enteredGivenUp');
    else if (!entered.leading) this.#step('enteredFollowing');
    else if (sameTenure && this.#chart.matches(this.#phase, 'leading')) this.#step('certified');
    else this.#step(entered.by === 'qc' ? 'tookTurn' : 'enteredLeading');
  }

  #changeWork(waiting: boolean, oldestSince: number | null, now: number): void {
    this.#workWaits = waiting;
    const timer = this.#timers.changeOldest(oldestSince, now);
    if (timer !== null) this.#effects.push(timer);
    if (waiting && this.#mayPropose()) this.#step('workArrived');
  }

  #mayPropose(): boolean {
    return this.#proposedView < this.#view;
  }

  /** An event that the phase does not accept changes nothing: most messages may arrive in any phase. */
  #step(event: PhaseEvent): void {
    const step = this.#chart.step(this.#phase, { type: event });
    if (step === null) return;
    this.#phase = step.state;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: ActionOf<typeof pacemakerMachine>): void {
    switch (action) {
      case 'restartViewTimer':
        return this.#restartViewTimer();
      case 'proposeNext':
        return this.#propose('next');
      case 'proposeOrWait':
        return this.#workWaits || this.#unfinished ? this.#propose('next') : this.#awaitHeartbeat();
      case 'proposeEmpty':
        return this.#propose('empty');
      case 'giveUpTenure':
        this.#effects.push({ type: 'send', to: 'consensus', message: { type: 'timedOut', tenure: this.#tenure } });
    }
  }

  #restartViewTimer(): void {
    this.#effects.push(this.#timers.view(this.#view), this.#timers.resend(this.#view, this.#idleView));
  }

  #resend(): void {
    this.#effects.push(
      { type: 'send', to: 'consensus', message: { type: 'resendDue', view: this.#view } },
      this.#timers.resend(this.#view, false),
    );
  }

  #propose(body: 'next' | 'empty'): void {
    this.#proposedView = this.#view;
    this.#effects.push(
      { type: 'cancelTimer', timer: 'heartbeat' },
      { type: 'send', to: 'consensus', message: { type: 'proposeNow', view: this.#view, body } },
    );
    if (!this.#idleView) return;
    this.#idleView = false;
    this.#effects.push(this.#timers.resend(this.#view, false));
  }

  #awaitHeartbeat(): void {
    this.#effects.push(this.#timers.heartbeat(this.#view));
  }

  /** Gives up the tenure of a leader that has done nothing of what was handed on to it for too long, heartbeats or not. */
  #complain(now: number): void {
    const timer = this.#timers.commandExpired(now);
    if (timer === null) this.#step('commandTimerExpired');
    else this.#effects.push(timer);
  }

  #refuse(request: number): void {
    this.#effects.push({
      type: 'send',
      to: 'replica',
      message: { type: 'requestAnswered', request, answer: AUTOMATIC },
    });
  }

  #stop(): void {
    this.#stopped = true;
    this.#effects.push(...this.#timers.cancelAll(), {
      type: 'send',
      to: 'replica',
      message: { type: 'partStopped', role: 'pacemaker' },
    });
  }
}

const AUTOMATIC: RequestAnswer = {
  kind: 'refused',
  code: 'PACEMAKER_AUTOMATIC',
  detail: "this replica proposes by itself; createReplica({ pacemaker: 'manual' }) leaves that to the application",
  facts: {},
};
