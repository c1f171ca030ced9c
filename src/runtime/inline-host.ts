import { invariant } from '../errors.js';
import { Actor, type AnyEffect, type Target, type Ticket } from './actor.js';
import type { Behaviour, Message } from './behaviour.js';
import { Border } from './border.js';
import type { Bridge } from './bridge.js';
import { type CopyMessage, cloneMessage, EffectPerformer } from './effect-performer.js';
import type { HostState } from './host-state.js';
import type { InspectionEvent } from './inspection.js';
import type { Lane } from './lane.js';
import type { Batch, Link } from './link.js';
import { Mailbox, type MailboxOptions } from './mailbox.js';
import type { ActorFailure } from './supervision.js';
import { ActorTimers, type ArmedTimer, type TimerHost } from './timers.js';

/** How long actors go on before others get the thread. */
export interface TurnBudget {
  /** Messages that one actor handles before the next one has its turn. */
  readonly messages: number;
  /** Milliseconds after which all actors yield to the scheduler, so that sockets and timers go on. */
  readonly milliseconds: number;
}

export interface InlineHostOptions {
  readonly clock: () => number;
  readonly timers: TimerHost;
  readonly schedule: (run: () => void) => void;
  readonly turnBudget: TurnBudget;
  readonly cloneMessages: boolean;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  readonly onFailure: (failure: ActorFailure) => void;
}

/** Turns per actor after which a drain yields even if the clock stands still, as virtual time does. */
const TURNS_PER_DRAIN = 64;

