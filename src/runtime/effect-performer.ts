import { InvariantViolation } from '../errors.js';
import { Actor, type AnyEffect, type HeldBack, type Target, type Ticket } from './actor.js';
import type { CancelTimer, Credit, Message, StartTimer } from './behaviour.js';
import type { HostState } from './host-state.js';
import type { AnyOffload } from './offloads.js';

interface AnySend extends AnyEffect {
  readonly to: string;
  readonly message: Message;
  readonly credit?: Credit;
}

/** Copies a message as a thread's border would, or not at all. */
export type CopyMessage = (message: Message, to: string) => Message;

/**
 * Performs actors' effects, in their order. A send only puts a message into a mailbox, so nothing here recurs. An actor
 * whose send finds a full `holdBack` lane waits, its effect and the ones after it kept, until there is room.
 */
export class EffectPerformer {
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #state: HostState;
  readonly #copy: CopyMessage | null;
  readonly #onHeldBack: (actor: Actor) => void;

  constructor(parts: {
    /** Every role that can be sent to. */
    targets: ReadonlyMap<string, Target>;
    state: HostState;
    /** Null: messages go as they are. */
    copy: CopyMessage | null;
    /** Called when an actor begins to wait for room. */
    onHeldBack: (actor: Actor) => void;
  }) {
    this.#targets = parts.targets;
    this.#state = parts.state;
    this.#copy = parts.copy;
    this.#onHeldBack = parts.onHeldBack;
  }

  /** Performs `effects` from index `first` on, until one has to wait or the host is halted. */
  perform(actor: Actor, effects: readonly AnyEffect[], first: number): void {
    for (let index = first; index < effects.length && this.#state.phase === 'running'; index += 1) {
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
        case 'offload':
          actor.offloads.begin(effect as AnyEffect & AnyOffload);
          break;
        default:
          if (actor.port === null) throw new InvariantViolation(`${actor.role} has no port for effect ${effect.type}`);
          actor.portUsed = true;
          actor.port.perform(effect);
      }
    }
  }

  /** After a turn of `actor`, or what it held back: its port learns that no more comes for now. */
  endTurn(actor: Actor): void {
    if (!actor.portUsed || this.#state.phase !== 'running') return;
    actor.portUsed = false;
    actor.port?.turnEnded?.();
  }

  /** After a turn of `target`: those who wait for room go on, first come first, before anyone else can take it. */
  letWaitingGoOn(target: Target): void {
    for (const waiting of target.waiting.splice(0)) {
      if (!target.mailbox.hasRoom(waiting.laneWanted)) target.waiting.push(waiting);
      else if (waiting instanceof Actor) this.#goOn(waiting);
      else waiting.goOn();
    }
  }

  #goOn(actor: Actor): void {
    const { effects, next } = actor.heldBack as HeldBack;
    actor.heldBack = null;
    this.#state.current = actor;
    this.perform(actor, effects, next);
    this.endTurn(actor);
  }

  /** Null when the message found its end, be it a mailbox or a counter; else the target that has no room for it. */
  #send(from: Actor, { to, message, credit }: AnySend): Target | null {
    const target = this.#targets.get(to);
    if (target === undefined) throw new InvariantViolation(`${from.role} sent ${message.type} to ${to}: no such role`);
    // What crosses a border is copied there.
    const sent = this.#copy === null || target.remote ? message : this.#copy(message, to);
    const offer = target.mailbox.offer(sent, this.#state.turn.now, ticketFor(from, target, credit));
    if (offer === 'accepted') return null;
    if (offer === 'full') return target;
    // What was not taken holds no place in the mailbox, so its credit is free again.
    if (credit !== undefined) from.owed.add(to, credit);
    this.#tell('refused', target, from, sent);
    return null;
  }

  #holdBack(actor: Actor, target: Target, effects: readonly AnyEffect[], next: number): void {
    for (let other: Target | undefined = target; other !== undefined; other = other.heldBack?.target) {
      if (other === actor) throw new InvariantViolation(`${actor.role} and ${target.role} hold each other back`);
    }
    const { message } = effects[next] as AnySend;
    const laneWanted = target.mailbox.laneOf(message);
    actor.heldBack = { target, effects, next, laneWanted };
    target.waiting.push(actor);
    target.mailbox.countHeldBack(laneWanted);
    this.#tell('heldBack', target, actor, message);
    this.#onHeldBack(actor);
  }

  #tell(type: 'refused' | 'heldBack', target: Target, from: Actor, message: Message): void {
    const { inspect, turn } = this.#state;
    if (inspect === undefined) return;
    const lane = target.mailbox.laneOf(message);
    inspect({ type, at: turn.now, role: target.role, from: from.role, message, lane });
  }
}

function ticketFor(sender: Actor, target: Target, credit: Credit | undefined): Ticket | null {
  if (target.remote) return { kind: 'outgoing', sender, credit: credit ?? null };
  return credit === undefined ? null : { kind: 'credit', sender, credit };
}

/** Clones a message as a thread's border does. @throws InvariantViolation for what cannot cross one. */
export function cloneMessage(message: Message, to: string): Message {
  try {
    return structuredClone(message);
  } catch (cause) {
    throw new InvariantViolation(`message ${message.type} to ${to} must be safe to clone to another thread`, { cause });
  }
}
