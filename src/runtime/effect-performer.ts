import { InvariantViolation } from '../errors.js';
import type { Actor, AnyEffect, HeldBack, Ticket } from './actor.js';
import type { CancelTimer, Credit, Message, StartTimer } from './behaviour.js';
import type { HostState } from './host-state.js';
import type { InspectionEvent } from './inspection.js';

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
  readonly #actors: ReadonlyMap<string, Actor>;
  readonly #state: HostState;
  readonly #copy: CopyMessage | null;
  readonly #inspect: ((event: InspectionEvent) => void) | undefined;

  constructor(parts: {
    actors: ReadonlyMap<string, Actor>;
    state: HostState;
    /** Null: messages go as they are. */
    copy: CopyMessage | null;
    inspect: ((event: InspectionEvent) => void) | undefined;
  }) {
    this.#actors = parts.actors;
    this.#state = parts.state;
    this.#copy = parts.copy;
    this.#inspect = parts.inspect;
  }

  /** Performs `effects` from index `first` on, until one has to wait or the host is halted. */
  perform(actor: Actor, effects: readonly AnyEffect[], first: number): void {
    for (let index = first; index < effects.length && this.#state.phase === 'running'; index += 1) {
      const effect = effects[index] as AnyEffect;
      switch (effect.type) {
        case 'send': {
          const target = this.#send(actor, effect as AnySend);
          if (target === null) break;
          this.#holdBack(actor, { target, effects, next: index });
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
  letWaitingGoOn(target: Actor): void {
    for (const actor of target.waiting.splice(0)) {
      const heldBack = actor.heldBack as HeldBack;
      if (!target.mailbox.hasRoom(laneWanted(heldBack))) {
        target.waiting.push(actor);
        continue;
      }
      actor.heldBack = null;
      this.#state.current = actor;
      this.perform(actor, heldBack.effects, heldBack.next);
      this.endTurn(actor);
    }
  }

  /** Null when the message found its end, be it a mailbox or a counter; else the actor that has no room for it. */
  #send(from: Actor, { to, message, credit }: AnySend): Actor | null {
    const target = this.#actors.get(to);
    if (target === undefined) throw new InvariantViolation(`${from.role} sent ${message.type} to ${to}: no such role`);
    const sent = this.#copy === null ? message : this.#copy(message, to);
    const ticket: Ticket | null = credit === undefined ? null : { kind: 'credit', sender: from, credit };
    const offer = target.mailbox.offer(sent, this.#state.turn.now, ticket);
    if (offer === 'accepted') return null;
    if (offer === 'full') return target;
    // What was not taken holds no place in the mailbox, so its credit is free again.
    if (credit !== undefined) from.owed.add(to, credit);
    this.#tell('refused', target, from, sent);
    return null;
  }

  #holdBack(actor: Actor, heldBack: HeldBack): void {
    const { target } = heldBack;
    for (let other: Actor | undefined = target; other !== undefined; other = other.heldBack?.target) {
      if (other === actor) throw new InvariantViolation(`${actor.role} and ${target.role} hold each other back`);
    }
    actor.heldBack = heldBack;
    target.waiting.push(actor);
    target.mailbox.countHeldBack(laneWanted(heldBack));
    this.#tell('heldBack', target, actor, messageOf(heldBack));
  }

  #tell(type: 'refused' | 'heldBack', target: Actor, from: Actor, message: Message): void {
    if (this.#inspect === undefined) return;
    const lane = target.mailbox.laneOf(message);
    this.#inspect({ type, at: this.#state.turn.now, role: target.role, from: from.role, message, lane });
  }
}

function messageOf({ effects, next }: HeldBack): Message {
  return (effects[next] as AnySend).message;
}

function laneWanted(heldBack: HeldBack) {
  return heldBack.target.mailbox.laneOf(messageOf(heldBack));
}

/** Clones a message as a thread's border does. @throws InvariantViolation for what cannot cross one. */
export function cloneMessage(message: Message, to: string): Message {
  try {
    return structuredClone(message);
  } catch (cause) {
    throw new InvariantViolation(`message ${message.type} to ${to} must be safe to clone to another thread`, { cause });
  }
}
