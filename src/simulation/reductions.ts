/** The ways in which a case can be made smaller by one step. Each gives valid cases only; whether they fail is not known here. */
import { faultBound } from '../protocol/quorum.js';
import type { Fault, Liar, SimulationCase } from './case.js';
import type { DiskConditions } from './disk.js';
import { isWithinFaultBound } from './faulty-replicas.js';
import type { LinkConditions } from './links.js';
import type { Violation } from './violation.js';

/** A list in a case of which items can be taken out. */
export interface ListOfCase {
  readonly lengthOf: (parameters: SimulationCase) => number;
  /** The case without the items `from` ≤ index < `to`. */
  readonly without: (parameters: SimulationCase, from: number, to: number) => SimulationCase;
}

/** Faults, what each liar does, which limits are tight, and who stays down. */
export const LISTS: readonly ListOfCase[] = [
  {
    lengthOf: ({ faults }) => faults.length,
    without: (parameters, from, to) => ({ ...parameters, faults: parameters.faults.toSpliced(from, to - from) }),
  },
  {
    lengthOf: ({ liars }) => liars.flatMap(({ strategies }) => strategies).length,
    without: (parameters, from, to) =>
      withoutStrayRollbacks({ ...parameters, liars: withoutStrategies(parameters.liars, from, to) }),
  },
  {
    lengthOf: ({ tight = [] }) => tight.length,
    without: (parameters, from, to) => ({ ...parameters, tight: (parameters.tight ?? []).toSpliced(from, to - from) }),
  },
  {
    lengthOf: ({ dead }) => dead.length,
    without: (parameters, from, to) => ({ ...parameters, dead: parameters.dead.toSpliced(from, to - from) }),
  },
];

/** Simpler cases, the most promising ones first. */
export function* simplerCases(parameters: SimulationCase, violation: Violation): Generator<SimulationCase> {
  yield* fewerReplicas(parameters);
  yield* lessLoad(parameters);
  yield* shorter(parameters, violation);
  yield* withoutChance(parameters);
}

/** The case that ends just after its violation; where it would heal later, it does not heal. */
export function endingAt(parameters: SimulationCase, { at, event }: Violation): SimulationCase {
  const until = at + 1;
  const healAt = parameters.healAt === null || parameters.healAt > until ? null : parameters.healAt;
  return { ...parameters, healAt, until, eventsMax: event + 1 };
}

function* fewerReplicas(parameters: SimulationCase): Generator<SimulationCase> {
  for (const replicas of new Set([1, 4, 7, parameters.replicas - 1])) {
    if (replicas < 1 || replicas >= parameters.replicas) continue;
    const faulty = faultBound(replicas);
    const liars = parameters.liars.filter(({ replica }) => replica < replicas);
    const dead = parameters.dead.filter((replica) => replica < replicas).slice(0, faulty);
    const faults = parameters.faults.flatMap((fault) => faultAmong(fault, replicas));
    const fewer = withoutStrayRollbacks({ ...parameters, replicas, liars, dead, faults });
    // A case with more that are faulty than its size bears breaks for another reason.
    if (liars.length <= faulty && (parameters.beyondFaultBound || isWithinFaultBound(fewer))) yield fewer;
  }
}

/** The fault as it strikes the first `replicas` replicas; nothing where it is about others. */
function faultAmong(fault: Fault, replicas: number): readonly Fault[] {
  const is = (node: number): boolean => node < replicas;
  if ('replica' in fault) return is(fault.replica) ? [fault] : [];
  if ('a' in fault) return is(fault.a) && is(fault.b) ? [fault] : [];
  if ('client' in fault) {
    const among = fault.replicas.filter(is);
    return among.length > 0 ? [{ ...fault, replicas: among }] : [];
  }
  if (fault.type !== 'cut' && fault.type !== 'join') return [fault];
  const [from, to] = [fault.from.filter(is), fault.to.filter(is)];
  return from.length > 0 && to.length > 0 ? [{ ...fault, from, to }] : [];
}

