import { InvariantViolation, invariant } from '../errors.js';
import { Actor, type AnyEffect, type Ticket } from './actor.js';
import type { Behaviour, CancelTimer, Credit, Message, StartTimer } from './behaviour.js';
import type { InspectionEvent } from './inspection.js';
import { type Lane, Mailbox, type MailboxOptions } from './mailbox.js';
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

interface AnySend extends AnyEffect {
  readonly to: string;
  readonly message: Message;
  readonly credit?: Credit;
}

/** Turns per actor after which a drain yields even if the clock stands still, as virtual time does. */
const TURNS_PER_DRAIN = 64;

/**
 * Runs actors on the thread that it is on: gives them turns in a fixed round and performs their effects in order.
 * Nothing here recurs: a send only puts a message into a mailbox, whoever sends it and whenever.
 */
export class InlineHost {
  readonly #options: InlineHostOptions;
  readonly #inspect: ((event: InspectionEvent) => void) | undefined;
  readonly #clock: () => number;
  readonly #actors = new Map<string, Actor>();
  readonly #round: Actor[] = [];
  #state: 'new' | 'running' | 'halted' = 'new';
  #cursor = 0;
  #draining = false;
  #scheduled = false;
  /** Whose bug it is if something throws now. */
  #current: Actor | null = null;
  #handledLane: Lane | null = null;
  #handledWaitedMs = 0;
  /** One object for all messages: behaviours read it and do not keep it. */
  readonly #turn = { now: 0 };
  readonly #scheduledDrain = (): void => {
    this.#scheduled = false;
    this.#drain(true);
  };

  constructor(options: InlineHostOptions) {
    this.#options = options;
    this.#inspect = options.inspect;
    this.#clock = options.clock;
  }

  /** In the order of adding, which is the order of the round. */
  get actors(): readonly Actor[] {
    return this.#round;
  }

  get(role: string): Actor | undefined {
    return this.#actors.get(role);
  }

  add(role: string, behaviour: Behaviour<Message, AnyEffect>, options: MailboxOptions<Message>): Actor {
    const mailbox = new Mailbox<Message, Ticket>(options, (message, lane, ticket) =>
      this.#dropped(actor, message, lane, ticket),
    );
    const timers = new ActorTimers(this.#options.timers, (timer) => this.#offerTimer(actor, timer));
    const actor = new Actor({ role, behaviour, mailbox, timers });
    this.#actors.set(role, actor);
    this.#round.push(actor);
    return actor;
  }

  start(): void {
    this.#state = 'running';
    this.#wake();
  }

  /** From now on nothing is delivered or handled. */
  halt(): void {
    this.#state = 'halted';
    for (const actor of this.#round) actor.timers.cancelAll();
  }

  /** Puts a message from outside the actors into a mailbox; false when it was not taken. */
  post(actor: Actor, message: Message): boolean {
    if (this.#state === 'halted') return false;
    try {
      return this.#deliver(actor, message);
    } catch (error) {
      this.#fail(actor, error, message.type);
      return false;
    }
  }

  /** Goes on, without yielding, until no actor has anything to do. */
  runUntilIdle(): void {
    invariant(!this.#draining, 'runUntilIdle is not called by an actor or its port');
    this.#drain(false);
  }

  #deliver(actor: Actor, message: Message): boolean {
    const copy = this.#copy(message, actor.role);
    const offer = actor.mailbox.offer(copy, this.#clock(), null);
    if (offer === 'accepted') {
      this.#wake();
      return true;
    }
    const lane = actor.mailbox.laneOf(copy);
    if (offer === 'full') actor.mailbox.countRefused(lane);
    this.#inspect?.({ type: 'refused', at: this.#clock(), role: actor.role, from: null, message: copy, lane });
    return false;
  }

  #wake(): void {
    if (this.#state !== 'running' || this.#draining || this.#scheduled) return;
    this.#scheduled = true;
    this.#options.schedule(this.#scheduledDrain);
  }

  #drain(yielding: boolean): void {
    if (this.#state !== 'running') return;
    this.#draining = true;
    try {
      this.#goRound(yielding);
    } catch (error) {
      const actor = this.#current;
      if (actor === null) throw error;
      this.#fail(actor, error, actor.recent.last);
    } finally {
      this.#draining = false;
      this.#current = null;
    }
    if (this.#round.some((actor) => actor.runnable)) this.#wake();
  }

  #goRound(yielding: boolean): void {
    const round = this.#round;
    const deadline = yielding ? this.#clock() + this.#options.turnBudget.milliseconds : Number.POSITIVE_INFINITY;
    let turnsLeft = yielding ? TURNS_PER_DRAIN * round.length : Number.POSITIVE_INFINITY;
    let idle = 0;
    while (idle < round.length && turnsLeft > 0 && this.#state === 'running') {
      const actor = round[this.#cursor] as Actor;
      this.#cursor = (this.#cursor + 1) % round.length;
      idle += 1;
      if (!actor.runnable) continue;
      idle = 0;
      turnsLeft -= 1;
      if (this.#takeTurn(actor, deadline) >= deadline) return;
    }
  }

  /** Lets one actor handle what its budget allows; answers what time it is then. */
  #takeTurn(actor: Actor, deadline: number): number {
    this.#current = actor;
    actor.turns += 1;
    let now = this.#clock();
    for (let left = this.#options.turnBudget.messages; left > 0 && actor.heldBack === null; left -= 1) {
      const message = this.#take(actor, now);
      if (message === undefined) break;
      const lane = this.#handledLane;
      this.#handle(actor, message, now);
      if (this.#state !== 'running') return now;
      const started = now;
      now = this.#clock();
      if (lane !== null) actor.mailbox.countHandled(lane, now - started);
      if (now >= deadline) break;
    }
    this.#turn.now = now;
    actor.timers.retry();
    if (actor.waiting.length > 0) this.#letWaitingGoOn(actor);
    return now;
  }

  /** The next message that is still wanted: a cancelled timer's is passed over. */
  #take(actor: Actor, now: number): Message | undefined {
    this.#handledLane = null;
    this.#handledWaitedMs = 0;
    if (!actor.owed.empty) {
      actor.creditReturns += 1;
      return actor.owed.take();
    }
    const mailbox = actor.mailbox;
    for (let message = mailbox.take(now); message !== undefined; message = mailbox.take(now)) {
      const ticket = mailbox.takenTag;
      if (ticket !== null) {
        if (ticket.kind === 'credit') ticket.sender.owed.add(actor.role, ticket.credit);
        else if (!actor.timers.claim(ticket)) continue;
      }
      this.#handledLane = mailbox.takenLane;
      this.#handledWaitedMs = mailbox.takenWaitedMs;
      return message;
    }
    return undefined;
  }

  #handle(actor: Actor, message: Message, now: number): void {
    actor.recent.saw(message.type);
    this.#turn.now = now;
    const effects = actor.behaviour.receive(message, this.#turn);
    if (this.#inspect !== undefined) {
      const lane = this.#handledLane;
      const waitedMs = this.#handledWaitedMs;
      this.#inspect({ type: 'handled', at: now, role: actor.role, message, lane, waitedMs, effects });
    }
    if (!Array.isArray(effects)) throw new InvariantViolation('a behaviour answers with a list of effects, at once');
    if (effects.length > 0) this.#perform(actor, effects, 0);
  }

  #perform(actor: Actor, effects: readonly AnyEffect[], first: number): void {
    for (let index = first; index < effects.length && this.#state === 'running'; index += 1) {
      const effect = effects[index] as AnyEffect;
      switch (effect.type) {
        case 'send': {
          const target = this.#send(actor, effect as AnySend);
          if (target === null) break;
          this.#holdBack(actor, target, effects, index);
          return;
        }
        case 'startTimer': {
          const { timer, delayMs, message } = effect as StartTimer<Message>;
          actor.timers.start(timer, delayMs, message);
          break;
        }
        case 'cancelTimer':
          actor.timers.cancel((effect as CancelTimer).timer);
          break;
        default:
          if (actor.port === null) throw new InvariantViolation(`${actor.role} has no port for effect ${effect.type}`);
          actor.port.perform(effect);
      }
    }
  }

  /** Null when the message found its end, be it a mailbox or a counter; else the actor that has no room for it. */
  #send(from: Actor, { to, message, credit }: AnySend): Actor | null {
    const target = this.#actors.get(to);
    if (target === undefined) throw new InvariantViolation(`${from.role} sent ${message.type} to ${to}: no such role`);
    const copy = this.#copy(message, to);
    const ticket = credit === undefined ? null : ({ kind: 'credit', sender: from, credit } as const);
    const offer = target.mailbox.offer(copy, this.#turn.now, ticket);
    if (offer === 'accepted') return null;
    if (offer === 'full') return target;
    // What was not taken holds no place in the mailbox, so its credit is free again.
    if (credit !== undefined) from.owed.add(to, credit);
    if (this.#inspect !== undefined) {
      const lane = target.mailbox.laneOf(copy);
      this.#inspect({ type: 'refused', at: this.#turn.now, role: to, from: from.role, message: copy, lane });
    }
    return null;
  }

  #copy(message: Message, to: string): Message {
    if (!this.#options.cloneMessages) return message;
    try {
      return structuredClone(message);
    } catch (cause) {
      throw new InvariantViolation(`message ${message.type} to ${to} must be safe to clone to another thread`, {
        cause,
      });
    }
  }

  #holdBack(actor: Actor, target: Actor, effects: readonly AnyEffect[], next: number): void {
    actor.heldBack = { target, effects, next };
    for (let other: Actor | undefined = target; other !== undefined; other = other.heldBack?.target) {
      if (other === actor) throw new InvariantViolation(`${actor.role} and ${target.role} hold each other back`);
    }
    target.waiting.push(actor);
    const { message } = effects[next] as AnySend;
    const lane = target.mailbox.laneOf(message);
    target.mailbox.countHeldBack(lane);
    this.#inspect?.({ type: 'heldBack', at: this.#turn.now, role: target.role, from: actor.role, message, lane });
  }

  /** Those who wait for room go on before anyone else can take it. */
  #letWaitingGoOn(target: Actor): void {
    for (const actor of target.waiting.splice(0)) {
      const { effects, next } = actor.heldBack as NonNullable<Actor['heldBack']>;
      const { message } = effects[next] as AnySend;
      if (!target.mailbox.hasRoom(target.mailbox.laneOf(message))) {
        target.waiting.push(actor);
        continue;
      }
      actor.heldBack = null;
      this.#current = actor;
      this.#perform(actor, effects, next);
    }
  }

  #offerTimer(actor: Actor, timer: ArmedTimer): boolean {
    if (this.#state !== 'running') return false;
    const { mailbox } = actor;
    if (!mailbox.hasRoom(mailbox.laneOf(timer.message))) return false;
    mailbox.offer(timer.message, this.#clock(), timer);
    this.#wake();
    return true;
  }

  #dropped(actor: Actor, message: Message, lane: Lane, ticket: Ticket | null): void {
    this.#inspect?.({ type: 'dropped', at: this.#clock(), role: actor.role, message, lane });
    if (ticket?.kind === 'credit') ticket.sender.owed.add(actor.role, ticket.credit);
    else if (ticket?.kind === 'timer') actor.timers.dropped(ticket);
  }

  #fail(actor: Actor, error: unknown, messageType: string): void {
    if (this.#state === 'halted') return;
    this.halt();
    const failure = { role: actor.role, error, messageType, lastMessages: actor.recent.list() };
    this.#inspect?.({ type: 'failed', at: this.#clock(), failure });
    this.#options.onFailure(failure);
  }
}
