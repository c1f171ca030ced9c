import type { AnyEffect } from '../../src/runtime/actor.js';
import {
  type ActorDefinition,
  ActorSystem,
  type ActorSystemOptions,
  type CountersOf,
} from '../../src/runtime/actor-system.js';
import type { NoTasks, Roles, Tasks } from '../../src/runtime/behaviour.js';
import type { MailboxOptions } from '../../src/runtime/mailbox.js';
import { linkPair, type TestLink } from './linked-threads.js';

interface Share<R extends Roles, T extends Tasks> {
  readonly roles: readonly (keyof R & string)[];
  readonly system: ActorSystem<R, T>;
  readonly mailboxes: { [Role in keyof R & string]?: MailboxOptions<R[Role]> };
}

/**
 * One actor system whose roles stand on threads of their own, all of them simulated on one: every pair is linked, and
 * what crosses is cloned and comes later, by the scheduler that it was given. The first share is the one that owns it.
 */
export class SpanningSystem<R extends Roles, T extends Tasks = NoTasks> {
  readonly links: TestLink[] = [];
  readonly #shares: readonly Share<R, T>[];
  readonly #schedule: (run: () => void) => void;
  #stopping: Promise<void> | null = null;

  constructor(options: ActorSystemOptions<R, T>, threads: readonly (readonly (keyof R & string)[])[] = []) {
    const alone = options.roles.filter((role) => !threads.some((roles) => roles.includes(role)));
    this.#schedule = options.schedule;
    const { inspect, ...others } = { ...options, onFailure: () => undefined };
    this.#shares = [...threads, ...alone.map((role) => [role])].map((roles, index) => {
      const system = new ActorSystem<R, T>(index === 0 ? options : others);
      return { roles, system, mailboxes: {} };
    });
  }

  add<Role extends keyof R & string, Effect extends AnyEffect>(
    role: Role,
    definition: ActorDefinition<R, R[Role], Effect, T>,
  ): this {
    const share = this.#shareOf(role);
    share.system.add(role, definition);
    share.mailboxes[role] = definition.mailbox;
    if (this.#shares.every(({ roles, mailboxes }) => roles.every((each) => each in mailboxes))) this.#link();
    return this;
  }

  start(): void {
    // As with real threads, the one that owns the system is started last.
    for (const { system } of [...this.#shares].reverse()) system.start();
  }

  /** As the role's own port would deliver it, on the role's thread. */
  post<Role extends keyof R & string>(role: Role, message: R[Role]): boolean {
    return this.on(role).post(role, message);
  }

  runUntilIdle(): void {
    do {
      for (const { system } of this.#shares) system.runUntilIdle();
    } while (this.#deliver());
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  counters(): CountersOf<R> {
    return Object.assign({}, ...this.#shares.map(({ system }) => system.counters()));
  }

  /** The system on the thread of a role. */
  on(role: keyof R & string): ActorSystem<R, T> {
    return this.#shareOf(role).system;
  }

  async #stop(): Promise<void> {
    let over = false;
    const stopped = this.#owner.stop().finally(() => {
      over = true;
    });
    // Nothing moves virtual time while somebody awaits this.
    while (!over) {
      this.#deliver();
      await Promise.resolve();
    }
    await stopped;
  }

  get #owner(): ActorSystem<R, T> {
    return (this.#shares[0] as Share<R, T>).system;
  }

  #deliver(): boolean {
    return this.links.map((link) => link.deliverNext()).includes(true);
  }

  #link(): void {
    for (const [index, one] of this.#shares.entries()) {
      for (const other of this.#shares.slice(index + 1)) {
        const [toOther, toOne] = linkPair(this.#schedule, one.roles.join(), other.roles.join());
        one.system.connect(toOther, other.mailboxes);
        other.system.connect(toOne, one.mailboxes);
        this.links.push(toOther, toOne);
      }
    }
    // The owner's wish to inspect is heard before anything happens.
    this.#deliver();
  }

  #shareOf(role: keyof R & string): Share<R, T> {
    const share = this.#shares.find(({ roles }) => roles.includes(role));
    if (share === undefined) throw new Error(`${role} is not among the roles`);
    return share;
  }
}
