/** Runs one scenario of twins: the actors as they are, one process a node, on an ether that the scenario parts. */
import type { NewCluster } from '../../src/config/create-cluster.js';
import type { CommittedHistory } from '../../src/protocol/leader-schedule.js';
import { asClientId, asReplicaId, asSequence, asTenure, type ReplicaId } from '../../src/protocol/numbers.js';
import { TIMER_GROWTH } from '../../src/simulation/checkers/timers.js';
import { SimulatedDisk } from '../../src/simulation/disk.js';
import { Ether } from '../../src/simulation/ether.js';
import { stream } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import { messageText, type SeenEvent } from '../../src/simulation/seen-events.js';
import { TraceHash } from '../../src/simulation/trace-hash.js';
import { identitiesOf, reachesOf, scheduleOf, type TwinsScenario } from '../../src/simulation/twins-scenario.js';
import type { Violation } from '../../src/simulation/violation.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { ConsensusCounters } from '../consensus/counters.js';
import { Checks } from './checks.js';
import type { ChecksOptions } from './checks-options.js';
import { CountedCharts } from './counted-charts.js';
import type { CallsInHand } from './machine-port.js';
import { Marks } from './marks.js';
import { registerMachine } from './register-machine.js';
import { createSimulatedCluster } from './simulated-cluster.js';
import { type ReplicaWatch, SimulatedReplica } from './simulated-replica.js';

interface TwinsRunOptions {
  /** Resolves after what waits on promises has had its turn. */
  readonly nextTurn: () => Promise<void>;
  /** Whether the trace is hashed, which takes time. By default not. */
  readonly traced?: boolean;
  /** Told of messages as they are sent, and of each scripted view when the first node enters it. */
  readonly onSeen?: (event: SeenEvent) => void;
}

/** What came of a scenario. */
export interface TwinsOutcome {
  readonly events: number;
  readonly virtualMs: number;
  /** 16 hex digits; of nothing for a run that was not traced. */
  readonly traceHash: string;
  readonly violations: readonly Violation[];
  readonly committedHeight: number;
  /** Proofs of a twin's double votes and double proposals: as many as the one honest replica that has kept the most. */
  readonly equivocations: number;
}

const VIOLATIONS_MAX = 5;
const BASE_TIMEOUT_MS = 200;
/** Of every scenario's cluster. Its leaders are those that the scenario names. */
const SETTINGS = {
  tenure: 1,
  leaderSchedule: 'round-robin',
  baseTimeoutMs: BASE_TIMEOUT_MS,
  signatures: 'hash',
} as const;
const DISKS = { latencyMs: [0.1, 0.2], failing: false } as const;
/** One command a block: the copies of a leader that have heard of different ones propose different blocks. */
const BATCH = { commands: 1, bytes: 4 * 1024 * 1024, ms: 0 };
/** Commands that each node has to propose: more than the views it leads. */
const COMMANDS = 16;
/** Views that a healed cluster may take to commit anew. */
const HEALED_VIEWS = 20;
const EVENTS_MAX = 100_000;
const NOTHING_COMMITTED: CommittedHistory = { activeBefore: () => null };

/** Runs `scenario` until every honest replica has committed a block of a view after its last one, or something is wrong. */
export async function runTwins(scenario: TwinsScenario, options: TwinsRunOptions): Promise<TwinsOutcome> {
  const run = new TwinsRun(scenario, options);
  await run.go();
  return run.outcome();
}

class TwinsRun {
  readonly #scenario: TwinsScenario;
  readonly #options: TwinsRunOptions;
  readonly #identities: readonly ReplicaId[];
  readonly #scheduler = new Scheduler();
  readonly #calls: CallsInHand = { count: 0 };
  readonly #checks: Checks;
  readonly #nodes: readonly SimulatedReplica[];
  readonly #trace = new TraceHash();
  /** By node: the highest view of which it has committed a block. */
  readonly #committedViews: number[];
  #highestView = 0;

