/** Cases as texts: what a failed run leaves, and people change by hand. */
import { clusterRanges, clusterRules } from '../config/cluster-file.js';
import { leaderSchedules } from '../protocol/leader-schedule.js';
import { EVENTS_MAX, type FaultType, SIMULATED_REPLICAS_MAX, type SimulationCase } from './case.js';
import {
  byType,
  flag,
  type Kind,
  listOf,
  number,
  object,
  oneOf,
  orNull,
  positive,
  range,
  text,
  whole,
} from './json-kinds.js';
import { readObject } from './json-object.js';

/** What a file of a case says. */
export type CaseReading =
  | { readonly ok: true; readonly case: SimulationCase }
  | { readonly ok: false; readonly problem: string };

type FieldsOf<T> = { readonly [Name in keyof Required<T>]: Kind };

const CLIENTS_MAX = 1000;
/** Commands of one client that are on the way, and of all together: each is kept by every replica until it is answered. */
const OUTSTANDING_MAX = 10_000;
const ON_THE_WAY_MAX = 100_000;

const replica = whole(0, SIMULATED_REPLICAS_MAX - 1);
const client = whole(0, CLIENTS_MAX - 1);
const probability = number(0, 1);
const ms = number(0);
const loss = oneOf(['before', 'after', 'torn', 'random']);

const links: FieldsOf<SimulationCase['links']> = {
  delayMs: range(ms),
  loss: probability,
  duplicate: probability,
  reorder: probability,
  replay: probability,
  cut: flag,
  bytesPerMs: orNull(positive),
};

const disks: FieldsOf<SimulationCase['disks']> = { latencyMs: range(ms), failing: flag };

const faults: Readonly<Record<FaultType, Readonly<Record<string, Kind>>>> = {
  crash: { replica, loss },
  crashAtWrite: {
    replica,
    write: whole(1),
    loss,
    earlier: oneOf(['kept', 'lost']),
    everyone: flag,
    downMs: ms,
  },
  crashAtFetch: { replica, downMs: ms },
  restart: { replica },
  pause: { replica },
  resume: { replica },
  slow: { replica, milliseconds: ms },
  clockRate: { replica, factor: positive },
  clockJump: { replica, milliseconds: ms },
  cut: { from: listOf(replica), to: listOf(replica) },
  join: { from: listOf(replica), to: listOf(replica) },
  break: { a: replica, b: replica },
  link: { a: replica, b: replica, changes: object({}, links) },
  cutClient: { client, replicas: listOf(replica) },
  joinClient: { client, replicas: listOf(replica) },
  image: { replica },
  rollback: { replica },
  links: { changes: object({}, links) },
  damage: {
    replica,
    damage: oneOf(['slotFlipped', 'bothSlotsFlipped', 'databaseFlipped', 'lastBatchLost', 'lastBatchesLost']),
  },
  disk: { replica, changes: object({}, disks) },
};

const version = oneOf([1]);

type Always = Omit<SimulationCase, 'beyondFaultBound' | 'mustFinish' | 'speculation' | 'thinkMs' | 'tight'>;

const always: FieldsOf<Always> = {
  version,
  seed: whole(0),
  replicas: whole(1, SIMULATED_REPLICAS_MAX),
  rule: oneOf(clusterRules),
  tenure: whole(clusterRanges.tenure.min, clusterRanges.tenure.max),
  leaderSchedule: oneOf(leaderSchedules),
  baseTimeoutMs: whole(clusterRanges.baseTimeoutMs.min, clusterRanges.baseTimeoutMs.max),
  signatures: oneOf(['hash', 'ed25519']),
  links: object(links),
  disks: object(disks),
  clients: whole(0, CLIENTS_MAX),
  outstanding: whole(1, OUTSTANDING_MAX),
  commands: whole(0, EVENTS_MAX),
  liars: listOf(object({ replica, strategies: listOf(text) })),
  faults: listOf(byType(faults, { at: ms })),
  healAt: orNull(ms),
  dead: listOf(replica),
  until: ms,
  eventsMax: whole(1),
};

const sometimes: FieldsOf<Omit<SimulationCase, keyof Always>> = {
  beyondFaultBound: flag,
  mustFinish: flag,
  speculation: object({
    proposalBufferTarget: whole(0),
    refillProposalBuffer: oneOf(['immediately', 'whenEmpty']),
    machineMs: range(ms),
  } satisfies FieldsOf<NonNullable<SimulationCase['speculation']>>),
  thinkMs: range(ms),
  tight: listOf(text),
};

const caseKind = object(always, sometimes);

/** Reads a case that a failed run has left. Says what is wrong with a text that is none. */
export function parseCase(json: string): CaseReading {
  const reading = readObject(json);
  if (!reading.ok) return reading;
  const problem = caseProblem(reading.fields);
  return problem === null ? { ok: true, case: reading.fields as unknown as SimulationCase } : { ok: false, problem };
}

/** Says why a value is no case that can be run; null where it is one. */
export function caseProblem(value: unknown): string | null {
  const given = (value ?? {}) as { readonly version?: unknown };
  // Of another version the other fields may be different ones.
  return version(given.version, 'version') ?? caseKind(value, '') ?? discordIn(value as SimulationCase);
}

/** What does not fit together in a case each of whose fields may be. */
function discordIn(parameters: SimulationCase): string | null {
  const { clients, outstanding, healAt, until } = parameters;
  if (healAt !== null && healAt > until)
    return `healAt is ${healAt} and until is ${until}: the run would end before it heals; healAt must be until at most, or null`;
  const onTheWay = clients * outstanding;
  if (onTheWay > ON_THE_WAY_MAX)
    return `clients is ${clients} and outstanding ${outstanding}: ${onTheWay} commands would be on the way at once; there may be ${ON_THE_WAY_MAX}`;
  return strangersIn(parameters);
}

/** A replica or client that is named and that the case does not have, a link that leads nowhere, or who is dead or a liar twice. */
function strangersIn({ replicas, clients, liars, dead, faults: all }: SimulationCase): string | null {
  const named: [string, number][] = [
    ...liars.map((liar, index): [string, number] => [`liars[${index}].replica`, liar.replica]),
    ...dead.map((id, index): [string, number] => [`dead[${index}]`, id]),
    ...all.flatMap((fault, index): [string, number][] => {
      const ids =
        'replica' in fault
          ? [fault.replica]
          : 'a' in fault
            ? [fault.a, fault.b]
            : 'from' in fault
              ? [...fault.from, ...fault.to]
              : 'client' in fault
                ? fault.replicas
                : [];
      return ids.map((id) => [`faults[${index}]`, id]);
    }),
  ];
  const stranger = named.find(([, id]) => id >= replicas);
  if (stranger !== undefined) return `${stranger[0]} names replica ${stranger[1]}; there are ${replicas}, from 0`;
  const unknown = all.findIndex((fault) => 'client' in fault && fault.client >= clients);
  if (unknown >= 0)
    return `faults[${unknown}] names a client that the case does not have; there are ${clients}, from 0`;
  const loop = all.findIndex((fault) => fault.type === 'link' && fault.a === fault.b);
  if (loop >= 0) return `faults[${loop}] is a link from a replica to itself; a and b must differ`;
  const twice = (ids: readonly number[]) => ids.find((id, index) => ids.indexOf(id) !== index);
  const again = twice(dead) ?? twice(liars.map(({ replica: id }) => id));
  return again === undefined ? null : `replica ${again} is named twice among the dead or the liars; once is enough`;
}
