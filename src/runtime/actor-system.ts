import { ConfigurationError } from '../errors.js';
import type { AnyEffect } from './actor.js';
import type { Behaviour, Message, NoTasks, PortFactory, Roles, RuntimeEffect, Tasks } from './behaviour.js';
import { InlineHost } from './inline-host.js';
import type { ActorCounters, InspectionEvent } from './inspection.js';
import type { Link } from './link.js';
import type { MailboxOptions } from './mailbox.js';
import type { AnyTaskPool, TaskPool } from './offloads.js';
import { OtherThreads } from './other-threads.js';
import type { TurnBudget } from './round.js';
import type { ActorFailure } from './supervision.js';
import type { TimerHost } from './timers.js';

/** What an `ActorSystem` takes. */
export interface ActorSystemOptions<R extends Roles, T extends Tasks = NoTasks> {
  /** Every role that is sent to, in the order in which stop() closes their ports. */
  readonly roles: readonly (keyof R & string)[];
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly timers: TimerHost;
  /** Calls `run` once, later, after the sockets and timers that wait now: never inside the call. */
  readonly schedule: (run: () => void) => void;
  /** Does what actors offload; may be left out where none does. The owner closes it, after the system. */
  readonly pool?: TaskPool<T>;
  readonly turnBudget?: TurnBudget;
  /** Every message is cloned on its way, as a thread's border would do it. For tests. */
  readonly cloneMessages?: boolean;
  /** Told of all that happens; see {@link InspectionEvent}. */
  readonly inspect?: (event: InspectionEvent) => void;
  /**
   * Called once, with the first throw of an actor or port, on whatever thread, or the death of a thread. Nothing is handled
   * any more; the owner calls stop().
   */
  readonly onFailure: (failure: ActorFailure) => void;
}

type RuntimeEffectType = RuntimeEffect<Roles, Message, Tasks>['type'];

/** Of an actor's effects those that its port performs. */
export type PortEffectOf<Effect> = Exclude<Effect, { readonly type: RuntimeEffectType }>;

/** Nothing where every runtime effect is addressed rightly; else what no behaviour is assignable to. */
type WellAddressed<R extends Roles, Own extends Message, Effect, T extends Tasks> = [
  Extract<Effect, { readonly type: RuntimeEffectType }>,
] extends [RuntimeEffect<R, Own, T>]
  ? unknown
  : { readonly misaddressed: Exclude<Extract<Effect, { readonly type: RuntimeEffectType }>, RuntimeEffect<R, Own, T>> };

/** A behaviour and what performs its effects; `port` is there exactly when it has effects of its own. */
export type BehaviourWithPort<
  R extends Roles,
  Own extends Message,
  Effect extends { readonly type: string },
  T extends Tasks = NoTasks,
> = {
  readonly behaviour: Behaviour<Own, Effect> & WellAddressed<R, Own, Effect, T>;
} & ([PortEffectOf<Effect>] extends [never]
  ? { readonly port?: undefined }
  : { readonly port: PortFactory<PortEffectOf<Effect>, Own> });

/** All that an actor is made of. */
export type ActorDefinition<
  R extends Roles,
  Own extends Message,
  Effect extends AnyEffect,
  T extends Tasks = NoTasks,
> = BehaviourWithPort<R, Own, Effect, T> & { readonly mailbox: MailboxOptions<Own> };

/** What every actor did so far, by role. */
export type CountersOf<R extends Roles> = { readonly [Role in keyof R & string]: ActorCounters };

const DEFAULT_BUDGET: TurnBudget = { messages: 128, milliseconds: 2 };

/**
 * Actors, each with its mailbox, and the effects they ask for. Knows nothing of what they do.
 * Actors get turns in the order in which they were added; messages from one sender to one lane keep their order.
 *
 * A system may span threads: each has an ActorSystem with the same `roles`, adds some of them, and connects to the others,
 * every thread to every other. The guarantees are the same, but that between threads nothing happens at once: a lane takes
 * from each other thread as many messages as its capacity, and as many again wait at the sender, before its policy is asked.
 */
export class ActorSystem<R extends Roles, T extends Tasks = NoTasks> {
  readonly #options: ActorSystemOptions<R, T>;
  readonly #host: InlineHost;
  readonly #others: OtherThreads;
  readonly #closing = new Map<string, Promise<void>>();
  #started = false;
  #stopping: Promise<void> | null = null;

