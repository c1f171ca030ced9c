import { MAIN_THREAD } from '../src/adapters/thread-module.js';
import { ConfigurationError } from '../src/errors.js';
import { describe, isMade } from './make-replacement.js';
import { REPLICA_ROLES, type ReplicaRole } from './roles.js';

/**
 * Where a replica's actors run: all on the calling thread, or on as many threads as pays, or each on the thread that its
 * role names. Roles that are not named stay on the calling thread, which is called `main`; consensus, pacemaker and sync
 * go together, so that one of them names the thread of all three. A thread has any name, and is made for the replica.
 */
export type Placement = 'inline' | 'threads' | { readonly [Role in ReplicaRole]?: string };

/** The roles of each thread, by the thread's name; the calling one comes first. A thread may have the machine alone. */
export type PlacedRoles = ReadonlyMap<string, readonly ReplicaRole[]>;

/** Where everything of a replica is. */
export interface Placed {
  readonly roles: PlacedRoles;
  /** The thread on which the machine is called. */
  readonly machineThread: string;
}

/** What of a replica's options decides where its actors can be. */
export interface PlacedParts {
  readonly kind: 'commands' | 'speculative';
  /** Whether the machine is given as a module, so that it can be made on any thread. */
  readonly machineIsModule: boolean;
  /** Actors in place of ours, by role. */
  readonly actors: { readonly [role: string]: unknown };
}

/** The actors that decide about one block together, many times: a thread's border between them would cost more than it gives. */
export const CORE: readonly ReplicaRole[] = ['consensus', 'pacemaker', 'sync'];

const MACHINE_THREAD = 'machine';

/** Both doors on one thread, since what they do is the same: sockets, frames, TLS. */
const SPLIT: { readonly [Role in ReplicaRole]: string } = {
  replica: MAIN_THREAD,
  network: 'network',
  gateway: 'network',
  consensus: 'consensus',
  pacemaker: 'consensus',
  sync: 'consensus',
  storage: 'storage',
  proposalGenerator: MACHINE_THREAD,
};

/**
 * Finds the thread of every actor, and of the machine. By default a machine that takes commands shares the calling thread
 * with all actors, and a speculative one has a thread to itself, since its `propose()` may compute for long, which neither
 * votes nor a proposal that is built already should wait for: an object keeps the calling thread, and a module gets one.
 * @throws ConfigurationError `PLACEMENT_IMPOSSIBLE` for what cannot be, with the reason and what would be right.
 */
export function placeActors(placement: Placement | undefined, parts: PlacedParts): Placed {
  const isByHand = placement !== undefined && placement !== 'inline' && placement !== 'threads';
  // A generator of the application's own knows how its machine is called.
  const isApart = !isByHand && parts.kind === 'speculative' && parts.actors.proposalGenerator === undefined;
  if (placement === 'inline') return withMachine(allHere());
  if (isApart) return machineApart(placement, parts);
  const pinned = pinnedRoles(parts);
  if (placement === 'threads') {
    return withMachine(byThread((role) => (isPinned(role, pinned) ? MAIN_THREAD : SPLIT[role])));
  }
  if (placement !== undefined) return withMachine(placedByHand(checkedNames(placement), pinned));
  if (parts.kind === 'commands') return withMachine(allHere());
  if (!pinned.has('proposalGenerator'))
    return withMachine(byThread((role) => (role === 'proposalGenerator' ? MACHINE_THREAD : MAIN_THREAD)));
  const [stuck] = CORE.filter((role) => pinned.has(role));
  if (stuck !== undefined) throw notApart(stuck);
  return withMachine(byThread((role) => (pinned.has(role) ? MAIN_THREAD : SPLIT.consensus)));
}

/** The machine has a thread to itself, and the generator, which has its proposals, is beside consensus, which wants them. */
function machineApart(placement: 'threads' | undefined, parts: PlacedParts): Placed {
  const { machineIsModule } = parts;
  const machineThread = machineIsModule ? MACHINE_THREAD : MAIN_THREAD;
  const pinned = pinnedRoles({ ...parts, machineIsModule: true });
  if (placement === 'threads') {
    const split = { ...SPLIT, proposalGenerator: SPLIT.consensus };
    const core = isPinned('consensus', pinned) ? MAIN_THREAD : SPLIT.consensus;
    const threadOf = (role: ReplicaRole) => (split[role] === SPLIT.consensus ? core : split[role]);
    return {
      roles: byThread((role) => (pinned.has(role) ? MAIN_THREAD : threadOf(role)), machineThread),
      machineThread,
    };
  }
  if (machineIsModule) return { roles: byThread(() => MAIN_THREAD, machineThread), machineThread };
  const [stuck] = CORE.filter((role) => pinned.has(role));
  if (stuck !== undefined) throw notApart(stuck);
  return { roles: byThread((role) => (pinned.has(role) ? MAIN_THREAD : SPLIT.consensus)), machineThread };
}

