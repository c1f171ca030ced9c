/** One simulated cluster: replicas, clients, network and disks on one scheduler, put together as a case says. */
import { checkValue } from '../../src/config/check-options.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { clusterDefaults, createCluster, type NewCluster } from '../../src/config/create-cluster.js';
import { limits } from '../../src/config/limits.js';
import { byName, type OptionKind } from '../../src/config/option-kinds.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { ConfigurationError, invariant } from '../../src/errors.js';
import { asReplicaId, type ReplicaId } from '../../src/protocol/numbers.js';
import type { ActorFailure } from '../../src/runtime/index.js';
import type { CrashAtWrite, Fault, SimulationCase } from '../../src/simulation/case.js';
import type { ObservedFrame } from '../../src/simulation/connection.js';
import { SimulatedDisk } from '../../src/simulation/disk.js';
import { hashPublicKey } from '../../src/simulation/hash-signer.js';
import { SimulatedNetwork } from '../../src/simulation/network.js';
import { stream } from '../../src/simulation/random.js';
import { Scheduler } from '../../src/simulation/scheduler.js';
import type { LoadedApplication } from '../application.js';
import { machineMisfit } from '../proposal-generator/machine-methods.js';
import { CountedCharts } from './counted-charts.js';
import { interposedBy } from './liars/make-liar.js';
import type { CallsInHand } from './machine-port.js';
import { Marks } from './marks.js';
import { SimulatedClient } from './simulated-client.js';
import { type Interposed, type ReplicaWatch, type RunCounts, SimulatedReplica } from './simulated-replica.js';
import { machineMsOf, tightened } from './tight-limits.js';
import type { SpeculativeWorkload, Workload } from './workload.js';

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