  constructor(options: ActorSystemOptions<R, T>) {
    this.#options = options;
    this.#host = new InlineHost({
      clock: options.clock,
      timers: options.timers,
      schedule: options.schedule,
      // That each actor asks only for tasks of the pool is checked where it is added.
      pool: (options.pool as AnyTaskPool | undefined) ?? null,
      turnBudget: checkedBudget(options.turnBudget ?? DEFAULT_BUDGET),
      cloneMessages: options.cloneMessages ?? false,
      inspect: options.inspect,
      onFailure: (failure) => {
        this.#others.tellFailure(failure);
        options.onFailure(failure);
      },
    });
    this.#others = new OtherThreads({
      host: this.#host,
      counters: () => this.counters(),
      closePort: (role) => this.#closePort(role),
    });
  }

  /**
   * Adds one actor and makes its port. What the port delivers before start() waits in the mailbox.
   * @throws ConfigurationError for a role that is not in `roles`, is there already, comes after start() or has no behaviour.
   */
  add<Role extends keyof R & string, Effect extends AnyEffect>(
    role: Role,
    definition: ActorDefinition<R, R[Role], Effect, T>,
  ): this {
    this.#checkNew(role);
    checkBehaviour(role, definition);
    // The host handles all roles alike; that each gets its own messages and effects is checked by this signature.
    const behaviour = definition.behaviour as unknown as Behaviour<Message, AnyEffect>;
    const actor = this.#host.add(role, behaviour, definition.mailbox as unknown as MailboxOptions<Message>);
    const makePort = definition.port as unknown as PortFactory<AnyEffect, Message> | undefined;
    if (makePort !== undefined) actor.port = makePort((message, taken) => this.#host.post(actor, message, taken));
    return this;
  }

  /**
   * Makes the actors of another thread reachable: those that it adds, with the mailboxes that they have there.
   * @throws ConfigurationError for a role that is not in `roles`, is there already, or comes after start().
   */
  connect(link: Link, mailboxes: { readonly [Role in keyof R & string]?: MailboxOptions<R[Role]> }): this {
    for (const role of Object.keys(mailboxes)) this.#checkNew(role);
    const remotes = mailboxes as unknown as Readonly<Record<string, MailboxOptions<Message>>>;
    this.#others.add(this.#host.connect(link, remotes), { watch: this.#options.inspect !== undefined });
    return this;
  }

  /** @throws ConfigurationError when a role of `roles` was neither added nor connected to, at a second call, or after stop(). */
  start(): void {
    if (this.#started) throw new ConfigurationError('ACTOR_SYSTEM_STARTED', 'an actor system is started once');
    for (const role of this.#options.roles) {
      if (this.#host.target(role) === undefined) throw roleError(role, 'is sent to, but was not added');
    }
    if (this.#stopping !== null)
      throw new ConfigurationError('ACTOR_SYSTEM_STOPPED', 'a stopped actor system stays so');
    this.#started = true;
    this.#host.start();
  }

  /** Puts a message into a role's mailbox from outside; false when its lane is full or the system has stopped. */
  post<Role extends keyof R & string>(role: Role, message: R[Role]): boolean {
    const target = this.#host.target(role);
    if (target === undefined) throw roleError(role, 'is sent to, but was not added');
    return this.#host.post(target, message);
  }

  /** For hosts that step by hand: handles messages until no actor has any left, without yielding. */
  runUntilIdle(): void {
    this.#host.runUntilIdle();
  }

  /**
   * Ends all: from the call on nothing is delivered or handled, timers are cancelled, and the ports are closed one after
   * another in the order of `roles`, on whatever thread they are; then the other threads end. A second call gets the same
   * promise.
   * @throws AggregateError when ports failed to close; the others are closed all the same.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** What every actor of this thread did so far; of the roles of other threads it holds nothing. */
  counters(): CountersOf<R> {
    const entries = this.#host.actors.map((actor): [string, ActorCounters] => [
      actor.role,
      {
        lanes: actor.mailbox.counters(),
        turns: actor.turns,
        creditReturns: actor.creditReturns,
        timers: actor.timers.size,
        offloads: actor.offloads.size,
        heldBack: actor.heldBack !== null,
        own: actor.behaviour.counters?.() ?? null,
        port: actor.port?.counters?.() ?? null,
      },
    ]);
    return Object.fromEntries(entries) as CountersOf<R>;
  }

  /**
   * What every actor did so far, on whatever thread; of each thread at the moment when it was asked, so that sums may
   * differ by what was on its way. The roles of a thread that has died are missing.
   */
  async allCounters(): Promise<CountersOf<R>> {
    return { ...this.counters(), ...(await this.#others.counters()) };
  }

  async #stop(): Promise<void> {
    this.#host.halt();
    // An actor's port may call stop(): the turn that it stands in ends before ports close.
    await Promise.resolve();
    await this.#others.halt();
    const failures: unknown[] = [];
    for (const role of this.#options.roles) {
      try {
        await (this.#host.target(role)?.remote === true ? this.#others.closePort(role) : this.#closePort(role));
      } catch (error) {
        failures.push(error);
      }
    }
    failures.push(...(await this.#others.end()));
    this.#options.inspect?.({ type: 'stopped', at: this.#options.clock() });
    if (failures.length > 0)
      throw new AggregateError(failures, `ports failed to close: ${failures.map(String).join('; ')}`);
  }

  #closePort(role: string): Promise<void> {
    const known = this.#closing.get(role);
    if (known !== undefined) return known;
    const closing = (async () => this.#host.get(role)?.port?.close())();
    this.#closing.set(role, closing);
    return closing;
  }

  #checkNew(role: string): void {
    if (this.#started) throw roleError(role, 'is added after start()');
    if (!this.#options.roles.includes(role)) throw roleError(role, 'is not among the roles of this system');
    if (this.#host.target(role) !== undefined) throw roleError(role, 'is added twice');
  }
}

function roleError(role: string, what: string): ConfigurationError {
  return new ConfigurationError('ACTOR_ROLE', `role ${role} ${what}`, { role });
}

function checkBehaviour(
  role: string,
  definition: { readonly behaviour?: { readonly receive?: unknown } } | null,
): void {
  if (typeof definition?.behaviour?.receive === 'function') return;
  throw roleError(role, 'is added without a behaviour, an object with a function receive');
}

function checkedBudget(budget: TurnBudget): TurnBudget {
  const { messages, milliseconds } = budget;
  if (Number.isSafeInteger(messages) && messages >= 1 && milliseconds > 0) return budget;
  throw new ConfigurationError(
    'TURN_BUDGET',
    `the turn budget is ${messages} messages and ${milliseconds} ms; messages must be a whole number from 1, milliseconds above 0`,
    { messages, milliseconds },
  );
}
