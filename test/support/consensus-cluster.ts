/**
 * The real consensus, pacemaker and replica actors of n replicas on one virtual clock, with fakes around them: a network
 * that delivers decoded messages after a delay drawn from a seed, disks that sync after a while and outlive a crash, and
 * a proposal generator that always has a body, or the real one with a speculative machine. Small on purpose; it finds
 * what the rules of one replica cannot show.
 */
import { createCertificateVerifier } from '../../actors/consensus/certificate-verifier.js';
import type { ConsensusMessage } from '../../actors/consensus/messages.js';
import type { NetworkMessage } from '../../actors/network/messages.js';
import type { PacemakerMode } from '../../actors/pacemaker/options.js';
import type { PacemakerRequest } from '../../actors/pacemaker/requests.js';
import { ExecutionQueue } from '../../actors/proposal-generator/execution-queue.js';
import type { ProposalGeneratorMessage } from '../../actors/proposal-generator/messages.js';
import { DEFAULT_SPECULATION } from '../../actors/proposal-generator/speculation-options.js';
import { createSpeculativeHost } from '../../actors/proposal-generator/speculative-host.js';
import type { StateMachine } from '../../actors/proposal-generator/state-machine.js';
import type { ReplicaMessage } from '../../actors/replica/messages.js';
import type { ReplicaRoles } from '../../actors/roles.js';
import type { StorageMessage } from '../../actors/storage/messages.js';
import type { SyncMessage } from '../../actors/sync/messages.js';
import { limits } from '../../src/config/limits.js';
import { type HeavyTasks, hashBodies } from '../../src/crypto/heavy-tasks.js';
import { silentLogger } from '../../src/logger.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import type { Equivocation } from '../../src/protocol/evidence.js';
import { type LeaderSchedule, type LeaderScheduleName, leaderSchedule } from '../../src/protocol/leader-schedule.js';
import {
  asHeight,
  asReplicaId,
  asTenure,
  type BlockHash,
  type ReplicaId,
  type Tenure,
  type View,
} from '../../src/protocol/numbers.js';
import { commitRule } from '../../src/protocol/rules/index.js';
import { lastViewOf } from '../../src/protocol/tenure.js';
import type { Block, QuorumCertificate, SafetyRecord } from '../../src/protocol/types.js';
import type { Behaviour, Message } from '../../src/runtime/behaviour.js';
import type { ActorFailure } from '../../src/runtime/index.js';
import { type ObservedEvent, VoteOracle } from '../../src/simulation/checkers/vote-oracle.js';
import { hashPublicKey, hashSigner, hashVerifier, verifyHashSignatures } from '../../src/simulation/hash-signer.js';
import { genesisBlock } from '../../src/wire/block.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { createSigningBytes } from '../../src/wire/signing-bytes.js';
import { createConsensus, createPacemaker, createProposalGenerator, reservedViews } from './actors.js';
import { FakePool } from './fake-pool.js';
import { copiesMessages, systemOnHost, type TestSystem } from './hosts.js';
import { mailboxOf } from './mailboxes.js';
import { VirtualTime } from './virtual-time.js';

const CLUSTER_ID = 'c5'.repeat(32);
const GENESIS = genesisBlock(CLUSTER_ID);
const ROLES = [
  'replica',
  'consensus',
  'pacemaker',
  'proposalGenerator',
  'network',
  'storage',
  'sync',
  'gateway',
] as const;

export interface ConsensusClusterOptions {
  readonly replicas: number;
  readonly tenureLength: number;
  readonly rule: 'three-chain' | 'two-chain';
  readonly seed?: number;
  /** One way, milliseconds: at least the first, below the sum of both. */
  readonly delayMs?: readonly [least: number, spread: number];
  /** Probability that a message is lost. */
  readonly loss?: number;
  readonly syncMs?: number;
  readonly baseTimeoutMs?: number;
  /** Whether there is always a body to propose. */
  readonly busy?: boolean;
  readonly pacemaker?: PacemakerMode;
  readonly schedule?: LeaderScheduleName;
  /** Milliseconds that each replica's machine takes for a block; 0: it has no machine. */
  readonly executionMs?: number;
  /** Makes the speculative machine of a replica's next life, in place of bodies out of nothing; see `runMachines`. */
  readonly machine?: MakeMachine | null;
  /** So many blocks may be committed and not executed. */
  readonly backlogBlocks?: number;
  /** From so many on signatures go to a pool, in which each costs a tenth of a millisecond. */
  readonly offloadSignatures?: number;
}

