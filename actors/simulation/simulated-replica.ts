/** A replica in the simulator: the actors as they are, on simulated hosts, through as many lives as its faults give it. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import type { HeavyTasks } from '../../src/crypto/heavy-tasks.js';
import type { Signer, Verifier } from '../../src/crypto/signing.js';
import type { ErrorFacts } from '../../src/errors.js';
import { asReplicaId, type Height, type ReplicaId } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { PortFactory } from '../../src/runtime/behaviour.js';
import type { ActorFailure, ActorSystem } from '../../src/runtime/index.js';
import type { CrashLoss, SimulatedDisk } from '../../src/simulation/disk.js';
import { diskPort } from '../../src/simulation/disk-port.js';
import type { NodeId } from '../../src/simulation/links.js';
import type { SimulatedNetwork } from '../../src/simulation/network.js';
import { SimulatedProcess } from '../../src/simulation/process.js';
import type { Random } from '../../src/simulation/random.js';
import type { Scheduler } from '../../src/simulation/scheduler.js';
import { type SignatureKind, simulatedSigner, simulatedVerifier } from '../../src/simulation/signatures.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { SocketEffect, SocketMessage } from '../../src/wire/sockets.js';
import type { LoadedApplication } from '../application.js';
import { composeReplica, type ReplicaSettings } from '../compose-replica.js';
import type { HashedState } from '../proposal-generator/command-executor.js';
import { createMachineHost } from '../proposal-generator/machine-host.js';
import type { ExecutedBlock } from '../proposal-generator/messages.js';
import { sessionBounds } from '../proposal-generator/session-table.js';
import { createSpeculativeHost } from '../proposal-generator/speculative-host.js';
import type { ReplicaEffect } from '../replica/messages.js';
import type { ReplicaRoles } from '../roles.js';
import type { CountedCharts } from './counted-charts.js';
import { diskLog } from './disk-log.js';
import { type CallsInHand, simulatedMachine } from './machine-port.js';
import type { Marks } from './marks.js';
import { simulatedPool } from './simulated-pool.js';

/** What there is of the state after a block. */
export interface StateAfter {
  readonly machine: LoadedApplication['machine'];
  /** What the replica says of it, sessions and all; null where it was not asked. */
  readonly state: HashedState | null;
}

/** What happens in a replica, for those who check it. */
export interface ReplicaWatch {
  readonly booted: (replica: SimulatedReplica) => void;
  readonly crashed: (replica: SimulatedReplica) => void;
  /** It has entered a view. */
  readonly entered: (replica: SimulatedReplica, view: number) => void;
  readonly committed: (replica: SimulatedReplica, blocks: readonly Block[]) => void;
  readonly executed: (replica: SimulatedReplica, block: ExecutedBlock, after: StateAfter) => void;
  readonly recovered: (replica: SimulatedReplica, height: Height) => void;
  /** Its machine stands at this height, and goes on from there. */
  readonly initialized: (replica: SimulatedReplica, height: Height) => void;
  /** It has written a warning into its log. */
  readonly warned: (replica: SimulatedReplica, event: string, facts: ErrorFacts) => void;
  /** A timer of one of its actors has fired. */
  readonly timerFired: (replica: SimulatedReplica) => void;
  /** It has ended by itself: an operational failure (a disk, say), or a bug. */
  readonly failed: (replica: SimulatedReplica, failure: { readonly code: string; readonly detail: string }) => void;
}

/** What carries a replica's frames. */
export type ReplicaNetwork = Pick<SimulatedNetwork, 'peerSockets' | 'gatewaySockets' | 'crashed'>;

/** Puts something between an actor and its sockets, for one life of its replica. */
export type Interpose = (
  inner: PortFactory<SocketEffect, SocketMessage>,
  replica: { readonly process: SimulatedProcess; readonly signer: Signer; readonly verifier: Verifier },
) => PortFactory<SocketEffect, SocketMessage>;

