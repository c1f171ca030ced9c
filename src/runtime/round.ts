import { invariant } from '../errors.js';
import type { Actor } from './actor.js';
import type { Message } from './behaviour.js';
import type { Border } from './border.js';
import type { EffectPerformer } from './effect-performer.js';
import type { HostState } from './host-state.js';
import type { Lane } from './lane.js';

/** How long actors go on before others get the thread. */
export interface TurnBudget {
  /** Messages that one actor handles before the next one has its turn. */
  readonly messages: number;
  /** Milliseconds after which all actors yield to the scheduler, so that sockets and timers go on. */
  readonly milliseconds: number;
}

/** Turns per actor after which a drain yields even if the clock stands still, as virtual time does. */
const TURNS_PER_DRAIN = 64;

/**
 * Messages that each actor may still handle when the time is used up and its control lane holds some: what a behaviour has just
 * asked of another is done before sockets are read for milliseconds. All of it takes no longer than once more the same time, and
 * the message that is being handled then.
 */
const LATE_MESSAGES = 4;

interface RoundParts {
  readonly state: HostState;
  readonly performer: EffectPerformer;
  readonly border: Border;
  readonly clock: () => number;
  readonly turnBudget: TurnBudget;
}

/** The actors of one thread in the order of adding, and whose turn it is. */
export class Round {
  readonly #parts: RoundParts;
  readonly #actors: Actor[] = [];
  readonly #state: HostState;
  readonly #performer: EffectPerformer;
  readonly #border: Border;
  #cursor = 0;
  /** Of the message that was taken last; null for one from outside the lanes. */
  #takenLane: Lane | null = null;

  constructor(parts: RoundParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#performer = parts.performer;
    this.#border = parts.border;
  }

  get actors(): readonly Actor[] {
    return this.#actors;
  }

  get runnable(): boolean {
    return this.#actors.some((actor) => actor.runnable);
  }

  add(actor: Actor): void {
    this.#actors.push(actor);
  }

  /** Gives turns until nobody has anything to do or, `yielding`, the time is used up. */
  go(yielding: boolean): void {
    const round = this.#actors;
    const { clock, turnBudget } = this.#parts;
    const deadline = yielding ? clock() + turnBudget.milliseconds : Number.POSITIVE_INFINITY;
    let turnsLeft = yielding ? TURNS_PER_DRAIN * round.length : Number.POSITIVE_INFINITY;
    for (let idle = 0; idle < round.length && turnsLeft > 0 && this.#state.phase === 'running'; idle += 1) {
      const actor = round[this.#cursor] as Actor;
      this.#cursor = (this.#cursor + 1) % round.length;
      if (!actor.runnable) continue;
      idle = -1;
      turnsLeft -= 1;
      const now = this.#takeTurn(actor, deadline);
      if (now >= deadline) return this.#takeLateTurns(actor, now + turnBudget.milliseconds);
      if (this.#border.crowded && this.#state.phase === 'running') this.#border.flush();
    }
  }

  /** Once round, from the one after `last`, without a change of whose turn it is next. */
  #takeLateTurns(last: Actor, deadline: number): void {
    const round = this.#actors;
    const first = round.indexOf(last) + 1;
    for (let step = 0; step < round.length - 1 && this.#state.phase === 'running'; step += 1) {
      const actor = round[(first + step) % round.length] as Actor;
      if (!actor.runnable || actor.mailbox.depth('control') === 0) continue;
      if (this.#takeTurn(actor, deadline, LATE_MESSAGES) >= deadline) return;
    }
  }

  /**
   * Lets one actor handle what its budget allows, or `late` messages as long as its control lane holds some; answers what time it
   * is then.
   */
  #takeTurn(actor: Actor, deadline: number, late: number | null = null): number {
    const { clock, turnBudget } = this.#parts;
    this.#state.current = actor;
    actor.turns += 1;
    let now = clock();
    let left = Math.min(late ?? turnBudget.messages, turnBudget.messages);
    for (; left > 0 && actor.heldBack === null; left -= 1) {
      if (late !== null && actor.mailbox.depth('control') === 0) break;
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
    actor.offloads.retry();
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
      else if (ticket?.kind === 'posted') ticket.taken();
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
}