/** A cluster whose replicas have speculative machines; see `ConsensusClusterOptions.machine`. */
type MakeMachine = (id: number) => StateMachine<unknown>;

/** What survives a crash. */
interface Disk {
  record: SafetyRecord | null;
  readonly blocks: Map<BlockHash, Block>;
  readonly evidence: Equivocation[];
  committed: Block;
}

interface Life {
  readonly system: TestSystem<ReplicaRoles, HeavyTasks>;
  alive: boolean;
  /** What its sync looks for. */
  wanted: QuorumCertificate | null;
  /** What its machine is still to do. */
  readonly queue: ExecutionQueue;
  behind: boolean;
}

export class ConsensusCluster {
  readonly time = new VirtualTime();
  /** Of all replicas. */
  readonly pool = new FakePool<HeavyTasks>(this.time, {
    hashBodies: { costMs: () => 1, run: hashBodies },
    verifySignatures: { costMs: ({ messageEnds }) => messageEnds.length / 10, run: verifyHashSignatures },
  });
  /** By replica: what its consensus committed in all its lives, by height. */
  readonly committed: Map<number, BlockHash>[];
  /** Every vote that left or was counted, by signer and view. */
  readonly votes = new Map<string, BlockHash>();
  readonly views: View[];
  readonly leaders: ReplicaId[];
  /** By tenure: its leader, once somebody's committed blocks have decided it. */
  readonly decided = new Map<Tenure, ReplicaId>();
  /** Tenures that a replica had led by one replica while others knew that another leads. */
  readonly disputed = new Set<Tenure>();
  readonly violations: string[] = [];
  /** Messages between replicas, by type. */
  readonly sent = new Map<PeerMessage['type'], number>();
  /** By replica: signatures that it looked at, and write requests. */
  readonly verifications: number[];
  readonly writes: number[];
  /** By replica: blocks that its machine has executed. */
  readonly executed: number[];
  /** Decides whether a message is lost, besides chance. */
  cut: (from: number, to: number, message: PeerMessage) => boolean = () => false;
  /** Told of whatever a replica's actors tell the replica. */
  heard: (id: number, message: ReplicaMessage) => void = () => {};
  /** Probability that a message is lost. */
  loss: number;
  readonly #options: Required<ConsensusClusterOptions>;
  readonly #oracle: VoteOracle;
  readonly #disks: Disk[];
  readonly #lives: (Life | null)[];
  #random: number;