/** Runs actors on the thread that it is on: gives them turns in a fixed round, each within its budget. */
export class InlineHost {
  readonly #options: InlineHostOptions;
  readonly #copy: CopyMessage | null;
  readonly #actors = new Map<string, Actor>();
  /** Every role that can be sent to: the actors here, and what stands for those of other threads. */
  readonly #targets = new Map<string, Target>();
  readonly #round: Actor[] = [];
  readonly #state: HostState;
  readonly #performer: EffectPerformer;
  readonly #border: Border;
  #cursor = 0;
  #draining = false;
  #scheduled = false;
  /** Of the message that was taken last; null for one from outside the lanes. */
  #takenLane: Lane | null = null;
  readonly #scheduledDrain = (): void => {
    this.#scheduled = false;
    this.#drain(true);
  };

  constructor(options: InlineHostOptions) {
    this.#options = options;
    this.#copy = options.cloneMessages ? cloneMessage : null;
    this.#state = { phase: 'new', current: null, turn: { now: 0 }, inspect: options.inspect };
    this.#performer = new EffectPerformer({
      targets: this.#targets,
      state: this.#state,
      copy: this.#copy,
      onHeldBack: (actor) => this.#border.heldBack(actor),
    });
    this.#border = new Border({
      state: this.#state,
      clock: options.clock,
      actor: (role) => this.#actors.get(role),
      letWaitingGoOn: (target) => this.#performer.letWaitingGoOn(target),
      onDropped: (...dropped) => this.#dropped(...dropped),
      onRefused: (...refused) => this.#refused(...refused),
    });
  }

  /** In the order of adding, which is the order of the round. */
  get actors(): readonly Actor[] {
    return this.#round;
  }

  /** The actor of a role on this thread. */
  get(role: string): Actor | undefined {
    return this.#actors.get(role);
  }

  /** Where messages to a role are put, on whatever thread its actor is. */
  target(role: string): Target | undefined {
    return this.#targets.get(role);
  }

  /** Makes the actors of another thread reachable; their mailboxes are as that thread makes them. */
  connect(link: Link, roles: Readonly<Record<string, MailboxOptions<Message>>>): Bridge {
    const bridge = this.#border.connect(link, roles);
    for (const remote of bridge.remotes) this.#targets.set(remote.role, remote);
    return bridge;
  }

  add(role: string, behaviour: Behaviour<Message, AnyEffect>, options: MailboxOptions<Message>): Actor {
    const mailbox = new Mailbox<Message, Ticket>(options, (message, lane, ticket) =>
      this.#dropped(actor, message, lane, ticket),
    );
    const timers = new ActorTimers(this.#options.timers, (timer) => this.#offerTimer(actor, timer));
    const actor = new Actor({ role, behaviour, mailbox, timers });
    this.#actors.set(role, actor);
    this.#targets.set(role, actor);
    this.#round.push(actor);
    return actor;
  }

  /** Handles what waits already, and whatever comes. Does nothing once halted. */
  start(): void {
    if (this.#state.phase === 'new') this.#state.phase = 'running';
    this.#wake();
  }

  /** From now on nothing is delivered or handled. */
  halt(): void {
    this.#state.phase = 'halted';
    for (const actor of this.#round) actor.timers.cancelAll();
  }

  /** Puts a message from outside the actors into a mailbox; false when it was not taken. */
  post(target: Target, message: Message): boolean {
    if (this.#state.phase === 'halted') return false;
    try {
      return this.#deliver(target, message);
    } catch (error) {
      this.#fail(target, error, message.type);
      return false;
    }
  }

  /** Takes in what another thread has posted. */
  arrived(bridge: Bridge, batch: Batch): void {
    if (this.#state.phase === 'halted') return;
    try {
      this.#border.arrived(bridge, batch);
    } catch (error) {
      if (this.#state.current !== null) this.#failCurrent(error);
      else this.fail({ role: bridge.link.thread, error, messageType: batch.type, lastMessages: [] });
    } finally {
      this.#state.current = null;
    }
    this.#wakeIfNeeded();
  }

  /** Stops for good, and says why: an actor, here or on another thread, or that thread itself, has failed. */
  fail(failure: ActorFailure): void {
    if (this.#state.phase === 'halted') return;
    this.halt();
    this.#state.inspect?.({ type: 'failed', at: this.#options.clock(), failure });
    this.#options.onFailure(failure);
  }

  /** From now on tells of all that happens, besides whom it told before. */
  inspect(inspect: (event: InspectionEvent) => void): void {
    const before = this.#state.inspect;
    this.#state.inspect = (event) => {
      before?.(event);
      inspect(event);
    };
  }

  /** Goes on, without yielding, until no actor has anything to do. */
  runUntilIdle(): void {
    invariant(!this.#draining, 'runUntilIdle is not called by an actor or its port');
    this.#drain(false);
  }

  #deliver(target: Target, message: Message): boolean {
    const { mailbox, role, remote } = target;
    // What cannot cross a border is found here, where its sender is known.
    const copy = remote ? cloneMessage : this.#copy;
    const delivered = copy === null ? message : copy(message, role);
    const offer = mailbox.offer(delivered, this.#options.clock(), null);
    if (offer === 'accepted') {
      this.#wake();
      return true;
    }
    const lane = mailbox.laneOf(delivered);
    // Whoever posts from outside has its answer at once, and holds back by itself.
    if (offer === 'full') mailbox.countRefused(lane);
    this.#refused(target, delivered, lane, null);
    return false;
  }

  #wake(): void {
    if (this.#state.phase !== 'running' || this.#draining || this.#scheduled) return;
    this.#scheduled = true;
    this.#options.schedule(this.#scheduledDrain);
  }

  #drain(yielding: boolean): void {
    if (this.#state.phase !== 'running') return;
    this.#draining = true;
    try {
      this.#goRound(yielding);
      this.#flush();
    } catch (error) {
      this.#failCurrent(error);
    } finally {
      this.#draining = false;
      this.#state.current = null;
    }
    this.#wakeIfNeeded();
  }

  #wakeIfNeeded(): void {
    if (this.#border.pending || this.#round.some((actor) => actor.runnable)) this.#wake();
  }

  #flush(): void {
    if (this.#state.phase === 'running') this.#border.flush();
  }

  #goRound(yielding: boolean): void {
    const round = this.#round;
    const { clock, turnBudget } = this.#options;
    const deadline = yielding ? clock() + turnBudget.milliseconds : Number.POSITIVE_INFINITY;
    let turnsLeft = yielding ? TURNS_PER_DRAIN * round.length : Number.POSITIVE_INFINITY;
    for (let idle = 0; idle < round.length && turnsLeft > 0 && this.#state.phase === 'running'; idle += 1) {
      const actor = round[this.#cursor] as Actor;
      this.#cursor = (this.#cursor + 1) % round.length;
      if (!actor.runnable) continue;
      idle = -1;
      turnsLeft -= 1;
      if (this.#takeTurn(actor, deadline) >= deadline) return;
      if (this.#border.crowded) this.#flush();
    }
  }

  /** Lets one actor handle what its budget allows; answers what time it is then. */
  #takeTurn(actor: Actor, deadline: number): number {
    const { clock, turnBudget } = this.#options;
    this.#state.current = actor;
    actor.turns += 1;
    let now = clock();
    for (let left = turnBudget.messages; left > 0 && actor.heldBack === null; left -= 1) {
      const message = this.#take(actor, now);
      if (message === undefined) break;
      const lane = this.#takenLane;
      this.#handle(actor, message, now);
      if (this.#state.phase !== 'running') return now;
      const started = now;
      now = clock();
      if (lane !== null) actor.mailbox.countHandled(lane, now - started);
      if (now >= deadline) break;
    }
    this.#state.turn.now = now;
    this.#performer.endTurn(actor);
    actor.timers.retry();
    if (actor.waiting.length > 0) this.#performer.letWaitingGoOn(actor);
    return now;
  }

  /** The next message that is still wanted: a cancelled timer's is passed over. */
  #take(actor: Actor, now: number): Message | undefined {
    if (!actor.owed.empty) {
      this.#takenLane = null;
      actor.creditReturns += 1;
      return actor.owed.take();
    }
    const { mailbox } = actor;
    for (let message = mailbox.take(now); message !== undefined; message = mailbox.take(now)) {
      const ticket = mailbox.takenTag;
      if (ticket?.kind === 'timer' && !actor.timers.claim(ticket)) continue;
      if (ticket?.kind === 'credit') ticket.sender.owed.add(actor.role, ticket.credit);
      else if (ticket?.kind === 'crossed') ticket.border.gone(ticket);
      this.#takenLane = mailbox.takenLane;
      return message;
    }
    return undefined;
  }

  #handle(actor: Actor, message: Message, now: number): void {
    actor.recent.saw(message, this.#takenLane);
    this.#state.turn.now = now;
    const effects = actor.behaviour.receive(message, this.#state.turn);
    invariant(Array.isArray(effects), 'a behaviour answers with a list of effects, at once');
    if (this.#state.inspect !== undefined) {
      const lane = this.#takenLane;
      const waitedMs = lane === null ? 0 : actor.mailbox.takenWaitedMs;
      this.#state.inspect({ type: 'handled', at: now, role: actor.role, message, lane, waitedMs, effects });
    }
    if (effects.length > 0) this.#performer.perform(actor, effects, 0);
  }

  #offerTimer(actor: Actor, timer: ArmedTimer): boolean {
    const { mailbox } = actor;
    try {
      if (!mailbox.hasRoom(mailbox.laneOf(timer.message))) return false;
      mailbox.offer(timer.message, this.#options.clock(), timer);
      this.#wake();
      return true;
    } catch (error) {
      this.#fail(actor, error, timer.message.type);
      return false;
    }
  }

  #dropped(target: Target, message: Message, lane: Lane, ticket: Ticket | null): void {
    this.#state.inspect?.({ type: 'dropped', at: this.#options.clock(), role: target.role, message, lane });
    switch (ticket?.kind) {
      case 'credit':
        return ticket.sender.owed.add(target.role, ticket.credit);
      case 'outgoing':
        if (ticket.credit !== null) ticket.sender.owed.add(target.role, ticket.credit);
        return;
      case 'crossed':
        return ticket.border.gone(ticket);
      case 'timer':
        return this.#actors.get(target.role)?.timers.dropped(ticket);
      default:
    }
  }

  #refused({ role }: Target, message: Message, lane: Lane, from: string | null): void {
    this.#state.inspect?.({ type: 'refused', at: this.#options.clock(), role, from, message, lane });
  }

  #failCurrent(error: unknown): void {
    const actor = this.#state.current;
    if (actor === null) throw error;
    this.#fail(actor, error, actor.recent.last);
  }

  #fail({ role }: Target, error: unknown, messageType: string): void {
    this.fail({ role, error, messageType, lastMessages: this.#actors.get(role)?.recent.list() ?? [] });
  }
}