  constructor(scenario: TwinsScenario, options: TwinsRunOptions) {
    const { replicas, rule, seed } = scenario;
    this.#scenario = scenario;
    this.#options = options;
    this.#identities = identitiesOf(scenario);
    this.#committedViews = this.#identities.map(() => 0);
    const { traced = false } = options;
    const schedule = scheduleOf(scenario);
    this.#checks = new Checks({
      case: {
        replicas,
        rule,
        ...SETTINGS,
        disks: DISKS,
        clients: 0,
        faults: [],
        healAt: null,
        liars: this.#copies().map(liar),
      },
      leaderOf: (tenure) => schedule.leaderOf(asTenure(tenure), NOTHING_COMMITTED),
      violationsMax: VIOLATIONS_MAX,
      onArrived: ({ from, to, frame }) => {
        if (!traced) return;
        this.#trace.number(from * 1000 + to);
        this.#trace.bytes(frame);
      },
      ...this.#observers(),
    });
    const { cluster, secrets } = clusterOf(scenario);
    const checks = this.#checks;
    const ether = new Ether({
      scheduler: this.#scheduler,
      random: stream(seed, 'net'),
      cluster,
      identities: this.#identities,
      reaches: reachesOf(scenario),
      viewOf: (node) => this.#nodes[node]?.view ?? 0,
      messageOf: (frame) => checks.messageOf(frame),
      onSent: checks.sent,
      onArrived: checks.arrived,
    });
    const watch = this.#watch();
    const counts = { charts: new CountedCharts(checks.eventForgotten), marks: new Marks() };
    this.#nodes = this.#identities.map((id, node) => {
      return new SimulatedReplica({
        id,
        node,
        cluster,
        signatures: 'hash',
        signingSecret: secrets[id]?.signingSecret ?? new Uint8Array(32),
        settings: { batch: BATCH, schedule },
        scheduler: this.#scheduler,
        network: ether,
        disk: new SimulatedDisk({ clusterId: cluster.clusterId, replica: id }, stream(seed, `disk ${node}`), DISKS),
        random: stream(seed, `ids ${node}`),
        costs: stream(seed, `pool ${node}`),
        calls: this.#calls,
        application: () => ({ kind: 'commands', machine: registerMachine() }),
        watch,
        counts,
      });
    });
    this.#checks.watch({ scheduler: this.#scheduler, cluster, replicas: this.#nodes });
  }

  async go(): Promise<void> {
    const { nextTurn } = this.#options;
    for (const node of this.#nodes) node.boot();
    for (const node of this.#nodes) node.forward(this.#peerOf(node), commandsOf(node.node));
    const until = this.#patienceMs;
    while (this.#scheduler.events < EVENTS_MAX && this.#checks.violations.length === 0) {
      const event = this.#scheduler.step(until);
      if (event === null) break;
      while (this.#calls.count > 0) await nextTurn();
      if (this.#done) return this.#checks.look();
    }
    this.#checks.look();
    if (this.#checks.violations.length > 0) return;
    const where = this.#nodes.map(({ view }, node) => `${node}: view ${view}`).join('; ');
    this.#checks.accuse('L1', `no new block is committed after all nodes hear each other again (${where})`);
  }

  outcome(): TwinsOutcome {
    const honest = this.#nodes.filter(({ node }) => this.#checks.isHonest(node));
    const proofs = honest.map((replica) => {
      const { evidence } = (replica.counters()?.consensus.own ?? { evidence: null }) as Pick<
        ConsensusCounters,
        'evidence'
      >;
      return evidence === null ? 0 : evidence.votes + evidence.proposals;
    });
    return {
      events: this.#scheduler.events,
      virtualMs: this.#scheduler.now,
      traceHash: this.#trace.digest(),
      violations: this.#checks.violations,
      committedHeight: this.#checks.agreement.height,
      equivocations: Math.max(0, ...proofs),
    };
  }

  get #done(): boolean {
    const { views } = this.#scenario;
    return this.#committedViews.every((view, node) => view > views.length || !this.#checks.isHonest(node));
  }

  /** Timers of the scripted views, of which one that is cut off may have to wait for each, and then of the healed ones. */
  get #patienceMs(): number {
    return BASE_TIMEOUT_MS * TIMER_GROWTH * (2 * this.#scenario.views.length + HEALED_VIEWS);
  }

  /** The nodes that share an identity. */
  #copies(): readonly number[] {
    const { twins, replicas } = this.#scenario;
    return [...new Set(twins), ...twins.map((_, index) => replicas + index)];
  }

  /** Nothing is put into words that nobody wants to read. */
  #observers(): Pick<ChecksOptions, 'onMessage' | 'onNote'> {
    const { onSeen } = this.#options;
    if (onSeen === undefined) return {};
    return {
      onMessage: (from, to, message) =>
        onSeen({ at: this.#scheduler.now, type: 'sent', from, to, text: messageText(message) }),
      onNote: (note) => onSeen({ at: this.#scheduler.now, type: 'note', ...note }),
    };
  }

  /** Of a view of the scenario: who leads it, and who hears whom. */
  #tellView(view: number): void {
    if (view <= this.#highestView) return;
    this.#highestView = view;
    const scripted = this.#scenario.views[view - 1];
    if (scripted === undefined) return;
    const parts = scripted.parts.map((nodes) => nodes.join(',')).join(' | ');
    const text = `view ${view}: replica ${scripted.leader} leads; ${parts}`;
    this.#options.onSeen?.({ at: this.#scheduler.now, type: 'note', node: null, text });
  }

  #watch(): ReplicaWatch {
    const { booted, crashed, entered, recovered, initialized, executed, committed, warned, timerFired } = this.#checks;
    return {
      booted,
      crashed,
      entered: (replica, view) => {
        this.#tellView(view);
        entered(replica, view);
      },
      recovered,
      initialized,
      warned,
      // A copy of a replica does nothing wrong by itself, and so must not stop either.
      failed: ({ node }, { code, detail }) =>
        this.#checks.accuse('S13', `node ${node} stopped with ${code}: ${detail}`),
      executed,
      timerFired,
      committed: (replica, blocks) => {
        committed(replica, blocks);
        this.#committedViews[replica.node] = blocks.at(-1)?.header.view ?? 0;
      },
    };
  }

  /** Some other replica, by which it has its commands. */
  #peerOf({ id }: SimulatedReplica): ReplicaId {
    return asReplicaId((id + 1) % this.#scenario.replicas);
  }
}

/** Commands of a client that speaks to one node alone: the copies of a replica have different ones. */
function commandsOf(node: number): CommandBatch {
  const client = asClientId(node.toString(16).padStart(32, '0'));
  const sequences = Array.from({ length: COMMANDS }, (_, index) => asSequence(index + 1));
  return { client, commands: sequences.map((sequence) => ({ sequence, bytes: COMMAND })) };
}

const COMMAND = new TextEncoder().encode('INCR a');
const liar = (replica: number) => ({ replica, strategies: ['twin'] });

const clusters = new Map<string, NewCluster>();

/** The cluster of a scenario. Made once for all that are alike: its keys do not matter. */
function clusterOf({ replicas, rule }: TwinsScenario): NewCluster {
  const name = `${replicas} ${rule}`;
  const known = clusters.get(name);
  if (known !== undefined) return known;
  const made = createSimulatedCluster({ seed: 0, replicas, rule, ...SETTINGS });
  clusters.set(name, made);
  return made;
}