/** The machine is called where the generator is. */
function withMachine(roles: PlacedRoles): Placed {
  return { roles, machineThread: threadOf(roles, 'proposalGenerator') };
}

/** Returns the thread of a role. */
export function threadOf(placed: PlacedRoles, role: ReplicaRole): string {
  return [...placed].find(([, roles]) => roles.includes(role))?.[0] ?? MAIN_THREAD;
}

/** What keeps an actor on the calling thread, by role, in words. */
type Pinned = ReadonlyMap<ReplicaRole, string>;

function pinnedRoles({ machineIsModule, actors }: PlacedParts): Pinned {
  const stays = `stays on the calling thread, '${MAIN_THREAD}'`;
  const pinned = new Map<ReplicaRole, string>([['replica', `it tells the application what happens, and ${stays}`]]);
  const remedy = 'give it as { module, options }';
  if (!machineIsModule) pinned.set('proposalGenerator', `the machine is an object, which ${stays}: ${remedy}`);
  for (const role of REPLICA_ROLES) {
    const given = actors[role];
    if (typeof given !== 'function' && !isMade(given)) continue;
    const what = typeof given === 'function' ? 'a function' : 'an object';
    pinned.set(role, `actors.${role} is ${what}, which ${stays}: ${remedy}`);
  }
  return pinned;
}

/** One of the core that cannot go keeps the others. */
function isPinned(role: ReplicaRole, pinned: Pinned): boolean {
  return CORE.includes(role) ? CORE.some((each) => pinned.has(each)) : pinned.has(role);
}

type NamedThreads = ReadonlyMap<ReplicaRole, string>;

function placedByHand(named: NamedThreads, pinned: Pinned): PlacedRoles {
  const core = coreThread(named);
  const threadOf = (role: ReplicaRole) => (CORE.includes(role) ? core : (named.get(role) ?? MAIN_THREAD));
  for (const [role, reason] of pinned) {
    const thread = threadOf(role);
    if (thread === MAIN_THREAD) continue;
    throw misplaced(`placement.${role} is '${thread}', but ${reason}, or leave placement.${role} out`, role);
  }
  return byThread(threadOf);
}

function coreThread(named: NamedThreads): string {
  const [first, ...others] = CORE.filter((role) => named.has(role));
  if (first === undefined) return MAIN_THREAD;
  const thread = named.get(first) as string;
  const apart = others.find((role) => named.get(role) !== thread);
  if (apart === undefined) return thread;
  const both = `placement.${first} is '${thread}' and placement.${apart} is '${named.get(apart)}'`;
  const why = 'they decide about every block together, and a border between them would only add to its time';
  throw misplaced(`${both}; ${CORE.join(', ')} are always on one thread: ${why}. Name it once`, apart);
}

/** A name that metrics and errors can show. */
const THREAD_NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

function checkedNames(placement: unknown): NamedThreads {
  if (typeof placement !== 'object' || placement === null || Array.isArray(placement)) {
    throw misplaced(`placement is ${describe(placement)}; it must be 'inline', 'threads' or { role: thread }`, null);
  }
  const named = new Map<ReplicaRole, string>();
  for (const [key, thread] of Object.entries(placement)) {
    const role = REPLICA_ROLES.find((each) => each === key);
    if (role === undefined) {
      throw misplaced(`placement.${key} is no actor; the actors are ${REPLICA_ROLES.join(', ')}`, key);
    }
    if (typeof thread !== 'string' || !THREAD_NAME.test(thread)) {
      const right = `the name of a thread: a letter, then letters, digits and hyphens, 32 at most; the calling one is '${MAIN_THREAD}'`;
      throw misplaced(`placement.${key} is ${describe(thread)}; it must be ${right}`, key);
    }
    named.set(role, thread);
  }
  return named;
}

function allHere(): PlacedRoles {
  return new Map([[MAIN_THREAD, REPLICA_ROLES]]);
}

function byThread(threadOf: (role: ReplicaRole) => string, machineThread = MAIN_THREAD): PlacedRoles {
  const placed = new Map<string, ReplicaRole[]>([[MAIN_THREAD, []]]);
  for (const role of REPLICA_ROLES) {
    const thread = threadOf(role);
    placed.set(thread, [...(placed.get(thread) ?? []), role]);
  }
  if (!placed.has(machineThread)) placed.set(machineThread, []);
  return placed;
}

function notApart(role: ReplicaRole): ConfigurationError {
  return misplaced(
    `a speculative machine runs on another thread than consensus, but the machine is an object and so is actors.${role}: both ` +
      "stay on the calling thread. Give one of them as { module, options }, or say placement: 'inline' where propose() is quick",
    role,
  );
}

function misplaced(message: string, role: string | null): ConfigurationError {
  return new ConfigurationError('PLACEMENT_IMPOSSIBLE', message, { role });
}
