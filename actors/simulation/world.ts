import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { invariant } from '../../src/errors.js';
import { asReplicaId, type ReplicaId } from '../../src/protocol/numbers.js';
import type { ActorFailure } from '../../src/runtime/index.js';
import type { Fault, SimulationCase } from '../../src/simulation/case.js';
import type { ObservedFrame } from '../../src/simulation/connection.js';
import { SimulatedDisk } from '../../src/simulation/disk.js';
import { SimulatedNetwork } from '../../src/simulation/network.js';
import { stream } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { CountedCharts } from './counted-charts.js';
import { interposedBy } from './liars/make-liar.js';
import type { CallsInHand } from './machine-port.js';
import { Marks } from './marks.js';
import { SimulatedClient } from './simulated-client.js';
import { createSimulatedCluster } from './simulated-cluster.js';
import { type Interposed, type ReplicaWatch, type RunCounts, SimulatedReplica } from './simulated-replica.js';
import { Strikes } from './strikes.js';
import { machineMsOf, tightened } from './tight-limits.js';
import type { SpeculativeWorkload, Workload } from './workload.js';
import { applicationOf, checkCommand } from './workload-machine.js';

/** Who is told of what happens. */
export interface WorldWatch extends ReplicaWatch {
  readonly struck: (fault: Fault) => void;
  readonly sent: (frame: ObservedFrame) => void;
  readonly arrived: (frame: ObservedFrame) => void;
  /** A replica has lost a connection to a peer. */
  readonly disconnected: (node: number) => void;
  /** A liar has lied in the way of that name. */
  readonly lied: (strategy: string) => void;
  readonly clientFailed: (client: number, failure: ActorFailure) => void;
  /** A statechart has nothing to do for an event, and no reason is known why it should not: `storage open.resting opened`. */
  readonly eventForgotten: (pair: string) => void;
}

interface WorldOptions {
  readonly case: SimulationCase;
  readonly workload: Workload | SpeculativeWorkload;
  readonly watch: WorldWatch;
}

const COMMANDS_AFTER_HEALING = 5;
const BATCH = { commands: 400, bytes: 4 * 1024 * 1024, ms: 0 };

/** Puts the cluster of a case together and lets its faults happen. Nothing goes on unless its scheduler is stepped. */
export class World {
  readonly scheduler = new Scheduler();
  readonly network: SimulatedNetwork;
  readonly cluster: ClusterConfig;
  readonly replicas: readonly SimulatedReplica[];
  readonly clients: readonly SimulatedClient[];
  readonly calls: CallsInHand = { count: 0 };
  readonly counts: RunCounts;
  readonly #case: SimulationCase;
  readonly #strikes: Strikes;