/** What stands between a liar and its peers, and its clients. */
export interface Interposed {
  readonly peers: Interpose;
  readonly clients: Interpose;
}

/** What a run counts of its replicas: which states and events of their charts they come to, and the marks they hit. */
export interface RunCounts {
  readonly charts: CountedCharts;
  readonly marks: Marks;
}

interface SimulatedReplicaOptions {
  readonly id: ReplicaId;
  /** Where it stands in the network: its id, but for a second copy of a replica. */
  readonly node: NodeId;
  readonly cluster: ClusterConfig;
  readonly signatures: SignatureKind;
  /** Its Ed25519 secret; of no use for hashes. */
  readonly signingSecret: Uint8Array;
  readonly settings: Omit<ReplicaSettings, 'cluster' | 'id' | 'machine' | 'validate'>;
  readonly scheduler: Scheduler;
  readonly network: ReplicaNetwork;
  readonly disk: SimulatedDisk;
  /** For ids and back-offs. */
  readonly random: Random;
  /** For the costs of the pool. */
  readonly costs: Random;
  readonly calls: CallsInHand;
  /** What each call of its machine takes: least and most, milliseconds; nothing where it is left out. */
  readonly machineMs?: readonly [number, number];
  /** Its machine, fresh for each life. */
  readonly application: () => LoadedApplication;
  readonly watch: ReplicaWatch;
  /** A liar's mouth and ears. */
  readonly interposed?: Interposed;
  /** Left out where nobody reads them. */
  readonly counts?: RunCounts;
}

/** One replica: its disk and its keys outlast its lives, its process and its actors do not. */
export class SimulatedReplica {
  readonly id: ReplicaId;
  readonly node: NodeId;
  readonly disk: SimulatedDisk;
  readonly #options: SimulatedReplicaOptions;
  readonly #signer: Signer;
  readonly #verifier: Verifier;
  #process: SimulatedProcess | null = null;
  #system: ActorSystem<ReplicaRoles, HeavyTasks> | null = null;
  /** Counts its lives from 1. */
  life = 0;
  view = 0;
  /** Of that view, as this replica takes it. */
  leader: ReplicaId = asReplicaId(0);

  constructor(options: SimulatedReplicaOptions) {
    const { id, node, disk, cluster, signatures, signingSecret } = options;
    this.id = id;
    this.node = node;
    this.disk = disk;
    this.#options = options;
    this.#signer = simulatedSigner(signatures, id, signingSecret);
    this.#verifier = simulatedVerifier(signatures, cluster);
  }

  get up(): boolean {
    return this.#process?.alive ?? false;
  }

  get process(): SimulatedProcess | null {
    return this.#process;
  }

