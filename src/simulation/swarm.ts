/**
 * Draws cases: which faults a run has, and how many, differs from seed to seed (swarm testing; Groce et al., ISSTA 2012), so
 * that no kind of fault hides what another one would show. Every case heals, and then the cluster must make progress.
 */
import { faultBound } from '../protocol/quorum.js';
import {
  type Fault,
  type FaultType,
  type Liar,
  PERFECT_LINKS,
  QUICK_DISKS,
  type SimulationCase,
  type Speculation,
} from './case.js';
import type { DiskDamage } from './disk.js';
import type { LinkConditions } from './links.js';
import { type Random, stream } from './random.js';
import { crowd, lostCertificate } from './swarm-crashes.js';
import { swarmLimits } from './swarm-limits.js';

/** What the caller fixes; the rest is drawn. */
export interface SwarmOptions {
  readonly replicas?: number;
  readonly rule?: SimulationCase['rule'];
  readonly tenure?: number;
  readonly leaderSchedule?: SimulationCase['leaderSchedule'];
  readonly signatures?: SimulationCase['signatures'];
  /** Ways to lie; without any there are no liars. */
  readonly strategies?: readonly string[];
  /** Ways to lie that one of a liar's may give way to, each in one of 24 liars; together as they came to be. */
  readonly laterStrategies?: readonly (readonly string[])[];
  /** Machines that build their own blocks, in place of clients. */
  readonly speculative?: boolean;
  /** Names of limits that may be tight. */
  readonly tightLimits?: readonly string[];
  /** The same of those that came later: one in four runs has one of them. */
  readonly laterTightLimits?: readonly string[];
  /** 0 .. 1: that a run has liars; half of them by default. */
  readonly liarsProbability?: number;
  /** Faults strike within about a third of so many events; a run ends when all is shown, or after 20 times as many. */
  readonly eventsMax?: number;
}

/** Of those that anybody may suffer. */
const FAULT_TYPES = [
  'crash',
  'crashAtWrite',
  'pause',
  'slow',
  'clockRate',
  'clockJump',
  'cut',
  'break',
  'links',
  'link',
  'cutClient',
  'disk',
] as const satisfies readonly FaultType[];

/** Of disks: least and most, milliseconds. */
const LATENCIES: readonly (readonly [number, number])[] = [
  [0.2, 1],
  [0.5, 5],
  [1, 40],
];
/** Views of a tenure. */
const TENURES = [1, 4, 1000];
/** The same where machines speculate: long enough for what a leader built to be committed in its tenure. */
const SPECULATIVE_TENURES = [8, 16, 1000];
/** Who leads: of three runs in one those that take part. */
const SCHEDULES = ['round-robin', 'round-robin', 'reputation'] as const;
/** Runs in which a disk is damaged, of those that bear another faulty replica. */
const DAMAGED = 0.25;
/** Of runs, those in a far network. */
const FAR = 0.1;
/** What `eventsMax` is by default. */
const EVENTS_MAX = 20_000;
/** The largest cluster whose runs must come to their end within the usual events. */
const MUST_FINISH_REPLICAS = 10;
/** A run that has not shown progress after the last fault goes on for so many times its events. */
const PATIENCE = 20;