  constructor(options: ConsensusClusterOptions) {
    this.#options = {
      seed: 1,
      delayMs: [1, 1],
      loss: 0,
      syncMs: 1,
      baseTimeoutMs: 1000,
      busy: true,
      pacemaker: 'automatic',
      schedule: 'round-robin',
      executionMs: 0,
      machine: null,
      backlogBlocks: limits.executionBacklogBlocks,
      offloadSignatures: Number.POSITIVE_INFINITY,
      ...options,
    };
    this.#oracle = new VoteOracle({ ...this.#options, leaderSchedule: this.#options.schedule });
    this.#random = this.#options.seed;
    this.loss = this.#options.loss;
    const each = Array.from({ length: options.replicas });
    this.committed = each.map(() => new Map([[0, GENESIS.hash]]));
    this.views = each.map(() => 0 as View);
    this.leaders = each.map(() => asReplicaId(0));
    this.verifications = each.map(() => 0);
    this.writes = each.map(() => 0);
    this.executed = each.map(() => 0);
    this.#disks = each.map(() => ({
      record: null,
      blocks: new Map([[GENESIS.hash, GENESIS]]),
      committed: GENESIS,
      evidence: [],
    }));
    this.#lives = each.map(() => null);
  }

  start(...ids: readonly number[]): this {
    for (const id of ids.length > 0 ? ids : this.#lives.keys()) this.#lives[id] = this.#boot(id);
    return this;
  }

  crash(id: number): void {
    const life = this.#lives[id];
    if (life === null || life === undefined) return;
    life.alive = false;
    void life.system.stop();
    this.#lives[id] = null;
  }

  /** The replicas that are up. */
  get up(): readonly number[] {
    return [...this.#lives.keys()].filter((id) => this.#lives[id] !== null);
  }

  /** A word to a replica's own actor, as its neighbours would give it. */
  tell(id: number, message: ConsensusMessage): void {
    this.#lives[id]?.system.post('consensus', message);
  }

  /** What the application asks of a manual pacemaker. */
  request(id: number, request: PacemakerRequest): void {
    this.#lives[id]?.system.post('pacemaker', request);
  }

  run(milliseconds: number): this {
    this.time.advance(milliseconds);
    return this;
  }

  /** As `run`, with what machines promise done at the end of each millisecond. */
  async runMachines(milliseconds: number): Promise<this> {
    for (let ran = 0; ran < milliseconds; ran += 1) {
      this.time.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this;
  }

  /** The bodies that a replica committed, in order. */
  bodies(id: number): readonly Uint8Array[] {
    const chain = [...(this.committed[id] ?? [])].sort(([a], [b]) => a - b);
    return chain.flatMap(([, hash]) => this.#disks[id]?.blocks.get(hash)?.body ?? []);
  }

  /** Non-empty blocks that a replica committed, and all. */
  height(id: number): number {
    return Math.max(...(this.committed[id]?.keys() ?? [0]));
  }

  nonEmpty(id: number): number {
    const disk = this.#disks[id];
    return [...(this.committed[id]?.values() ?? [])].filter((hash) => (disk?.blocks.get(hash)?.body.length ?? 0) > 0)
      .length;
  }

  record(id: number): SafetyRecord | null {
    return this.#disks[id]?.record ?? null;
  }

  #observe(event: ObservedEvent): void {
    for (const { invariant, replica, view, detail } of this.#oracle.observe(event))
      this.violations.push(`${invariant}: replica ${replica} in view ${view}: ${detail}`);
  }

  #boot(id: number): Life {
    this.#observe({ replica: asReplicaId(id), kind: 'restarted', at: this.time.now });
    const { replicas, tenureLength, rule, baseTimeoutMs, pacemaker } = this.#options;
    const signingBytes = createSigningBytes({ clusterId: CLUSTER_ID, epoch: 0 });
    const verifier = createCertificateVerifier({
      replicas,
      tenureLength,
      genesis: GENESIS.hash,
      verifier: {
        verify: (signer, bytes, signature) => {
          this.verifications[id] = (this.verifications[id] ?? 0) + 1;
          return hashVerifier.verify(signer, bytes, signature);
        },
      },
      signingBytes,
      remembered: limits.certificateCache,
      rememberedVotes: limits.verifiedVoteBlocks,
      publicKeys: Array.from({ length: replicas }, (_, peer) => hashPublicKey(asReplicaId(peer))),
    });
    const consensus = createConsensus({
      id: asReplicaId(id),
      replicas,
      clusterId: CLUSTER_ID,
      genesis: GENESIS.hash,
      tenureLength,
      rule: commitRule(rule),
      schedule: this.#watchLeaders(id, leaderSchedule(this.#options.schedule, { replicas, tenureLength })),
      signer: hashSigner(asReplicaId(id)),
      verifier,
      signingBytes,
      reserveViews: reservedViews(tenureLength),
      answerIntervalMs: baseTimeoutMs / 10,
      offloadSignatures: this.#options.offloadSignatures,
      log: silentLogger,
      limits,
    });
    const queue = new ExecutionQueue({ blocks: this.#options.backlogBlocks, bytes: limits.executionBacklogBytes });
    const life: Life = { alive: true, wanted: null, system: this.#systemOf(id), queue, behind: false };
    queue.recovered(asHeight(this.height(id)));
    queue.ready();
    const guard = (perform: (message: never) => void) => ({
      receive: (message: Message) => {
        if (life.alive) perform(message as never);
        return [];
      },
    });
    life.system
      .add('consensus', { behaviour: consensus, mailbox: mailboxOf(10_000) })
      .add('pacemaker', { behaviour: createPacemaker({ baseTimeoutMs, mode: pacemaker }), mailbox: mailboxOf(10_000) });
    const fake = <Role extends keyof ReplicaRoles>(role: Role, perform: (message: ReplicaRoles[Role]) => void) =>
      life.system.add(role, {
        behaviour: guard(perform as (message: never) => void) as Behaviour<ReplicaRoles[Role], never>,
        mailbox: mailboxOf(10_000),
      });
    fake('network', (message) => this.#transmit(id, message));
    fake('storage', (message) => this.#store(id, life, message));
    const { machine } = this.#options;
    if (machine === null) fake('proposalGenerator', (message) => this.#generate(id, life, message));
    else this.#addGenerator(id, life, machine(id));
    fake('sync', (message) => this.#fetch(id, life, message));
    fake('gateway', () => {});
    fake('replica', (message) => {
      if (message.type === 'viewEntered') {
        this.views[id] = message.view;
        this.leaders[id] = message.leader;
      }
      if (message.type === 'blocksCommitted' && machine !== null) {
        for (const block of message.blocks) this.#commit(id, block);
      }
      this.heard(id, message);
    });
    life.system.start();
    const disk = this.#disks[id] as Disk;
    const uncommitted = [...disk.blocks.values()]
      .filter((block) => block.header.view > disk.committed.header.view)
      .sort((a, b) => a.header.view - b.header.view);
    const { record, committed, evidence } = disk;
    const store = { record, committed, uncommitted, evidence };
    life.system.post('consensus', { type: 'recovered', store });
    const committedHeight = disk.committed.header.height;
    if (machine === null) life.system.post('consensus', { type: 'machineReady' });
    else life.system.post('proposalGenerator', { type: 'logRecovered', committedHeight });
    if (this.#options.busy && machine === null) {
      life.system.post('pacemaker', { type: 'workChanged', waiting: true, oldestSince: null });
    }
    for (const [peer, other] of this.#lives.entries()) {
      if (other === null || peer === id) continue;
      life.system.post('consensus', { type: 'peerConnected', peer: asReplicaId(peer) });
      other.system.post('consensus', { type: 'peerConnected', peer: asReplicaId(id) });
    }
    return life;
  }

  /** A leader that committed blocks decide is decided for all, in all lives, and for good. */
  #watchLeaders(id: number, schedule: LeaderSchedule): LeaderSchedule {
    const own = new Set<Tenure>();
    const leaderOf: LeaderSchedule['leaderOf'] = (tenure, history) => {
      const leader = schedule.leaderOf(tenure, history);
      const decided = history.activeBefore(asTenure(tenure - schedule.memory.tenures)) !== null;
      if (!decided && own.has(tenure)) this.violations.push(`replica ${id} forgot who leads tenure ${tenure}`);
      const known = this.decided.get(tenure) ?? leader;
      if (known !== leader) this.disputed.add(tenure);
      if (!decided) return leader;
      own.add(tenure);
      if (known !== leader) this.violations.push(`replica ${id} has ${leader} lead tenure ${tenure}, not ${known}`);
      this.decided.set(tenure, known);
      return leader;
    };
    return { ...schedule, leaderOf };
  }

  #addGenerator(id: number, life: Life, machine: StateMachine<unknown>): void {
    const { replicas, tenureLength } = this.#options;
    const behaviour = createProposalGenerator({
      id: asReplicaId(id),
      replicas,
      limits,
      batch: { commands: 400, bytes: 4_000_000, ms: 0 },
      speculation: { ...DEFAULT_SPECULATION, tenureLength },
      log: silentLogger,
    });
    const port = createSpeculativeHost(machine, () => logOf(this.#disks[id] as Disk));
    life.system.add('proposalGenerator', { behaviour, port, mailbox: mailboxOf(10_000) });
  }

  #systemOf(id: number): TestSystem<ReplicaRoles, HeavyTasks> {
    const options = {
      ...this.time.host,
      roles: ROLES,
      // On one thread they are shared, as in an inline replica; the other host shows that all of them can be copied.
      cloneMessages: copiesMessages(),
      pool: this.pool,
      onFailure: ({ role, error, messageType }: ActorFailure) => {
        this.violations.push(`replica ${id}: ${role} threw on ${messageType}: ${String(error)}`);
      },
    };
    return systemOnHost<ReplicaRoles, HeavyTasks>(options, [['replica'], ['consensus', 'pacemaker', 'sync']]);
  }

  #transmit(from: number, message: NetworkMessage): void {
    if (message.type !== 'broadcast' && message.type !== 'sendTo') return;
    this.#watch(from, message.message);
    if (message.type === 'sendTo') return this.#send(from, message.to, message.message);
    for (const to of this.#lives.keys()) if (to !== from) this.#send(from, to, message.message);
  }

  /** What leaves is covered by the record on the disk, nobody votes for two blocks of a view, and the oracle agrees. */
  #watch(from: number, message: PeerMessage): void {
    this.#observe({ replica: asReplicaId(from), kind: 'sent', message, at: this.time.now });
    switch (message.type) {
      case 'vote':
        this.#watchVote(message.vote.signer, message.vote.view, message.vote.block);
        return this.#watchBound(from, message.vote.view, message);
      case 'proposal': {
        const { view, justify } = message.proposal.block.header;
        for (const { signer } of justify.signatures) this.#watchVote(signer, justify.view, justify.block);
        return this.#watchBound(from, view, message);
      }
      case 'timeout': {
        const { signer, tenure } = message.timeout;
        if (signer === from) this.#watchBound(from, lastViewOf(tenure, this.#options.tenureLength), message);
        return;
      }
      default:
        return;
    }
  }

  #watchBound(from: number, view: View, { type }: PeerMessage): void {
    const bound = this.#disks[from]?.record?.bound ?? 0;
    if (bound < view) this.violations.push(`replica ${from} sent a ${type} for view ${view} above its bound ${bound}`);
  }

  #send(from: number, to: number, message: PeerMessage): void {
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1);
    const [least, spread] = this.#options.delayMs;
    const delay = least + this.#next() * spread;
    if (this.#next() < this.loss || this.cut(from, to, message)) return;
    this.time.timers.start(delay, () => {
      const received = receivedAs(asReplicaId(from), message);
      const life = this.#lives[to];
      if (received === null || !life) return;
      this.#observe({ replica: asReplicaId(to), kind: 'received', message, at: this.time.now });
      life.system.post('consensus', received);
    });
  }

  #watchVote(signer: ReplicaId, view: View, block: BlockHash): void {
    const key = `${signer} ${view}`;
    const earlier = this.votes.get(key);
    if (earlier !== undefined && earlier !== block)
      this.violations.push(`replica ${signer} voted twice in view ${view}`);
    this.votes.set(key, block);
  }

  #store(id: number, life: Life, message: StorageMessage): void {
    const disk = this.#disks[id] as Disk;
    if (message.type === 'readRange') return this.#read(disk, life, message);
    if (message.type !== 'persist') return;
    const { request } = message;
    this.writes[id] = (this.writes[id] ?? 0) + 1;
    this.time.timers.start(this.#options.syncMs, () => {
      if (!life.alive) return;
      for (const block of request.blocks) disk.blocks.set(block.hash, block);
      disk.evidence.push(...request.evidence);
      if (request.safety !== null) disk.record = request.safety;
      for (const hash of request.abandoned) disk.blocks.delete(hash);
      for (const { hash } of request.committed) disk.committed = disk.blocks.get(hash) as Block;
      life.system.post('consensus', { type: 'writesDurable', number: request.number });
    });
  }

  /** Committed blocks, at most three at a time. */
  #read({ blocks, committed }: Disk, life: Life, message: Extract<StorageMessage, { type: 'readRange' }>): void {
    const { token, fromHeight, maxBlocks } = message;
    const chain = chainTo(committed, blocks).slice(fromHeight - 1, fromHeight - 1 + Math.min(3, maxBlocks));
    const answer = { certificate: null, committedHeight: committed.header.height, blocks: chain } as const;
    life.system.post('consensus', { type: 'blocksRead', token, ...answer });
  }

  #generate(id: number, life: Life, message: ProposalGeneratorMessage): void {
    if (message.type === 'bodyWanted') {
      const body = this.#options.busy ? new TextEncoder().encode(`${id}/${message.view}`) : new Uint8Array(0);
      life.system.post('consensus', { type: 'bodyReady', view: message.view, parent: message.parent, body });
    }
    if (message.type !== 'blocksCommitted') return;
    for (const block of message.blocks) {
      this.#commit(id, block);
      if (this.#options.executionMs > 0) life.queue.execute(block);
    }
    this.#execute(id, life);
  }

  /** One block at a time, as the machine's host does; consensus is told where that falls behind. */
  #execute(id: number, life: Life): void {
    const { queue, system } = life;
    if (queue.isBehind !== life.behind) {
      life.behind = queue.isBehind;
      system.post('consensus', { type: 'executionBehind', behind: life.behind });
    }
    const call = queue.next();
    if (call?.type !== 'executeBlock') return;
    const { height } = call.block.header;
    this.time.timers.start(this.#options.executionMs, () => {
      queue.executed(height);
      this.executed[id] = (this.executed[id] ?? 0) + 1;
      if (life.alive) this.#execute(id, life);
    });
  }

  #commit(id: number, { hash, header }: Block): void {
    const own = this.committed[id] as Map<number, BlockHash>;
    if (!own.has(header.height - 1)) this.violations.push(`replica ${id} left a gap below height ${header.height}`);
    for (const [other, chain] of this.committed.entries()) {
      const theirs = chain.get(header.height);
      if (theirs !== undefined && theirs !== hash) {
        this.violations.push(`replicas ${id} and ${other} differ at height ${header.height}`);
      }
    }
    own.set(header.height, hash);
  }

  /** Fetches the whole missing branch from whoever is alive and has it, after one delay, again until it is there. */
  #fetch(id: number, life: Life, message: SyncMessage): void {
    if (message.type === 'ancestorsSettled' && !message.missing) life.wanted = null;
    if (message.type !== 'ancestorsMissing') return;
    life.wanted = message.certificate;
    this.time.timers.start(this.#options.delayMs[0] * 2, () => this.#fetchNow(id, life, message));
  }

  #fetchNow(id: number, life: Life, message: Extract<SyncMessage, { type: 'ancestorsMissing' }>): void {
    const { certificate } = message;
    if (!life.alive || life.wanted !== certificate) return;
    for (const [peer, disk] of this.#disks.entries()) {
      if (peer === id || this.#lives[peer] === null) continue;
      const branch: Block[] = [];
      let block = disk.blocks.get(certificate.block);
      while (block !== undefined && block.header.height > this.height(id)) {
        branch.unshift(block);
        block = disk.blocks.get(block.header.parent);
      }
      if (block === undefined || branch.length === 0) continue;
      life.system.post('consensus', { type: 'ancestorsArrived', blocks: branch, certificate });
      break;
    }
    this.time.timers.start(100, () => this.#fetchNow(id, life, message));
  }

  /** A linear congruential generator: enough to vary delays. */
  #next(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }
}

/** The committed chain on a disk. */
function logOf({ blocks, committed }: Disk): CommittedLog {
  const chain = chainTo(committed, blocks);
  return {
    committedHeight: committed.header.height,
    async *blocks(from) {
      for (const block of chain) if (block.header.height >= from) yield block;
    },
    loadBlock: async (hash) => chain.find((block) => block.hash === hash) ?? null,
  };
}

/** The blocks from height 1 to `tip`. */
function chainTo(tip: Block, blocks: ReadonlyMap<BlockHash, Block>): readonly Block[] {
  const chain: Block[] = [];
  for (let block: Block | undefined = tip; block !== undefined; block = blocks.get(block.header.parent)) {
    if (block.header.height > 0) chain.push(block);
  }
  return chain.reverse();
}

function receivedAs(from: ReplicaId, message: PeerMessage): ConsensusMessage | null {
  switch (message.type) {
    case 'proposal':
      return { type: 'proposalReceived', from, proposal: message.proposal };
    case 'vote':
      return { type: 'voteReceived', from, vote: message.vote };
    case 'timeout':
      return { type: 'timeoutReceived', from, timeout: message.timeout };
    case 'certificates':
      return { type: 'certificatesReceived', from, certificates: message.certificates };
    default:
      return null;
  }
}
