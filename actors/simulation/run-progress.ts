/** What a run has to show after its healing, and whether it has shown it: then it may end. */
import type { SimulationCase } from '../../src/simulation/case.js';
import { type ClusterView, LivenessChecker } from '../../src/simulation/checkers/liveness.js';
import { TIMER_GROWTH } from '../../src/simulation/checkers/timers.js';
import { slowestClock } from '../../src/simulation/slowest.js';
import { readyPeers } from './bounds.js';
import type { Checks } from './checks.js';
import type { SimulatedReplica } from './simulated-replica.js';
import { commandsAhead, machineMsOf } from './tight-limits.js';
import type { World } from './world.js';

interface RunProgressOptions {
  readonly case: SimulationCase;
  readonly world: World;
  readonly checks: Checks;
}

/** The longest pause before a connection is dialled again, and a dial that a cut held up. */
const DIAL_PATIENCE_MS = 15_000;
/** Heights by which a run of machines that build their own blocks goes on after the healing. */
const BLOCKS_AFTER_HEALING = 100;

/** Has L1 to L5 judged, and says when nothing is left to wait for. */
export class RunProgress {
  readonly #case: SimulationCase;
  readonly #world: World;
  readonly #checks: Checks;
  /** Null for a run that never heals. */
  readonly #liveness: LivenessChecker | null;
  #viewsSeen = 0;

  constructor({ case: parameters, world, checks }: RunProgressOptions) {
    this.#case = parameters;
    this.#world = world;
    this.#checks = checks;
    const { healAt, replicas, baseTimeoutMs, tenure, rule, leaderSchedule, links, disks } = parameters;
    this.#liveness =
      healAt === null
        ? null
        : new LivenessChecker({
            replicas,
            baseTimeoutMs,
            tenure,
            leadersMayBeTooFew: tenure === 1 && rule === 'three-chain' && leaderSchedule === 'reputation',
            delayMaxMs: links.delayMs[1] + disks.latencyMs[1] + (machineMsOf(parameters)?.[1] ?? 0),
            healAt,
            liars: parameters.liars.length,
            dead: parameters.dead.length,
            speculative: parameters.speculation !== undefined,
            commandsAhead: commandsAhead(parameters),
            timerMaxMs: (baseTimeoutMs * TIMER_GROWTH) / slowestClock(parameters.faults),
            connectMs: DIAL_PATIENCE_MS,
            accuse: checks.accuse,
          });
  }

  /** Called now and then. */
  look(): void {
    this.#liveness?.look(this.#view());
  }

  /** L4 is judged at each view that is entered: between two other looks of a quiet run lies a second. */
  lookAtViews(): void {
    if (this.#viewsSeen === this.#checks.viewsEntered) return;
    this.#viewsSeen = this.#checks.viewsEntered;
    if (this.#liveness?.awaitsViews(this.#world.scheduler.now) === true) this.#liveness.enteredView(this.#view());
  }

  /** Healed, all commands are answered, and every correct replica has committed what had been committed until then. */
  get finished(): boolean {
    const { clients, scheduler } = this.#world;
    const { healAt } = this.#case;
    if (healAt === null || scheduler.now < healAt) return false;
    const isDone = this.#case.speculation === undefined ? clients.length > 0 : this.#blocksWanted === 0;
    return isDone && clients.every(({ done }) => done) && (this.#liveness?.satisfied ?? true);
  }

  /**
   * What has to happen yet, a phrase each: nothing in a run that is not to heal, and after the healing nothing where no
   * progress is promised.
   */
  get owed(): readonly string[] {
    const { healAt } = this.#case;
    if (healAt === null) return [];
    if (this.#world.scheduler.now >= healAt) return this.#liveness?.owed ?? [];
    return [`the healing at ${healAt.toFixed(0)} ms, and all that comes after it`];
  }

  /**
   * What a run would go on for, though nothing says after how many events it is to have happened: L3 judges by time how long
   * each command waits, and a hundred of them, one after the other in a far network, take as long as they take.
   */
  get wanted(): readonly string[] {
    const { healAt, speculation } = this.#case;
    if (healAt === null || this.#liveness === null) return [];
    const waiting = this.#world.clients.reduce((sum, { unanswered }) => sum + unanswered, 0);
    const blocks = speculation === undefined ? 0 : this.#blocksWanted;
    return [
      ...(waiting === 0 ? [] : [`${waiting} answers to commands of clients`]),
      ...(blocks === 0 ? [] : [`${Math.min(blocks, BLOCKS_AFTER_HEALING)} of ${BLOCKS_AFTER_HEALING} blocks`]),
    ];
  }

  /** Machines that build their own blocks are never done: some blocks after the healing are enough. */
  get #blocksWanted(): number {
    const from = this.#liveness?.heightAtHeal ?? Number.POSITIVE_INFINITY;
    return Math.max(0, from + BLOCKS_AFTER_HEALING - this.#checks.agreement.nonEmptyHeight);
  }

  #view(): ClusterView {
    const { scheduler, clients, replicas } = this.#world;
    const { agreement } = this.#checks;
    // Whoever is down without being dead or damaged must come up again: progress is demanded of it too.
    const correct = replicas.filter(({ up, id }) => this.#checks.isHonest(id) && (up || !this.#mayBeDown(id)));
    return {
      now: scheduler.now,
      replicas: correct.map(({ id, view }) => ({ id, view, height: agreement.heightOf(id) })),
      connected: () => areConnected(correct),
      heard: () => clients.length === 0 || clients.some((client) => client.isHeardBy(correct.map(({ id }) => id))),
      nonEmptyHeight: agreement.nonEmptyHeight,
      waitingSince:
        this.#case.speculation === undefined
          ? earliest(clients.map(({ waitingSince }) => waitingSince))
          : (agreement.at(agreement.nonEmptyHeight)?.at ?? 0),
    };
  }

  #mayBeDown(replica: number): boolean {
    return this.#case.dead.includes(replica) || this.#checks.isDamaged(replica);
  }
}

function areConnected(replicas: readonly SimulatedReplica[]): boolean {
  return replicas.every((replica) => {
    const counters = replica.counters();
    const ready = new Set(counters === null ? [] : readyPeers(counters));
    return replicas.every(({ id }) => id === replica.id || ready.has(id));
  });
}

function earliest(times: readonly (number | null)[]): number | null {
  return times.reduce((first, time) => (first === null || (time !== null && time < first) ? time : first), null);
}