/** Returns the case of a seed. */
export function swarmCase(seed: number, options: SwarmOptions = {}): SimulationCase {
  const random = stream(seed, 'cfg');
  const replicas = options.replicas ?? random.pick([4, 4, 4, 4, 7]);
  const baseTimeoutMs = random.pick([200, 500, 1000]);
  // In a far network nothing comes back within the base timeout, and only timers that grow see anything.
  const far = random.chance(FAR);
  const slowest = far ? baseTimeoutMs : baseTimeoutMs / random.pick([4, 8, 20, 100]);
  const delayMs = far ? ([0.7 * slowest, slowest] as const) : ([slowest / 4, slowest] as const);
  // Faults for a third of the events at most: a view takes about two delays and seven events a replica.
  const viewsMax = (options.eventsMax ?? EVENTS_MAX) / (3 * 7 * replicas);
  const healAt = Math.min(baseTimeoutMs * random.between(10, 40), viewsMax * slowest * random.between(0.5, 1.2));
  const links: LinkConditions = {
    ...PERFECT_LINKS,
    delayMs,
    // Until the healing: what one replica sees and another does not is where protocols break.
    loss: random.pick([0, 0, 0, 0.02, 0.1, 0.3]),
  };
  const faulty = faultBound(replicas);
  const base = {
    version: 1,
    seed,
    replicas,
    rule: options.rule ?? random.pick(['three-chain', 'two-chain']),
    tenure: options.tenure ?? random.pick(options.speculative ? SPECULATIVE_TENURES : TENURES),
    leaderSchedule: options.leaderSchedule ?? stream(seed, 'schedule').pick(SCHEDULES),
    baseTimeoutMs,
    signatures: options.signatures ?? 'hash',
    links,
    disks: { ...QUICK_DISKS, latencyMs: random.pick(LATENCIES) },
    clients: random.pick(options.speculative ? [0] : [1, 2, 3]),
    outstanding: random.pick([1, 1, 4, 16]),
    commands: 0,
    liars: [],
    healAt,
    until: healAt + baseTimeoutMs * 4000,
    eventsMax: PATIENCE * (options.eventsMax ?? EVENTS_MAX),
    ...mustFinish(options, replicas),
  } as const;
  const dying = random.chance(0.4) ? random.shuffled([...Array(replicas).keys()]).slice(0, faulty) : [];
  const liars = (options.laterStrategies ?? []).reduce(
    (all, later, index) => withLater(stream(seed, `later strategies${index === 0 ? '' : ` ${index}`}`), all, later),
    swarmLiars(stream(seed, 'liars'), replicas, options),
  );
  // Together they are f at most.
  const honest = dying.filter((replica) => !liars.some((liar) => liar.replica === replica));
  const dead = honest.slice(0, faulty - liars.length);
  const crashers = stream(seed, 'crowd');
  const bounds: Bounds = { replicas, clients: base.clients, dead, until: healAt, baseTimeoutMs, delayMs, crashers };
  const faults = swarmFaults(stream(seed, 'faults'), bounds);
  const rollbacks = swarmRollbacks(stream(seed, 'rollbacks'), liars, healAt);
  const damage = dead.length + liars.length < faulty ? swarmDamage(stream(seed, 'damage'), bounds) : [];
  const faultless = liars.length + damage.length === 0;
  const lost = faultless ? lostCertificate(stream(seed, 'lost certificate'), base, dead) : null;
  return {
    ...base,
    commands: random.pick([10, 30, 100]),
    liars,
    ...(options.speculative ? { speculation: swarmSpeculation(stream(seed, 'speculation'), baseTimeoutMs) } : {}),
    ...swarmThinking(stream(seed, 'think'), base),
    ...swarmLimits(seed, options),
    dead,
    faults: [...faults, ...rollbacks, ...damage].sort((a, b) => a.at - b.at),
    ...lost,
  };
}

/**
 * Whoever says how many events a run may have is told where they were too few; of the usual ones that is a failure. In a large
 * cluster they are few views: a view that comes to nothing has a Timeout from each replica to each, so that 400,000 events are
 * a thousand views of ten replicas, and some thirty of a hundred.
 */
export function mustFinish(
  { eventsMax }: Pick<SwarmOptions, 'eventsMax'>,
  replicas: number,
): Pick<SimulationCase, 'mustFinish'> {
  return eventsMax === undefined && replicas <= MUST_FINISH_REPLICAS ? { mustFinish: true } : {};
}

function swarmSpeculation(random: Random, baseTimeoutMs: number): Speculation {
  return {
    proposalBufferTarget: random.pick([0, 1, 3, 8]),
    refillProposalBuffer: random.pick(['immediately', 'whenEmpty']),
    // Sometimes so slow that a tenure ends while it builds.
    machineMs: [0, random.pick([1, 10, baseTimeoutMs / 2])],
  };
}

/** In one run of four clients rest between commands, so that they do not all submit at once whenever a block is committed. */
function swarmThinking(
  random: Random,
  { clients, baseTimeoutMs }: Pick<SimulationCase, 'clients' | 'baseTimeoutMs'>,
): Pick<SimulationCase, 'thinkMs'> {
  return clients > 0 && random.chance(0.25) ? { thinkMs: [0, baseTimeoutMs] } : {};
}