  constructor(options: WorldOptions) {
    const { case: parameters, workload, watch } = options;
    const { seed, replicas: n, speculation } = parameters;
    this.#case = parameters;
    this.counts = { charts: new CountedCharts(watch.eventForgotten), marks: new Marks() };
    const tight = tightened(parameters.tight ?? []);
    const machineMs = machineMsOf(parameters);
    const made = createSimulatedCluster(parameters);
    this.cluster = made.cluster;
    this.network = new SimulatedNetwork({
      scheduler: this.scheduler,
      random: stream(seed, 'net'),
      conditions: parameters.links,
      onSent: watch.sent,
      onArrived: watch.arrived,
      onDisconnected: watch.disconnected,
    });
    this.replicas = made.secrets.map(({ id, signingSecret }) => {
      const interposed = this.#interposed(id, watch);
      const identity = { clusterId: this.cluster.clusterId, replica: id };
      return new SimulatedReplica({
        id,
        node: id,
        cluster: this.cluster,
        signatures: parameters.signatures,
        signingSecret,
        settings: {
          batch: { ...BATCH, ...tight.batch },
          limits: tight.limits,
          ...(speculation === undefined ? {} : { speculation }),
        },
        ...(machineMs === null ? {} : { machineMs }),
        scheduler: this.scheduler,
        network: this.network,
        disk: new SimulatedDisk(identity, stream(seed, `disk ${id}`), parameters.disks),
        random: stream(seed, `ids ${id}`),
        costs: stream(seed, `pool ${id}`),
        calls: this.calls,
        counts: this.counts,
        application: () => applicationOf(workload, id),
        watch,
        ...(interposed === undefined ? {} : { interposed }),
      });
    });
    this.clients = Array.from({ length: parameters.clients }, (_, number) => {
      const load = stream(seed, `load ${number}`);
      const rests = stream(seed, `think ${number}`);
      const { thinkMs } = parameters;
      return new SimulatedClient({
        number,
        node: n + number,
        cluster: this.cluster,
        scheduler: this.scheduler,
        network: this.network,
        random: stream(seed, `client ${number}`),
        outstanding: parameters.outstanding,
        commands: parameters.commands,
        sessionWindow: tight.limits.sessionWindow ?? limits.sessionWindow,
        think: thinkMs === undefined ? null : () => rests.between(...thinkMs),
        command: (index) => {
          invariant('command' in workload, 'machines that build their own blocks have no clients');
          const command = workload.command(load, number, index);
          checkCommand(number, index, command);
          return command;
        },
        onFailure: (failure) => watch.clientFailed(number, failure),
      });
    });
    this.#strikes = new Strikes({
      case: parameters,
      scheduler: this.scheduler,
      network: this.network,
      replicas: this.replicas,
      struck: watch.struck,
    });
  }

  /** Starts replicas and clients and schedules the faults. */
  start(): void {
    for (const replica of this.replicas) replica.boot();
    for (const client of this.clients) client.start();
    for (const fault of this.#case.faults) this.scheduler.at(fault.at, 'fault', () => this.#strikes.strike(fault));
    const { healAt } = this.#case;
    if (healAt !== null) this.scheduler.at(healAt, 'fault', () => this.heal());
  }

  /** From now on all is well, but that `dead` replicas stay down. */
  heal(): void {
    const { links, disks, dead } = this.#case;
    this.#strikes.heal();
    this.network.setAll({ ...links, loss: 0, duplicate: 0, reorder: 0, replay: 0, cut: false, bytesPerMs: null });
    for (const replica of this.replicas) {
      replica.disk.conditions = { ...disks, failing: false };
      replica.disk.disarm();
      const { process } = replica;
      if (process !== null) {
        process.slowMs = 0;
        process.setClockRate(1);
        process.resume();
      }
      if (dead.includes(replica.id)) replica.crash('random');
      else replica.boot();
    }
    // Whatever was done by then: what is submitted from now on must be committed.
    for (const client of this.clients) client.wantMore(COMMANDS_AFTER_HEALING);
  }

  /** A replica has sent a message to a peer. */
  sent(from: number, message: PeerMessage): void {
    this.#strikes.sent(from, message);
  }

  /** How often each type of fault has struck, which limits were tight, and what the network and the disks did to frames and writes. */
  coverage(): Readonly<Record<string, number>> {
    const writesFailed = this.replicas.reduce((sum, { disk }) => sum + disk.writesFailed, 0);
    const tight = Object.fromEntries((this.#case.tight ?? []).map((name) => [name, 1]));
    return { ...this.#strikes.counts(), ...tight, ...this.network.disturbed, writesFailed };
  }

  /** What makes a liar of the replica; undefined for an honest one. */
  #interposed(id: ReplicaId, { lied }: WorldWatch): Interposed | undefined {
    const { seed, liars } = this.#case;
    const liar = liars.find(({ replica }) => replica === id);
    if (liar === undefined) return undefined;
    const accomplices = liars.map(({ replica }) => asReplicaId(replica)).filter((replica) => replica !== id);
    const random = stream(seed, `byz ${id}`);
    return interposedBy({ id, cluster: this.cluster, strategies: liar.strategies, accomplices, random, onLie: lied });
  }
}
