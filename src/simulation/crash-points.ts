/**
 * Crashes at every durable step of a short run without other faults: each write of each replica, with each thing that a
 * crash may do to it and to the writes before it. Exhaustive for one crash; a second one, in the next life, is sampled.
 */
import { type CrashAtWrite, type Fault, PERFECT_LINKS, QUICK_DISKS, type SimulationCase } from './case.js';
import type { DurableStep } from './disk.js';
import { stream } from './random.js';
import { mustFinish, type SwarmOptions } from './swarm.js';

/** Steps are enumerated up to here: two commands have been answered by then, three to six views after the first. */
const STEPS_UNTIL_MS = 180;
const DOWN_MS = 200;
/** Where no number of replicas is asked for. */
const REPLICAS = 4;
/** Every replica that crashed, and crashed again, is up by then. */
const HEAL_AT_MS = 900;
/** A second crash comes at one of the first writes of the next life: opening, first votes. */
const SECOND_LIFE_WRITES = 12;

/** The runs whose steps are enumerated: both rules, a leader for ever and a leader a view, where none is asked for. */
export function crashPointBases(seed: number, options: SwarmOptions = {}): readonly SimulationCase[] {
  const rules = options.rule === undefined ? (['three-chain', 'two-chain'] as const) : [options.rule];
  const tenures = options.tenure === undefined ? [1, 1000] : [options.tenure];
  return rules.flatMap((rule) =>
    tenures.map((tenure) => ({
      version: 1,
      seed,
      replicas: options.replicas ?? REPLICAS,
      rule,
      tenure,
      leaderSchedule: options.leaderSchedule ?? 'round-robin',
      baseTimeoutMs: 200,
      signatures: options.signatures ?? 'hash',
      links: PERFECT_LINKS,
      disks: QUICK_DISKS,
      clients: 1,
      outstanding: 1,
      commands: 2,
      liars: [],
      faults: [],
      healAt: HEAL_AT_MS,
      dead: [],
      until: HEAL_AT_MS + 200_000,
      eventsMax: options.eventsMax ?? 100_000,
      ...mustFinish(options, options.replicas ?? REPLICAS),
    })),
  );
}

/** The part of that run whose durable steps are crash points. */
export function countingCase(base: SimulationCase): SimulationCase {
  return { ...base, healAt: null, until: STEPS_UNTIL_MS };
}

type Crash = Pick<CrashAtWrite, 'loss' | 'earlier' | 'everyone'>;

/** With everyone else: all keep what they have under way, or lose it, or each last slot is torn, or outlives its batch. */
const OF_ALL: readonly Crash[] = [
  { loss: 'before', earlier: 'lost', everyone: true },
  { loss: 'after', earlier: 'kept', everyone: true },
  { loss: 'torn', earlier: 'kept', everyone: true },
  { loss: 'after', earlier: 'lost', everyone: true },
];

/** Each thing that a crash at a step may do. A batch is never torn: it is there or not. */
export function crashesAt({ type, underWay }: DurableStep): readonly Crash[] {
  const losses = type === 'writeSlot' ? (['before', 'after', 'torn'] as const) : (['before', 'after'] as const);
  const earlier = underWay > 0 ? (['kept', 'lost'] as const) : (['lost'] as const);
  const alone = losses.flatMap((loss) => earlier.map((kept) => ({ loss, earlier: kept, everyone: false })));
  return [...alone, ...OF_ALL];
}

/** A crash point: a step of a replica. */
export interface CrashPoint extends DurableStep {
  readonly replica: number;
}

/**
 * One case for each crash at each point of `base`; and for each point one with a second crash, which comes in the life that
 * the first one leads to.
 */
export function* crashPointCases(base: SimulationCase, points: readonly CrashPoint[]): Generator<SimulationCase> {
  const random = stream(base.seed, 'crash');
  for (const point of points) {
    const crashes = crashesAt(point).map((crash) => crashAt(point.replica, point.write, crash));
    for (const crash of crashes) yield { ...base, faults: [crash] };
    const write = point.write + 1 + random.below(SECOND_LIFE_WRITES);
    const second = crashAt(point.replica, write, random.pick([...crashesAt(SLOT_BESIDE_BATCH)]));
    yield { ...base, faults: [random.pick(crashes), second] };
  }
}

/** Where all can happen that can happen anywhere: which step of its next life a second crash meets is not known. */
const SLOT_BESIDE_BATCH: DurableStep = { write: 1, type: 'writeSlot', underWay: 1 };

function crashAt(replica: number, write: number, crash: Crash): Fault {
  return { at: 0, type: 'crashAtWrite', replica, write, ...crash, downMs: DOWN_MS };
}