/** Up to f liars, each with a few ways to lie. */
function swarmLiars(random: Random, replicas: number, options: SwarmOptions): readonly Liar[] {
  const { strategies = [], liarsProbability = 0.5 } = options;
  const faulty = faultBound(replicas);
  if (faulty === 0 || strategies.length === 0 || !random.chance(liarsProbability)) return [];
  const chosen = random.shuffled([...Array(replicas).keys()]).slice(0, 1 + random.below(faulty));
  return chosen.map((replica) => {
    const ways = random.shuffled(strategies).slice(0, random.pick([1, 1, 2, 3]));
    return { replica, strategies: ways };
  });
}

/** A stream of its own leaves all other draws of a seed as they were before there were such strategies. */
function withLater(random: Random, liars: readonly Liar[], strategies: readonly string[]): readonly Liar[] {
  return liars.map((liar) => {
    const [later, replaced] = [random.pick(strategies), random.chance(strategies.length / 24)];
    return replaced ? { ...liar, strategies: [later, ...liar.strategies.slice(1)] } : liar;
  });
}

/** An old image of the disk is put back under each liar that is to forget. */
function swarmRollbacks(random: Random, liars: readonly Liar[], until: number): readonly Fault[] {
  return liars
    .filter(({ strategies }) => strategies.includes('rollback'))
    .flatMap(({ replica }): readonly Fault[] => {
      const at = random.between(0, until / 2);
      return [
        { at, type: 'image', replica },
        { at: random.between(at, until), type: 'rollback', replica },
      ];
    });
}

/** One disk loses what it promised to hold: whoever has it counts among the f. */
function swarmDamage(random: Random, bounds: Bounds): readonly Fault[] {
  if (!random.chance(DAMAGED)) return [];
  const [at, replica] = [random.between(0, bounds.until), random.below(bounds.replicas)];
  return [{ at, type: 'damage', replica, damage: random.pick(DAMAGES) }];
}

interface Bounds {
  readonly replicas: number;
  readonly clients: number;
  readonly dead: readonly number[];
  readonly until: number;
  readonly baseTimeoutMs: number;
  /** Of all links: least and most. */
  readonly delayMs: readonly [number, number];
  /** Says who crashes together: a stream of its own leaves all other draws as they were when all did. */
  readonly crashers: Random;
}

/** Faults at random times before `until`, each with its end, of a random selection of types. */
function swarmFaults(random: Random, bounds: Bounds): readonly Fault[] {
  const types = FAULT_TYPES.filter((type) => random.chance(0.5) && canBe(type, bounds));
  if (types.length === 0) return [];
  const faults: Fault[] = [];
  const count = random.pick([2, 6, 12, 30]);
  for (let index = 0; index < count; index += 1) {
    const at = random.between(0, bounds.until);
    const ends = at + bounds.baseTimeoutMs * random.pick([0.1, 0.5, 1, 2, 5, 20]);
    faults.push(...oneFault(random, random.pick(types), bounds, { at, ends }));
  }
  return faults.sort((a, b) => a.at - b.at);
}

function canBe(type: FaultType, { replicas, clients }: Bounds): boolean {
  if (type === 'link') return replicas > 1;
  return type !== 'cutClient' || clients > 0;
}

