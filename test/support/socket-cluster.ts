/** Clusters of real replicas in this process: TLS on loopback, LevelDB on the disk, and an end that always comes. */
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import {
  type Client,
  type ClientOptions,
  type ClusterConfig,
  commands,
  createClient,
  createReplica,
  type Logger,
  type Replica,
  type ReplicaOptions,
} from '../../actors/index.js';
import { replicaDirectory } from '../../src/adapters/cluster-files.js';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { initCluster } from '../../src/adapters/init-cluster.js';
import { type ClusterOptions, clusterDefaults } from '../../src/config/create-cluster.js';
import type { ErrorFacts } from '../../src/errors.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { HANG_MS, scratch } from './command-line.js';
import { ListMachine } from './list-machine.js';

export interface Warning {
  readonly event: string;
  readonly facts: ErrorFacts;
}

/** One replica of a cluster, alive or not; its directory and warnings outlive it. */
export interface Member {
  readonly id: number;
  readonly dataDir: string;
  /** Of all its lives. */
  readonly warnings: Warning[];
  /** Of its present life. */
  machine: ListMachine;
  /** Null while it is down. */
  replica: Replica | null;
}

/** Where the replicas that run stand; `agreed` only when none differs. */
export interface Standing {
  readonly heights: readonly number[];
  readonly hashes: readonly string[];
}

const HOST = '127.0.0.1';
const POLL_MS = 10;
/** Many times what any of these tests takes on a busy machine. */
const TEST_MS = 60_000;

export class SocketCluster {
  readonly config: ClusterConfig;
  readonly members: readonly Member[];
  readonly #clients: Client[] = [];

  private constructor(config: ClusterConfig, dir: string) {
    this.config = config;
    this.members = config.replicas.map(({ id }) => ({
      id,
      dataDir: replicaDirectory(dir, id),
      warnings: [],
      machine: new ListMachine(),
      replica: null,
    }));
  }

  /** Makes a cluster on free ports and starts all of it but `absent`. It ends with the test. */
  static async start(
    t: ExecutionContext,
    changes: Partial<ClusterOptions> = {},
    absent: readonly number[] = [],
    replicaChanges: Partial<ReplicaOptions> = {},
  ): Promise<SocketCluster> {
    t.timeout(TEST_MS, 'a cluster that does not commit would be waited for without end');
    const options = { ...clusterDefaults, host: HOST, ...changes };
    const basePort = await freeBasePort(2 * options.replicas, HOST);
    const dir = join(await scratch(t), 'cluster');
    const cluster = new SocketCluster(await initCluster(dir, { ...options, basePort }), dir);
    t.teardown(() => cluster.close());
    const present = cluster.members.filter(({ id }) => !absent.includes(id));
    await Promise.all(present.map(({ id }) => cluster.startReplica(id, replicaChanges)));
    return cluster;
  }

  /** What another program needs to take the place of a member. */
  placeOf(id: number): { readonly cluster: ClusterConfig; readonly id: number; readonly dataDir: string } {
    return { cluster: this.config, id, dataDir: this.member(id).dataDir };
  }

  member(id: number): Member {
    const member = this.members[id];
    if (member === undefined) throw new Error(`the cluster has no replica ${id}`);
    return member;
  }

  /** Starts a replica that is down, on the directory of its earlier lives. Its messages are cloned, as for threads. */
  async startReplica(id: number, changes: Partial<ReplicaOptions> = {}): Promise<Replica> {
    const member = this.member(id);
    member.machine = new ListMachine();
    member.replica = await createReplica({
      cluster: this.config,
      id,
      dataDir: member.dataDir,
      machine: commands(member.machine),
      log: keepWarnings(member.warnings),
      cloneMessages: true,
      ...changes,
    });
    return member.replica;
  }

  /** Stops a replica in order. */
  async stopReplica(id: number): Promise<void> {
    const member = this.member(id);
    await member.replica?.stop();
    member.replica = null;
  }

  /**
   * Ends a replica without a farewell: no resignation, no exact record, nothing flushed. It takes the way that a bug of
   * the application takes, at the next block that commits.
   */
  async crashReplica(id: number): Promise<void> {
    const member = this.member(id);
    const { replica } = member;
    if (replica === null) return;
    const crashed = new Promise((resolve) => replica.on('failed', resolve));
    replica.on('committed', () => {
      throw new Error('this replica is to crash');
    });
    await crashed;
    member.replica = null;
  }

  /** A client that is closed with the cluster. */
  client(options: Partial<ClientOptions> = {}): Client {
    const client = createClient({ cluster: this.config, log: keepWarnings([]), ...options });
    this.#clients.push(client);
    return client;
  }

  /** Resolves once every replica that runs tells the same height and state hash; rejects after `withinMs`. */
  async agreed(client: Client, withinMs = 10_000): Promise<{ readonly height: number; readonly stateHash: string }> {
    const limit = performance.now() + withinMs;
    for (;;) {
      const standing = await this.#standing(client);
      const [height] = standing.heights;
      const [stateHash] = standing.hashes;
      const distinct = new Set(standing.heights).size + new Set(standing.hashes).size;
      if (height !== undefined && stateHash !== undefined && distinct === 2) return { height, stateHash };
      if (performance.now() > limit) throw new Error(`no agreement: ${JSON.stringify(standing)}`);
      await pause(POLL_MS);
    }
  }

  async #standing(client: Client): Promise<Standing> {
    const running = this.members.filter(({ replica }) => replica !== null).length;
    const answers = await client.status();
    const here = answers.filter((answer) => answer.reachable);
    if (here.length < running) return { heights: [], hashes: [] };
    return { heights: here.map((one) => one.committedHeight), hashes: here.map((one) => one.stateHash) };
  }

  /** Ends clients and replicas, whatever state they are in. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    // One that had failed says so at stop(); its own test has looked at that.
    await Promise.allSettled(this.members.map(({ id }) => this.stopReplica(asReplicaId(id))));
  }
}

/** Lets real time pass: sockets and disks have no other clock. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once `holds` does; rejects, naming what was awaited, when that never comes ({@link HANG_MS}). */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const limit = performance.now() + HANG_MS;
  while (!holds()) {
    if (performance.now() > limit) throw new Error(`in ${HANG_MS} ms it did not come about that ${what}`);
    await pause(POLL_MS);
  }
}

function keepWarnings(warnings: Warning[]): Logger {
  return { info: () => undefined, warn: (event, facts = {}) => void warnings.push({ event, facts }) };
}