  /** What its actors count; null while it is down. */
  counters(): ReturnType<ActorSystem<ReplicaRoles, HeavyTasks>['counters']> | null {
    return this.up ? (this.#system?.counters() ?? null) : null;
  }

  /** Begins its next life, on the disk that the last one left. */
  boot(): void {
    if (this.up) return;
    const { scheduler, watch } = this.#options;
    this.life += 1;
    const process = new SimulatedProcess(`replica ${this.node}`, scheduler, () => watch.timerFired(this));
    this.#process = process;
    const system = this.#compose(process);
    this.#system = system;
    watch.booted(this);
    process.enter(() => {
      system.start();
      system.post('replica', { type: 'startRequested' });
    });
  }

  /** Hands it commands as if a peer had forwarded them: it proposes them when it leads, and tells nobody of them. */
  forward(from: ReplicaId, batch: CommandBatch): void {
    const message = { type: 'commandsForwarded', from, batches: [batch] } as const;
    this.#process?.enter(() => this.#system?.post('proposalGenerator', message));
  }

  /** Adds what this life has counted to the marks of the run: when it ends, and of those who are up at the end of the run. */
  countLife(): void {
    const counters = this.counters();
    if (counters !== null) this.#options.counts?.marks.lived(counters);
  }

  /** Ends its life at once. */
  crash(loss: CrashLoss, earlier?: 'kept' | 'lost'): void {
    if (!this.up) return;
    this.countLife();
    this.#process?.crash();
    // It may stand in a turn of one of its actors: no effect after this one is performed.
    void this.#system?.stop();
    this.#options.watch.crashed(this);
    this.disk.crash(loss, earlier);
    this.#options.network.crashed(this.node);
  }

  #compose(process: SimulatedProcess): ActorSystem<ReplicaRoles, HeavyTasks> {
    const { id, node, cluster, settings, network, random, costs, machineMs, calls, counts } = this.#options;
    const { watch, interposed } = this.#options;
    const application = this.#options.application();
    const { machine } = application;
    const peerSockets = network.peerSockets(node, id, process);
    const clientSockets = network.gatewaySockets(node, id, process);
    const self = { process, signer: this.#signer, verifier: this.#verifier };
    const openLog = () => diskLog(this.disk, cluster.clusterId);
    const isSpeculative = application.kind === 'speculative';
    const validate = isSpeculative ? undefined : application.machine.validate?.bind(machine);
    const host = isSpeculative
      ? createSpeculativeHost(application.machine, openLog)
      : createMachineHost(application.machine, openLog, sessionBounds({ ...limits, ...settings.limits }));
    return composeReplica(
      {
        ...settings,
        ...(counts === undefined ? {} : { actors: counts.charts.actors }),
        cluster,
        id,
        machine: machine.name ?? null,
        ...(validate === undefined ? {} : { validate }),
      },
      {
        clock: process.clock,
        timers: process.timers,
        schedule: process.schedule,
        random,
        pool: simulatedPool(process, costs, this.#options.signatures),
        log: { info: () => undefined, warn: (event, facts) => this.#warned(event, facts) },
        signer: this.#signer,
        verifier: this.#verifier,
        peerSockets: interposed?.peers(peerSockets, self) ?? peerSockets,
        clientSockets: interposed?.clients(clientSockets, self) ?? clientSockets,
        store: diskPort(this.disk, process),
        machine: simulatedMachine({
          host,
          process,
          calls,
          ...(machineMs === undefined ? {} : { costMs: () => costs.between(...machineMs) }),
          asksState: !isSpeculative,
          onAnswer: (answer, state) => {
            if (answer.type === 'blockExecuted') watch.executed(this, answer, { machine, state });
            else if (answer.type === 'machineInitialized') watch.initialized(this, answer.height);
            else if (answer.type === 'machineThrew')
              this.#failed('APPLICATION_THREW', `${answer.call}: ${answer.error}`);
          },
        }),
        reports: () => ({ perform: (report) => this.#report(report), close: async () => {} }),
        onFailure: (failure) => this.#threw(failure),
      },
    );
  }

  #warned(event: string, facts: ErrorFacts = {}): void {
    const { counts, watch } = this.#options;
    counts?.marks.hit(`warned ${event}`);
    watch.warned(this, event, facts);
  }

  #report(report: ReplicaEffect): void {
    const { watch, counts } = this.#options;
    switch (report.type) {
      case 'reportRecovered':
        counts?.marks.recovered(report.committedHeight);
        return watch.recovered(this, report.committedHeight);
      case 'reportView':
        this.view = report.view;
        this.leader = report.leader;
        this.#options.watch.entered(this, report.view);
        return;
      case 'reportCommitted':
        return watch.committed(this, report.blocks);
      case 'reportFailure':
        return this.#failed(report.code, report.detail);
      default:
    }
  }

  #threw({ role, error, messageType }: ActorFailure): void {
    const detail = `${role} threw on ${messageType}: ${error instanceof Error ? error.stack : String(error)}`;
    this.#failed('a bug', detail);
  }

  /** The process ends, as `hotstuff start` does. */
  #failed(code: string, detail: string): void {
    const { counts, watch } = this.#options;
    counts?.marks.hit(`stopped by ${code}`);
    watch.failed(this, { code, detail });
    this.crash('random');
  }
}
