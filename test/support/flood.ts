/** One hostile replica of four floods the other three, which run in this process, as fast as its sockets take it. */
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Client, createClient, loadCluster } from '../../actors/index.js';
import type { NetworkCounters } from '../../actors/network/counters.js';
import type { ProposalGeneratorCounters } from '../../actors/proposal-generator/proposal-generator.js';
import { encodeCommand } from '../../examples/key-value/commands.js';
import { replicaDirectory } from '../../src/adapters/cluster-files.js';
import { limits } from '../../src/config/limits.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { ActorCounters } from '../../src/runtime/index.js';
import type { AttackKind } from './attacks.js';
import { HostilePeer } from './hostile-peer.js';
import { ProcessCluster } from './process-cluster.js';
import { eventually, type Member, pause, SocketCluster } from './socket-cluster.js';

const HOSTILE = 3;
/** Commits in a row from which a median is taken. */
const COMMITS = 50;
/** What the whole process may grow by: half messages of three replicas at their bound, and as much again for all else. */
const GROWTH_BYTES_MAX = 2 * 3 * limits.reassemblyBytes;

/** Every machine of these tests takes it. */
export const setOne = (value: string): Uint8Array => encodeCommand({ operation: 'SET', key: 'a', value });

const asText = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The median commit latency of a client that waits for each command, in milliseconds. */
export async function medianLatency(client: Client, command = asText): Promise<number> {
  const samples: number[] = [];
  for (let index = 0; index < COMMITS; index += 1) {
    const before = performance.now();
    await client.submit(command(`command ${before}`));
    samples.push(performance.now() - before);
  }
  return samples.sort((a, b) => a - b)[COMMITS >> 1] ?? 0;
}

function actorsOf({ replica }: Member): Record<string, ActorCounters> {
  const counters = replica?.counters();
  if (counters === null || counters === undefined) throw new Error('the replica is down');
  return counters;
}

function linkOf(member: Member) {
  const network = actorsOf(member).network?.own as NetworkCounters;
  const link = network.peers.find(({ peer }) => peer === HOSTILE);
  if (link === undefined) throw new Error('there is a link to every peer');
  return { link, refusals: network.refusals };
}

function staysBounded(t: ExecutionContext, member: Member): void {
  const { link } = linkOf(member);
  t.true(link.heldBytes <= limits.heldBytes);
  for (const [role, { lanes }] of Object.entries(actorsOf(member))) {
    t.is(lanes.protocol.refused + lanes.bulk.refused + lanes.control.heldBack, 0, `no lane of ${role} was ever full`);
  }
  const { consensus } = actorsOf(member);
  const ofPeer = Object.values(limits.peerCredit).reduce((sum, { messages }) => sum + messages, 0);
  t.true((consensus?.lanes.protocol.highWater ?? 0) <= 3 * ofPeer, 'credit bounds what waits');
}

const honest = (cluster: SocketCluster): readonly Member[] => cluster.members.filter(({ id }) => id !== HOSTILE);

export interface Flood {
  readonly kind: AttackKind;
  /** What the counters of each victim must show of it. */
  readonly noticed: (member: Member) => boolean;
  /**
   * Whom it floods; all three unless told. They share one thread here, where each would have a process of its own, so that
   * what costs by the byte is sent to the leader alone.
   */
  readonly victims?: readonly number[];
}

const paused = (member: Member): boolean => linkOf(member).link.paused > 0;
const turnedAway = (member: Member): number => {
  const own = actorsOf(member).proposalGenerator?.own as ProposalGeneratorCounters | undefined;
  return own?.turnedAway ?? 0;
};
const largeOnes = 8 * 1024 * 1024;

export const floods: readonly Flood[] = [
  { kind: 'badVotes', noticed: paused },
  { kind: 'conflictingVotes', noticed: paused },
  { kind: 'badProposals', noticed: paused },
  { kind: 'signedProposals', noticed: paused },
  { kind: 'risingTimeouts', noticed: paused },
  { kind: 'badCertificates', noticed: paused },
  { kind: 'fetchRequests', noticed: paused },
  { kind: 'halfMessages', noticed: paused },
  // It fills its space with the leader, and what comes beyond is turned away.
  {
    kind: 'commands',
    victims: [0],
    noticed: (member) => turnedAway(member) > 0,
  },
  // These fill no credit: what bounds them is how much one connection delivers before the others' turn comes, or its end.
  { kind: 'largeProposals', victims: [0], noticed: (member) => linkOf(member).link.receivedBytes > largeOnes },
  { kind: 'fetchAnswers', noticed: (member) => linkOf(member).refusals.unaskedAnswer === 1 },
  { kind: 'keepalives', noticed: (member) => linkOf(member).refusals.tooManyKeepalives === 1 },
];

/** Median commit latencies in milliseconds. */
export interface FloodLatency {
  readonly quiet: number;
  readonly flooded: number;
}

/**
 * Measures a new cluster before, during and after a flood, and checks that it is noticed, that no lane fills and that
 * memory stays bounded; commits that do not come fail the test by its time.
 */
export async function endureFlood(
  t: ExecutionContext,
  { kind, noticed, victims = [0, 1, 2] }: Flood,
): Promise<FloodLatency> {
  const cluster = await SocketCluster.start(t, { tenure: 1_000_000 }, [HOSTILE]);
  const client = cluster.client();
  const peer = await HostilePeer.start(t, cluster.placeOf(HOSTILE));
  await medianLatency(client);
  const { rss } = process.memoryUsage();
  const before = await medianLatency(client);
  peer.attack(kind, victims);
  await eventually(`${kind} are noticed`, () => victims.every((id) => noticed(cluster.member(id))));
  const flooded = await medianLatency(client);
  for (const member of honest(cluster)) staysBounded(t, member);
  const growth = process.memoryUsage().rss - rss;
  t.true(growth < GROWTH_BYTES_MAX, `grew by ${growth} bytes`);
  peer.end();
  const after = await medianLatency(client);
  await cluster.agreed(client);
  await cluster.close();
  t.log(`${before.toFixed(1)} ms before, ${flooded.toFixed(1)} ms during, ${after.toFixed(1)} ms after`);
  return { quiet: before, flooded };
}

/** How long a flood has gone on before it is measured: its first burst is over, and code that it made hot is compiled. */
const SETTLE_MS = 8000;
/** Medians that are not looked at, so that the quiet cluster is measured as warm as the flooded one. */
const WARM_UP = 12;

/** Measures a cluster of processes, as in production, of which one gives its place to the hostile one. */
export async function endureFloodOfProcesses(t: ExecutionContext, kind: AttackKind): Promise<FloodLatency> {
  const processes = await ProcessCluster.start(t, 4, ['--tenure', '1000000']);
  await processes.killReplica(HOSTILE);
  const cluster = await loadCluster(join(processes.dir, 'cluster.json'));
  const client = createClient({ cluster, log: silentLogger });
  t.teardown(() => client.close());
  const dataDir = replicaDirectory(processes.dir, asReplicaId(HOSTILE));
  const peer = await HostilePeer.start(t, { cluster, id: HOSTILE, dataDir });
  for (let time = 0; time < WARM_UP; time += 1) await medianLatency(client, setOne);
  const quiet = await medianLatency(client, setOne);
  peer.attack(kind, [0, 1, 2]);
  await pause(SETTLE_MS);
  const flooded = await medianLatency(client, setOne);
  peer.end();
  const after = await medianLatency(client, setOne);
  t.log(`${quiet.toFixed(1)} ms before, ${flooded.toFixed(1)} ms during, ${after.toFixed(1)} ms after`);
  return { quiet, flooded };
}