function* lessLoad(parameters: SimulationCase): Generator<SimulationCase> {
  const { thinkMs, ...hasty } = parameters;
  if (thinkMs !== undefined) yield hasty;
  for (const name of ['clients', 'commands', 'outstanding'] as const) {
    const most = parameters[name];
    for (const value of new Set([1, 2, 5, Math.floor(most / 2)])) {
      if (value < 1 || value >= most) continue;
      const faults = parameters.faults.filter(
        (fault) => name !== 'clients' || !('client' in fault) || fault.client < value,
      );
      yield { ...parameters, [name]: value, faults };
    }
  }
}

function* shorter(parameters: SimulationCase, { at, invariant }: Violation): Generator<SimulationCase> {
  const { faults, healAt } = parameters;
  const before = faults.filter((fault) => fault.at <= at);
  if (before.length < faults.length) yield { ...parameters, faults: before };
  if (healAt === null) return;
  if (invariant.startsWith('S')) yield { ...parameters, healAt: null };
  for (const earlier of [Math.ceil((before.at(-1)?.at ?? 0) + 1), Math.ceil(healAt / 2)]) {
    if (earlier < healAt) yield { ...parameters, healAt: earlier };
  }
}

/** Delays that are all alike, and times in whole milliseconds: easier to follow. */
function* withoutChance(parameters: SimulationCase): Generator<SimulationCase> {
  const constant = {
    links: evenLinks(parameters.links),
    disks: evenDisks(parameters.disks),
    faults: parameters.faults.map(evenFault),
    ...(parameters.thinkMs === undefined ? {} : { thinkMs: even(parameters.thinkMs) }),
  };
  if (!isSame(constant, parameters)) yield { ...parameters, ...constant };
  const rounded = parameters.faults.map((fault) => ({ ...fault, at: Math.round(fault.at) }));
  if (!isSame({ faults: rounded }, parameters)) yield { ...parameters, faults: rounded };
}

function evenFault(fault: Fault): Fault {
  if (fault.type === 'links' || fault.type === 'link') return { ...fault, changes: evenLinks(fault.changes) };
  return fault.type === 'disk' ? { ...fault, changes: evenDisks(fault.changes) } : fault;
}

function evenLinks<Links extends Partial<LinkConditions>>(links: Links): Links {
  return links.delayMs === undefined ? links : { ...links, delayMs: even(links.delayMs) };
}

function evenDisks<Disks extends Partial<DiskConditions>>(disks: Disks): Disks {
  return disks.latencyMs === undefined ? disks : { ...disks, latencyMs: even(disks.latencyMs) };
}

function even([least, most]: readonly [number, number]): readonly [number, number] {
  if (least === most) return [least, most];
  const middle = Math.max(1, Math.round((least + most) / 2));
  return [middle, middle];
}

function withoutStrategies(liars: readonly Liar[], from: number, to: number): readonly Liar[] {
  let index = 0;
  const kept = liars.map(({ replica, strategies }) => ({
    replica,
    strategies: strategies.filter(() => {
      const mine = index;
      index += 1;
      return mine < from || mine >= to;
    }),
  }));
  return kept.filter(({ strategies }) => strategies.length > 0);
}

/** A disk that is rolled back makes a liar: nobody else's is. */
function withoutStrayRollbacks(parameters: SimulationCase): SimulationCase {
  const forgets = new Set(
    parameters.liars.filter(({ strategies }) => strategies.includes('rollback')).map(({ replica }) => replica),
  );
  const faults = parameters.faults.filter((fault) => fault.type !== 'rollback' || forgets.has(fault.replica));
  return { ...parameters, faults };
}

function isSame(part: Partial<SimulationCase>, whole: SimulationCase): boolean {
  return Object.entries(part).every(
    ([name, value]) => JSON.stringify(value) === JSON.stringify(whole[name as keyof SimulationCase]),
  );
}
