import { invariant } from '../errors.js';
import type { Actor } from './actor.js';
import { ArrivalLane } from './arrival-lane.js';
import type { Credit, Message } from './behaviour.js';
import { CreditsOwed } from './credits.js';
import type { InspectionEvent } from './inspection.js';
import type { Lane } from './lane.js';
import type { Batch, Link, OwedCredit, Parcel, Probe, ReturnedPlaces } from './link.js';
import type { OutgoingBytes } from './outgoing-bytes.js';
import type { RemoteRole } from './remote-role.js';
import { ShownEvents } from './shown-events.js';

interface BridgeParts {
  readonly link: Link;
  /** The actors of the other thread, as they stand here. */
  readonly remotes: readonly RemoteRole[];
  readonly actor: (role: string) => Actor | undefined;
  readonly clock: () => number;
  readonly onRefused: (actor: Actor, message: Message, lane: Lane, from: string | null) => void;
  readonly onShown: (event: InspectionEvent) => void;
}

/** All that goes between this thread and one other: what is gathered here until it is posted, and what arrived. */
export class Bridge {
  readonly link: Link;
  readonly remotes: readonly RemoteRole[];
  /** Events for whoever inspects at the other end. */
  readonly shown = new ShownEvents();
  readonly #parts: BridgeParts;
  readonly #arrivals = new Map<string, ArrivalLane>();
  /** By the role that sent the credited messages. */
  readonly #credits = new Map<string, CreditsOwed>();
  #probes: Probe[] = [];
  #seen = 0;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    this.link = parts.link;
    this.remotes = parts.remotes;
  }

  /** Whether a batch would be posted now. */
  get pending(): boolean {
    if (this.#credits.size > 0 || this.#probes.length > 0 || this.shown.waiting > 0) return true;
    return this.remotes.some((remote) => remote.sendable) || [...this.#arrivals.values()].some(({ due }) => due);
  }

  get crowded(): boolean {
    return this.remotes.some((remote) => remote.crowded);
  }

  send(probe: Probe): void {
    this.#probes.push(probe);
  }

  /** The lane of an actor of this thread into which the other thread sends. */
  arrivals(role: string, lane: Lane): ArrivalLane {
    const key = `${lane} ${role}`;
    const known = this.#arrivals.get(key);
    if (known !== undefined) return known;
    const actor = this.#parts.actor(role);
    invariant(actor !== undefined, `thread ${this.link.thread} sends to ${role}, which is not on this thread`);
    const { clock: now, onRefused } = this.#parts;
    const fresh = new ArrivalLane(actor, lane, { now, onRefused, onCredit: (...owed) => this.#owe(...owed) });
    this.#arrivals.set(key, fresh);
    return fresh;
  }

  /** Takes out all that there is for the other thread; its bytes are prepared for the way by `bytes`. */
  takeBatch(bytes: OutgoingBytes): Batch {
    const now = this.#parts.clock();
    const seen = this.#seen;
    const probes = this.#probes;
    this.#seen = 0;
    this.#probes = [];
    const sending = this.remotes.filter((remote) => remote.sendable);
    return {
      type: 'batch',
      parcels: sending.flatMap((remote) => remote.takeParcels(now, bytes)),
      overflows: sending.flatMap((remote) => remote.takeOverflows()),
      places: this.#takePlaces(),
      credits: this.#takeCredits(),
      probes,
      shown: this.shown.take(),
      seen,
    };
  }

  /** Takes in all of a batch but its probes. */
  arrived({ parcels, overflows, places, credits, shown, seen }: Batch): void {
    for (const event of shown) this.#parts.onShown(event);
    this.#seen += shown.length;
    this.shown.seen(seen);
    for (const { role, lane, count } of places) this.#remote(role).placesReturned(lane, count);
    for (const { to, returned } of credits) this.#actor(to).owed.addAll(returned);
    for (const { role, lane, ...counted } of overflows) this.#actor(role).mailbox.countElsewhere(lane, counted);
    for (const parcel of parcels) this.#deliver(parcel);
  }

  #deliver({ to, lane, messages, from, credits }: Parcel): void {
    const arrivals = this.arrivals(to, lane);
    for (const [index, message] of messages.entries()) {
      arrivals.arrive(message, from[index] ?? null, credits?.[index] ?? null);
    }
  }

  #owe(sender: string, consumer: string, credit: Credit): void {
    const known = this.#credits.get(sender);
    const owed = known ?? new CreditsOwed();
    if (known === undefined) this.#credits.set(sender, owed);
    owed.add(consumer, credit);
  }

  #takeCredits(): OwedCredit[] {
    const credits: OwedCredit[] = [];
    for (const [to, owed] of this.#credits) {
      for (let returned = owed.take(); returned !== undefined; returned = owed.take()) credits.push({ to, returned });
    }
    this.#credits.clear();
    return credits;
  }

  #takePlaces(): ReturnedPlaces[] {
    const places: ReturnedPlaces[] = [];
    for (const arrivals of this.#arrivals.values()) {
      const count = arrivals.takePlaces();
      if (count > 0) places.push({ role: arrivals.actor.role, lane: arrivals.laneWanted, count });
    }
    return places;
  }

  #actor(role: string): Actor {
    const actor = this.#parts.actor(role);
    invariant(actor !== undefined, `thread ${this.link.thread} knows ${role} here, which is on another thread`);
    return actor;
  }

  #remote(role: string): RemoteRole {
    const remote = this.remotes.find((each) => each.role === role);
    invariant(remote !== undefined, `thread ${this.link.thread} answers for ${role}, which it does not hold`);
    return remote;
  }
}
