import type { Behaviour, Message } from '../../src/runtime/behaviour.js';

interface AnyEffect {
  readonly type: string;
}
type EffectOf<Effect extends AnyEffect, Type extends string> = Extract<Effect, { readonly type: Type }>;
type SendTo<Effect extends AnyEffect, To extends string> = Extract<Effect, { readonly type: 'send'; readonly to: To }>;

interface RunningTimer<Own> {
  readonly due: number;
  readonly message: Own;
}

/** One behaviour alone, on a clock that stands still, with its timers and all that it asked for. */
export class Stage<Own extends Message, Effect extends AnyEffect> {
  readonly effects: Effect[] = [];
  readonly timers = new Map<string, RunningTimer<Own>>();
  readonly #behaviour: Behaviour<Own, Effect>;
  now = 0;

  constructor(behaviour: Behaviour<Own, Effect>) {
    this.#behaviour = behaviour;
  }

  /** Tells messages one after the other; returns the effects of all of them. */
  tell(...messages: readonly Own[]): readonly Effect[] {
    const from = this.effects.length;
    for (const message of messages) {
      for (const effect of this.#behaviour.receive(message, { now: this.now })) {
        this.effects.push(effect);
        this.#keepTimer(effect);
      }
    }
    return this.effects.slice(from);
  }

  /** Moves the clock, firing timers by due time; returns the effects of all that fired. */
  advance(milliseconds: number): readonly Effect[] {
    const from = this.effects.length;
    const until = this.now + milliseconds;
    for (let next = this.#nextDue(until); next !== null; next = this.#nextDue(until)) {
      const [name, timer] = next;
      this.timers.delete(name);
      this.now = timer.due;
      this.tell(timer.message);
    }
    this.now = until;
    return this.effects.slice(from);
  }

  /** All effects of a type so far. */
  all<Type extends Effect['type']>(type: Type): readonly EffectOf<Effect, Type>[] {
    return ofType(this.effects, type);
  }

  /** All messages sent to a role so far, with their credit. */
  sentTo<To extends SendTo<Effect, string>['to']>(to: To): readonly SendTo<Effect, To>[] {
    return this.effects.filter((effect) => effect.type === 'send' && 'to' in effect && effect.to === to) as never;
  }

  #keepTimer(effect: AnyEffect): void {
    if (effect.type === 'startTimer') {
      const { timer, delayMs, message } = effect as unknown as { timer: string; delayMs: number; message: Own };
      this.timers.set(timer, { due: this.now + delayMs, message });
    }
    if (effect.type === 'cancelTimer') this.timers.delete((effect as unknown as { timer: string }).timer);
  }

  #nextDue(until: number): [string, RunningTimer<Own>] | null {
    const due = [...this.timers].filter(([, timer]) => timer.due <= until);
    return due.reduce<[string, RunningTimer<Own>] | null>(
      (first, each) => (first === null || each[1].due < first[1].due ? each : first),
      null,
    );
  }
}

export function ofType<Effect extends AnyEffect, Type extends Effect['type']>(
  effects: readonly Effect[],
  type: Type,
): readonly EffectOf<Effect, Type>[] {
  return effects.filter((effect) => effect.type === type) as never;
}
