import { invariant } from '../errors.js';
import { Actor, type AnyEffect, type PostedTicket, type Target, type Ticket } from './actor.js';
import type { Behaviour, Message } from './behaviour.js';
import { Border } from './border.js';
import type { Bridge } from './bridge.js';
import { type CopyMessage, cloneMessage, EffectPerformer } from './effect-performer.js';
import type { HostState } from './host-state.js';
import type { InspectionEvent } from './inspection.js';
import type { Lane } from './lane.js';
import type { Batch, Link } from './link.js';
import { Mailbox, type MailboxOptions } from './mailbox.js';
import { ActorOffloads, type AnswerTicket, type AnyTaskPool } from './offloads.js';
import { Round, type TurnBudget } from './round.js';
import type { ActorFailure } from './supervision.js';
import { ActorTimers, type ArmedTimer, type TimerHost } from './timers.js';

interface InlineHostOptions {
  readonly clock: () => number;
  readonly timers: TimerHost;
  readonly schedule: (run: () => void) => void;
  /** Null: no actor offloads anything. */
  readonly pool: AnyTaskPool | null;
  readonly turnBudget: TurnBudget;
  readonly cloneMessages: boolean;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
  readonly onFailure: (failure: ActorFailure) => void;
}

/** Runs actors on the thread that it is on: gives them turns in a fixed round, each within its budget. */
export class InlineHost {
  readonly #options: InlineHostOptions;
  readonly #copy: CopyMessage | null;
  readonly #actors = new Map<string, Actor>();
  /** Every role that can be sent to: the actors here, and what stands for those of other threads. */
  readonly #targets = new Map<string, Target>();
  readonly #round: Round;
  readonly #state: HostState;
  readonly #performer: EffectPerformer;
  readonly #border: Border;
  #draining = false;
  #scheduled = false;
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
    const { clock, turnBudget } = options;
    this.#round = new Round({
      state: this.#state,
      performer: this.#performer,
      border: this.#border,
      clock,
      turnBudget,
    });
  }

  /** In the order of adding, which is the order of the round. */
  get actors(): readonly Actor[] {
    return this.#round.actors;
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
    const timers = new ActorTimers(this.#options.timers, (timer) => this.#offerOwn(actor, timer));
    const offloads = new ActorOffloads(this.#options.pool, (answer) => this.#offerOwn(actor, answer));
    const actor = new Actor({ role, behaviour, mailbox, timers, offloads });
    this.#actors.set(role, actor);
    this.#targets.set(role, actor);
    this.#round.add(actor);
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
    for (const actor of this.actors) actor.timers.cancelAll();
  }

  /** Puts a message from outside the actors into a mailbox; false when it was not taken. `taken`: it has left again. */
  post(target: Target, message: Message, taken?: () => void): boolean {
    if (this.#state.phase === 'halted') return false;
    try {
      return this.#deliver(target, message, taken === undefined ? null : { kind: 'posted', taken });
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

  #deliver(target: Target, message: Message, ticket: PostedTicket | null): boolean {
    const { mailbox, role, remote } = target;
    // What cannot cross a border is found here, where its sender is known.
    const copy = remote ? cloneMessage : this.#copy;
    const delivered = copy === null ? message : copy(message, role);
    const offer = mailbox.offer(delivered, this.#options.clock(), ticket);
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
      this.#round.go(yielding);
      if (this.#state.phase === 'running') this.#border.flush();
    } catch (error) {
      this.#failCurrent(error);
    } finally {
      this.#draining = false;
      this.#state.current = null;
    }
    this.#wakeIfNeeded();
  }

  #wakeIfNeeded(): void {
    if (this.#border.pending || this.#round.runnable) this.#wake();
  }

  /** Offers what an actor's own timer or task has for it. After a halt nobody waits for it any more. */
  #offerOwn(actor: Actor, ticket: ArmedTimer | AnswerTicket): boolean {
    if (this.#state.phase === 'halted') return true;
    const { mailbox } = actor;
    const { message } = ticket;
    try {
      if (!mailbox.hasRoom(mailbox.laneOf(message))) return false;
      mailbox.offer(message, this.#options.clock(), ticket);
      this.#wake();
      return true;
    } catch (error) {
      this.#fail(actor, error, message.type);
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
      case 'posted':
        return ticket.taken();
      case 'timer':
        return this.#actors.get(target.role)?.timers.dropped(ticket);
      case 'answer':
        return this.#actors.get(target.role)?.offloads.dropped(ticket);
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