/** A larger one would be refused in every run, and nothing of it be tried. */
const COMMAND: OptionKind = {
  admits: (value) => value instanceof Uint8Array && value.length <= limits.commandBytes,
  says: `a Uint8Array of at most ${limits.commandBytes} bytes`,
  code: 'SIMULATION_WORKLOAD',
};
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
  readonly #watch: WorldWatch;
  readonly #struck = new Map<Fault['type'], number>();
  #healed = false;
  /** What disks held once, to be put back later. */
  readonly #images = new Map<number, SimulatedDisk>();

  constructor(options: WorldOptions) {
    const { case: parameters, workload, watch } = options;
    const { seed, replicas: n, speculation } = parameters;
    this.#case = parameters;
    this.#watch = watch;
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
          checkValue(`command ${index} of client ${number}`, command, COMMAND);
          return command;
        },
        onFailure: (failure) => watch.clientFailed(number, failure),
      });
    });
  }

  /** Starts replicas and clients and schedules the faults. */
  start(): void {
    for (const replica of this.replicas) replica.boot();
    for (const client of this.clients) client.start();
    for (const fault of this.#case.faults) this.scheduler.at(fault.at, 'fault', () => this.strike(fault));
    const { healAt } = this.#case;
    if (healAt !== null) this.scheduler.at(healAt, 'fault', () => this.heal());
  }

  /** From now on all is well, but that `dead` replicas stay down. */
  heal(): void {
    const { links, disks, dead } = this.#case;
    this.#healed = true;
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

  /** How often each type of fault has struck, which limits were tight, and what the network and the disks did to frames and writes. */
  coverage(): Readonly<Record<string, number>> {
    const writesFailed = this.replicas.reduce((sum, { disk }) => sum + disk.writesFailed, 0);
    const tight = Object.fromEntries((this.#case.tight ?? []).map((name) => [name, 1]));
    return { ...Object.fromEntries(this.#struck), ...tight, ...this.network.disturbed, writesFailed };
  }

  #count(type: Fault['type']): void {
    this.#struck.set(type, (this.#struck.get(type) ?? 0) + 1);
  }

  /** Whether the fault finds what it is to strike; the one at a write counts when that comes. */
  #canStrike(fault: Fault): boolean {
    switch (fault.type) {
      case 'crashAtWrite':
        return false;
      case 'restart':
        return !this.#replica(fault.replica).up;
      case 'crash':
      case 'pause':
      case 'resume':
      case 'slow':
      case 'clockRate':
      case 'clockJump':
        return this.#replica(fault.replica).up;
      default:
        return true;
    }
  }

  /** Lets a fault happen now. What cannot happen (the crash of a replica that is down) does nothing. */
  strike(fault: Fault): void {
    this.#watch.struck(fault);
    if (this.#canStrike(fault)) this.#count(fault.type);
    switch (fault.type) {
      case 'crash':
        return this.#replica(fault.replica).crash(fault.loss);
      case 'crashAtWrite':
        return this.#replica(fault.replica).disk.atWrite(fault.write, () => this.#crashAtWrite(fault));
      case 'restart':
        return this.#restart(this.#replica(fault.replica));
      case 'pause':
        return this.#replica(fault.replica).process?.pause();
      case 'resume':
        return this.#replica(fault.replica).process?.resume();
      case 'slow': {
        const { process } = this.#replica(fault.replica);
        if (process !== null) process.slowMs = fault.milliseconds;
        return;
      }
      case 'clockRate':
        return this.#replica(fault.replica).process?.setClockRate(fault.factor);
      case 'clockJump':
        return this.#replica(fault.replica).process?.jumpClock(fault.milliseconds);
      case 'cut':
      case 'join':
        for (const from of fault.from) {
          for (const to of fault.to) if (from !== to) this.network.setLink(from, to, { cut: fault.type === 'cut' });
        }
        return;
      case 'break':
        return this.network.breakConnections(fault.a, fault.b);
      case 'image':
        this.#images.set(fault.replica, this.#replica(fault.replica).disk.copy(stream(this.#case.seed, 'image')));
        return;
      case 'rollback':
        return this.#rollBack(fault.replica);
      case 'link':
        return this.network.setLink(fault.a, fault.b, fault.changes);
      case 'cutClient':
      case 'joinClient':
        for (const replica of fault.replicas) {
          const client = this.replicas.length + fault.client;
          const changes = { cut: fault.type === 'cutClient' };
          this.network.setLink(client, replica, changes);
          this.network.setLink(replica, client, changes);
        }
        return;
      case 'links':
        return this.network.setAll(fault.changes);
      case 'damage': {
        const replica = this.#replica(fault.replica);
        replica.crash('random');
        replica.disk.damage(fault.damage);
        return this.#restart(replica);
      }
      case 'disk': {
        const { disk } = this.#replica(fault.replica);
        disk.conditions = { ...disk.conditions, ...fault.changes };
      }
    }
  }

  #crashAtWrite({ replica, loss, earlier, everyone, downMs }: CrashAtWrite): void {
    this.#count('crashAtWrite');
    const struck = everyone ? this.replicas : [this.#replica(replica)];
    for (const each of struck) each.crash(loss, earlier);
    this.scheduler.after(downMs, 'fault', () => {
      for (const each of struck) this.#restart(each);
    });
  }

  /** A restart that was due before the healing does not wake those that stay down. */
  #restart(replica: SimulatedReplica): void {
    if (!this.#healed || !this.#case.dead.includes(replica.id)) replica.boot();
  }

  /** It wakes up with the disk of an earlier day, and has forgotten what it signed since. */
  #rollBack(id: number): void {
    const image = this.#images.get(id);
    if (image === undefined) return;
    const replica = this.#replica(id);
    replica.crash('before');
    replica.disk.restore(image);
    replica.boot();
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

  #replica(id: number): SimulatedReplica {
    const replica = this.replicas[id];
    if (replica === undefined) throw new RangeError(`the case names replica ${id} of ${this.replicas.length}`);
    return replica;
  }
}

function applicationOf(workload: Workload | SpeculativeWorkload, replica: number): LoadedApplication {
  const application: LoadedApplication =
    'createSpeculative' in workload
      ? { kind: 'speculative', machine: workload.createSpeculative(replica) }
      : { kind: 'commands', machine: workload.createMachine() };
  checkMachine(application);
  return application;
}

/** @throws ConfigurationError for what createReplica would not take. */
function checkMachine({ kind, machine }: LoadedApplication): void {
  const call = kind === 'speculative' ? 'createSpeculative' : 'createMachine';
  checkValue(`what the workload's ${call} returns`, machine, { ...byName, says: 'a machine' });
  const what = machineMisfit(kind, machine);
  if (what === null) return;
  throw new ConfigurationError('MACHINE_METHODS', `the machine that the workload's ${call} returns ${what}`, { kind });
}

/** The cluster of a case. Its keys follow from the seed; where signatures are hashes, so do the public keys. */
export function createSimulatedCluster(
  parameters: Pick<
    SimulationCase,
    'seed' | 'replicas' | 'rule' | 'tenure' | 'leaderSchedule' | 'baseTimeoutMs' | 'signatures'
  >,
): NewCluster {
  const { seed, replicas, rule, tenure, leaderSchedule, baseTimeoutMs, signatures } = parameters;
  const keys = stream(seed, 'keys');
  const made = createCluster({
    ...clusterDefaults,
    replicas,
    rule,
    tenure,
    leaderSchedule,
    baseTimeoutMs,
    random: (bytes) => keys.bytes(bytes),
  });
  if (signatures === 'ed25519') return made;
  const hashed = made.cluster.replicas.map((replica) => ({
    ...replica,
    signingKey: bytesToHex(hashPublicKey(asReplicaId(replica.id))),
  }));
  return { ...made, cluster: { ...made.cluster, replicas: hashed } };
}