function oneFault(
  random: Random,
  type: (typeof FAULT_TYPES)[number],
  { replicas, clients, dead, baseTimeoutMs, delayMs, crashers }: Bounds,
  { at, ends }: { readonly at: number; readonly ends: number },
): readonly Fault[] {
  const replica = random.below(replicas);
  switch (type) {
    case 'crash': {
      // Sometimes several at once: what is on no disk is lost then.
      const { crash, stay } = random.chance(0.2) ? crowd(crashers, { replicas, dead }) : { crash: [replica], stay: [] };
      const back = crash.filter((each) => !stay.includes(each));
      return [
        ...crash.map((each): Fault => ({ at, type: 'crash', replica: each, loss: 'random' })),
        ...back.map((each): Fault => ({ at: ends, type: 'restart', replica: each })),
      ];
    }
    case 'crashAtWrite': {
      const loss = random.pick(['before', 'after', 'torn'] as const);
      const earlier = random.pick(['kept', 'lost'] as const);
      const everyone = random.chance(0.2);
      return [{ at, type, replica, write: 1 + random.below(4), loss, earlier, everyone, downMs: ends - at }];
    }
    case 'pause':
      return [
        { at, type: 'pause', replica },
        { at: ends, type: 'resume', replica },
      ];
    case 'slow':
      return [
        { at, type: 'slow', replica, milliseconds: random.between(0, baseTimeoutMs) },
        { at: ends, type: 'slow', replica, milliseconds: 0 },
      ];
    case 'clockRate':
      return [{ at, type: 'clockRate', replica, factor: random.pick([0.9, 1.1]) }];
    case 'clockJump':
      return [{ at, type: 'clockJump', replica, milliseconds: random.pick([10, 1000, 3_600_000]) }];
    case 'cut': {
      const [from, to] = partition(random, replicas);
      const both = random.chance(0.7);
      const cut: Fault[] = [{ at, type: 'cut', from, to }];
      const join: Fault[] = [{ at: ends, type: 'join', from, to }];
      if (!both) return [...cut, ...join];
      return [...cut, { at, type: 'cut', from: to, to: from }, ...join, { at: ends, type: 'join', from: to, to: from }];
    }
    case 'break':
      return [{ at, type: 'break', a: replica, b: random.below(replicas) }];
    case 'links': {
      const [changes, back] = worseLinks(random, baseTimeoutMs, delayMs);
      return [
        { at, type, changes },
        { at: ends, type, changes: back },
      ];
    }
    case 'link': {
      const [changes, back] = worseLinks(random, baseTimeoutMs, delayMs);
      const pair = { a: replica, b: (replica + 1 + random.below(replicas - 1)) % replicas };
      return [
        { at, type, ...pair, changes },
        { at: ends, type, ...pair, changes: back },
      ];
    }
    case 'cutClient': {
      const [some] = partition(random, replicas);
      const between = { client: random.below(clients), replicas: some };
      return [
        { at, type, ...between },
        { at: ends, type: 'joinClient', ...between },
      ];
    }
    case 'disk':
      return random.chance(0.5)
        ? [
            { at, type: 'disk', replica, changes: { failing: true } },
            { at: ends, type: 'disk', replica, changes: { failing: false } },
            { at: ends, type: 'restart', replica },
          ]
        : [
            { at, type: 'disk', replica, changes: { latencyMs: [baseTimeoutMs / 10, baseTimeoutMs / 2] } },
            { at: ends, type: 'disk', replica, changes: { latencyMs: [0.5, 2] } },
          ];
  }
}

/** One thing that becomes worse about links, and what it is when it is over. */
function worseLinks(
  random: Random,
  baseTimeoutMs: number,
  delayMs: Bounds['delayMs'],
): readonly [Partial<LinkConditions>, Partial<LinkConditions>] {
  const changes: Partial<LinkConditions> = random.pick<Partial<LinkConditions>>([
    { loss: random.pick([0.01, 0.05, 0.2]) },
    { duplicate: 0.1 },
    { reorder: 0.1 },
    { replay: 0.1 },
    { delayMs: [delayMs[1], Math.max(delayMs[1], baseTimeoutMs)] },
    { bytesPerMs: random.pick([1, 10, 100]) },
  ]);
  const normal = Object.fromEntries(Object.keys(changes).map((key) => [key, NORMAL[key as keyof LinkConditions]]));
  return [changes, 'delayMs' in changes ? { delayMs } : normal];
}

const NORMAL: LinkConditions = PERFECT_LINKS;

const DAMAGES: readonly DiskDamage[] = [
  'slotFlipped',
  'bothSlotsFlipped',
  'databaseFlipped',
  'lastBatchLost',
  'lastBatchesLost',
];

/** Two sides: one replica against all, or any. */
function partition(random: Random, replicas: number): readonly [readonly number[], readonly number[]] {
  const all = random.shuffled([...Array(replicas).keys()]);
  const size = random.chance(0.5) ? 1 : 1 + random.below(replicas - 1);
  return [all.slice(0, size), all.slice(size)];
}
