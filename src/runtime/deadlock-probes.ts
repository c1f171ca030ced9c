import { InvariantViolation } from '../errors.js';
import type { Actor, HeldBack, Target } from './actor.js';
import type { Bridge } from './bridge.js';
import type { HostState } from './host-state.js';
import type { Probe } from './link.js';
import { RemoteRole } from './remote-role.js';

/** Threads that a probe passes at most: one that goes round in a ring without its origin dies. */
const HOPS_MAX = 64;

/**
 * Finds actors that hold each other back in a ring across threads, which the host of one thread cannot see. Who is held
 * back by an actor of another thread asks by a probe, which follows those who wait; when it comes back to its origin
 * there is a ring. A probe counts only if its sender has heard of every place that the lane gave back: so each wait on
 * its way was still one when the next was looked at, and a ring that is found is one.
 *
 * Source: Chandy, Misra, Haas, Distributed deadlock detection, TOCS 1983, the resource model; the count is ours.
 */
export class DeadlockProbes {
  readonly #state: HostState;
  readonly #bridgeTo: (target: Target) => Bridge | undefined;
  #asking: Actor[] = [];

  constructor(state: HostState, bridgeTo: (target: Target) => Bridge | undefined) {
    this.#state = state;
    this.#bridgeTo = bridgeTo;
  }

  heldBack(actor: Actor): void {
    this.#asking.push(actor);
  }

  /** Sends the probes of those who are held back since, and still are after all was posted. */
  ask(): void {
    if (this.#asking.length === 0) return;
    const asking = this.#asking;
    this.#asking = [];
    for (const actor of asking) this.#follow(actor, actor.role, 0);
  }

  /** @throws InvariantViolation, in the name of the origin, when a probe has come back to it. */
  answer(from: Bridge, { origin, to, lane, returned, hops }: Probe): void {
    const arrivals = from.arrivals(to, lane);
    if (arrivals.left !== returned) return arrivals.wantPlaces();
    this.#follow(arrivals.actor, origin, hops);
  }

  #follow(first: Actor, origin: string, hops: number): void {
    let last: HeldBack | null = null;
    for (let at: Target = first; at.heldBack !== null; at = at.heldBack.target) {
      if (at.role === origin && hops > 0) {
        this.#state.current = at as Actor;
        throw new InvariantViolation(`${origin} and ${at.heldBack.target.role} hold each other back, across threads`);
      }
      last = at.heldBack;
    }
    if (last === null || hops >= HOPS_MAX || !(last.target instanceof RemoteRole)) return;
    const { target, laneWanted: lane } = last;
    if (!target.stuck(lane)) return;
    const probe = { origin, to: target.role, lane, returned: target.returned(lane), hops: hops + 1 };
    this.#bridgeTo(target)?.send(probe);
  }
}
