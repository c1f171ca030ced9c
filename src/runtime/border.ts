import { InvariantViolation } from '../errors.js';
import type { Actor, Target, Ticket } from './actor.js';
import type { Message } from './behaviour.js';
import { Bridge } from './bridge.js';
import { DeadlockProbes } from './deadlock-probes.js';
import { cloneMessage } from './effect-performer.js';
import type { HostState } from './host-state.js';
import type { InspectionEvent } from './inspection.js';
import type { Lane } from './lane.js';
import type { Batch, Link } from './link.js';
import type { MailboxOptions } from './mailbox.js';
import { OutgoingBytes } from './outgoing-bytes.js';
import { RemoteRole } from './remote-role.js';

interface BorderParts {
  readonly state: HostState;
  readonly clock: () => number;
  readonly actor: (role: string) => Actor | undefined;
  /** Lets those go on who wait for room in a remote role's lanes. */
  readonly letWaitingGoOn: (target: Target) => void;
  readonly onDropped: (target: Target, message: Message, lane: Lane, ticket: Ticket | null) => void;
  readonly onRefused: (target: Target, message: Message, lane: Lane, from: string | null) => void;
}

/** The border of one host: its bridges to the threads that hold the other actors of the system. */
export class Border {
  readonly bridges: Bridge[] = [];
  readonly #parts: BorderParts;
  readonly #probes: DeadlockProbes;

  constructor(parts: BorderParts) {
    this.#parts = parts;
    this.#probes = new DeadlockProbes(parts.state, (target) => this.#bridgeTo(target));
  }

  /** Makes a bridge to the thread that holds `roles`; their mailboxes are as that thread makes them. */
  connect(link: Link, roles: Readonly<Record<string, MailboxOptions<Message>>>): Bridge {
    const { clock, actor, onRefused, onDropped, state } = this.#parts;
    const remotes = Object.entries(roles).map(([role, options]) => {
      const remote: RemoteRole = new RemoteRole(role, options, (...dropped) => onDropped(remote, ...dropped));
      return remote;
    });
    const onShown = (event: InspectionEvent) => state.inspect?.(event);
    const bridge = new Bridge({ link, remotes, actor, clock, onRefused, onShown });
    this.bridges.push(bridge);
    return bridge;
  }

  get pending(): boolean {
    return this.bridges.some((bridge) => bridge.pending);
  }

  get crowded(): boolean {
    return this.bridges.some((bridge) => bridge.crowded);
  }

  /** An actor waits for room from now on: whether in a ring is asked when all was posted. */
  heldBack(actor: Actor): void {
    if (this.bridges.length > 0) this.#probes.heldBack(actor);
  }

  /** Posts all that was gathered, one batch a thread. Who finds room by it goes on, and what it sends comes next time. */
  flush(): void {
    for (const bridge of this.bridges) {
      if (!bridge.pending) continue;
      this.#post(bridge);
      for (const remote of bridge.remotes) if (remote.waiting.length > 0) this.#parts.letWaitingGoOn(remote);
    }
    this.#probes.ask();
  }

  arrived(bridge: Bridge, batch: Batch): void {
    bridge.arrived(batch);
    for (const probe of batch.probes) this.#probes.answer(bridge, probe);
  }

  #post(bridge: Bridge): void {
    const bytes = new OutgoingBytes();
    const batch = bridge.takeBatch(bytes);
    try {
      bridge.link.post(batch, bytes.moved);
    } catch (cause) {
      this.#chargeTo(batch);
      throw new InvariantViolation(`a batch for thread ${bridge.link.thread} cannot be posted`, { cause });
    }
  }

  /** Throws for the message that cannot be cloned, in its sender's name. */
  #chargeTo({ parcels }: Batch): void {
    const { state, actor } = this.#parts;
    for (const { to, messages, from } of parcels) {
      for (const [index, message] of messages.entries()) {
        state.current = actor(from[index] ?? '') ?? state.current;
        cloneMessage(message, to);
      }
    }
  }

  #bridgeTo(target: Target): Bridge | undefined {
    return this.bridges.find(({ remotes }) => remotes.some((remote) => remote === target));
  }
}
