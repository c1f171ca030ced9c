/** One consensus actor among peers that the test plays: it signs for them, and sees what the actor asks for. */
import { createCertificateVerifier } from '../../actors/consensus/certificate-verifier.js';
import type { ConsensusMessage, RecoveredStore } from '../../actors/consensus/messages.js';
import type { ConsensusLimits } from '../../actors/consensus/settings.js';
import type { ConsensusEffect } from '../../actors/roles.js';
import type { PersistRequest } from '../../actors/storage/messages.js';
import { blockChart } from '../../machines/block.machine.js';
import { type Logger, silentLogger } from '../../src/logger.js';
import { type LeaderScheduleName, leaderSchedule } from '../../src/protocol/leader-schedule.js';
import { asHeight, asReplicaId, asTenure, asView, type ReplicaId } from '../../src/protocol/numbers.js';
import { quorumSize } from '../../src/protocol/quorum.js';
import { commitRule } from '../../src/protocol/rules/index.js';
import { tenureOf } from '../../src/protocol/tenure.js';
import type {
  Block,
  Proposal,
  QuorumCertificate,
  SignerSignature,
  Timeout,
  TimeoutCertificate,
  Vote,
} from '../../src/protocol/types.js';
import { hashPublicKey, hashSigner, hashVerifier, verifyHashSignatures } from '../../src/simulation/hash-signer.js';
import { genesisBlock, genesisQc, makeBlock } from '../../src/wire/block.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { createSigningBytes } from '../../src/wire/signing-bytes.js';
import { createConsensus } from './actors.js';

export const CLUSTER_ID = 'c5'.repeat(32);
export const GENESIS = genesisBlock(CLUSTER_ID);
export const GENESIS_QC = genesisQc(CLUSTER_ID);
export const EMPTY_STORE: RecoveredStore = { record: null, committed: GENESIS, uncommitted: [], evidence: [] };

export interface StageOptions {
  readonly id?: number;
  readonly replicas?: number;
  readonly tenureLength?: number;
  readonly rule?: 'three-chain' | 'two-chain';
  readonly store?: RecoveredStore;
  readonly schedule?: LeaderScheduleName;
  /** Whether every write is durable at once; otherwise the test says when. */
  readonly syncAtOnce?: boolean;
  /** Whether the machine was ready before what was recovered came, as may be across threads. */
  readonly machineReadyFirst?: boolean;
  readonly log?: Logger;
  readonly blockChart?: typeof blockChart;
  /** Other bounds than the stage has. */
  readonly limits?: Partial<ConsensusLimits>;
  /** From so many on signatures go to the pool, whose answers the test gives. */
  readonly offloadSignatures?: number;
}

/** What left for the network. */
export type Sent = { readonly to: ReplicaId | 'all'; readonly message: PeerMessage };

export class ConsensusStage {
  readonly sent: Sent[] = [];
  readonly requests: PersistRequest[] = [];
  /** What the other actors of the replica were told. */
  readonly told: Extract<ConsensusEffect, { type: 'send' }>[] = [];
  /** What the pool was asked for and has not answered, oldest first. */
  readonly offloaded: Extract<ConsensusEffect, { type: 'offload' }>[] = [];
  now = 0;
  /** How many signatures were looked at. */
  verifications = 0;
  readonly #options: Required<StageOptions>;
  readonly consensus;
  readonly #bytes = createSigningBytes({ clusterId: CLUSTER_ID, epoch: 0 });

  constructor(options: StageOptions = {}) {
    this.#options = {
      id: 1,
      replicas: 4,
      tenureLength: 1000,
      rule: 'three-chain',
      store: EMPTY_STORE,
      schedule: 'round-robin',
      syncAtOnce: true,
      machineReadyFirst: false,
      log: silentLogger,
      blockChart,
      limits: {},
      offloadSignatures: Number.POSITIVE_INFINITY,
      ...options,
    };
    const { replicas, tenureLength, rule } = this.#options;
    const verifier = createCertificateVerifier({
      replicas,
      tenureLength,
      genesis: GENESIS.hash,
      verifier: {
        verify: (signer, message, signature) => {
          this.verifications += 1;
          return hashVerifier.verify(signer, message, signature);
        },
      },
      signingBytes: this.#bytes,
      remembered: 64,
      rememberedVotes: 16,
      publicKeys: Array.from({ length: replicas }, (_, id) => hashPublicKey(asReplicaId(id))),
    });
    this.consensus = createConsensus({
      id: asReplicaId(this.#options.id),
      replicas,
      clusterId: CLUSTER_ID,
      genesis: GENESIS.hash,
      tenureLength,
      rule: commitRule(rule),
      schedule: leaderSchedule(this.#options.schedule, { replicas, tenureLength }),
      signer: hashSigner(asReplicaId(this.#options.id)),
      verifier,
      signingBytes: this.#bytes,
      reserveViews: 64,
      answerIntervalMs: 100,
      offloadSignatures: this.#options.offloadSignatures,
      log: this.#options.log,
      blockChart: this.#options.blockChart,
      limits: {
        treeTips: 64,
        treeBodyBytes: 4096,
        bodyBytes: 1024,
        pendingProposals: 4,
        pendingBodyBytes: 2048,
        seenProposals: 64,
        viewWindow: 16,
        timeoutsPerInterval: 8,
        proofsPerReplica: 2,
        outboxMessages: 8,
        historyReadBytes: 4096,
        ...this.#options.limits,
      },
    });
    const recovery = [{ type: 'recovered', store: this.#options.store }, { type: 'machineReady' }] as const;
    for (const message of this.#options.machineReadyFirst ? recovery.toReversed() : recovery) this.tell(message);
  }

  tell(message: ConsensusMessage): this {
    for (const effect of this.consensus.receive(message, { now: this.now })) this.#perform(effect);
    return this;
  }

  /** Everything written so far reaches the disk. */
  sync(): this {
    const last = this.requests.at(-1);
    return last === undefined ? this : this.tell({ type: 'writesDurable', number: last.number });
  }

  /** Messages of one type that left, oldest first; what was seen is forgotten. */
  take<Type extends PeerMessage['type']>(
    type: Type,
  ): (Sent & { readonly message: Extract<PeerMessage, { type: Type }> })[] {
    const taken = this.sent.filter(({ message }) => message.type === type);
    const rest = this.sent.filter(({ message }) => message.type !== type);
    this.sent.splice(0, this.sent.length, ...rest);
    return taken as (Sent & { readonly message: Extract<PeerMessage, { type: Type }> })[];
  }

  /** Heights told to the proposal generator as committed, in order. */
  get committedViews(): number[] {
    return this.told.flatMap(({ to, message }) =>
      to === 'proposalGenerator' && message.type === 'blocksCommitted'
        ? message.blocks.map(({ header }) => Number(header.view))
        : [],
    );
  }

  /** Views of the blocks that were taken in, in order. */
  get addedViews(): number[] {
    return this.told.flatMap(({ message }) =>
      message.type === 'blockAdded' ? [Number(message.block.header.view)] : [],
    );
  }

  get view(): number {
    const entered = this.told.filter(({ message }) => message.type === 'viewEntered');
    const last = entered.at(-1)?.message;
    return last?.type === 'viewEntered' ? last.view : 0;
  }

  // what peers say

  leaderOf(view: number): ReplicaId {
    const { replicas, tenureLength } = this.#options;
    return asReplicaId(tenureOf(asView(view), tenureLength) % replicas);
  }

  block(view: number, parent: Block, justify: QuorumCertificate, text = '', proposer = this.leaderOf(view)): Block {
    const body = new TextEncoder().encode(text);
    return makeBlock(
      CLUSTER_ID,
      {
        height: asHeight(parent.header.height + 1),
        view: asView(view),
        parent: parent.hash,
        justify,
        proposer,
      },
      body,
    );
  }

  proposal(block: Block, tc: TimeoutCertificate | null = null): Proposal {
    const signer = hashSigner(block.header.proposer);
    return { block, signature: signer.sign(this.#bytes.proposal(block.header.view, block.hash)), tc };
  }

  vote(signer: number, block: Block): Vote {
    const id = asReplicaId(signer);
    const { view } = block.header;
    return { signer: id, view, block: block.hash, signature: hashSigner(id).sign(this.#bytes.vote(view, block.hash)) };
  }

  qc(block: Block, signers: readonly number[] = this.#quorum()): QuorumCertificate {
    const signatures: SignerSignature[] = signers.map((signer) => {
      const { signer: id, signature } = this.vote(signer, block);
      return { signer: id, signature };
    });
    return { view: block.header.view, block: block.hash, signatures };
  }

  timeout(signer: number, tenure: number, highQc: QuorumCertificate = GENESIS_QC): Timeout {
    const id = asReplicaId(signer);
    const signature = hashSigner(id).sign(this.#bytes.timeout(asTenure(tenure), highQc.view));
    return { signer: id, tenure: asTenure(tenure), highQcView: highQc.view, signature, highQc };
  }

  tc(tenure: number, highQc: QuorumCertificate = GENESIS_QC, signers = this.#quorum()): TimeoutCertificate {
    const timeouts = signers.map((signer) => {
      const { highQc: _, ...statement } = this.timeout(signer, tenure, highQc);
      return statement;
    });
    return { tenure: asTenure(tenure), timeouts, highQc };
  }

  propose(proposal: Proposal, from: ReplicaId = proposal.block.header.proposer): this {
    return this.tell({ type: 'proposalReceived', from, proposal });
  }

  /** Blocks of views `from` .. `to`, each on the one before, proposed in order. */
  proposeChain(from: number, to: number, parent: Block = GENESIS, justify: QuorumCertificate = GENESIS_QC): Block[] {
    const blocks: Block[] = [];
    let below = parent;
    let certificate = justify;
    for (let view = from; view <= to; view += 1) {
      const block = this.block(view, below, certificate, `${view}`);
      this.propose(this.proposal(block));
      blocks.push(block);
      below = block;
      certificate = this.qc(block);
    }
    return blocks;
  }

  #quorum(): readonly number[] {
    return Array.from({ length: quorumSize(this.#options.replicas) }, (_, signer) => signer);
  }

  /** The pool answers what it was asked first, or a thread of it has died with that. */
  answerPool(died = false): this {
    const asked = this.offloaded.shift();
    if (asked === undefined) throw new Error('the pool was asked for nothing');
    const { task, id, input } = asked;
    const result = died
      ? ({ ok: false, code: 'POOL_THREAD_DIED' } as const)
      : { ok: true as const, ...verifyHashSignatures(structuredClone(input)) };
    return this.tell({ type: 'offloadAnswered', task, id, result });
  }

  #perform(effect: ConsensusEffect): void {
    if (effect.type === 'offload') this.offloaded.push(effect);
    if (effect.type !== 'send') return;
    const { to, message } = effect;
    if (to === 'network' && message.type === 'sendTo') this.sent.push({ to: message.to, message: message.message });
    else if (to === 'network' && message.type === 'broadcast') this.sent.push({ to: 'all', message: message.message });
    else if (to === 'storage' && message.type === 'persist') {
      this.requests.push(message.request);
      if (this.#options.syncAtOnce) this.tell({ type: 'writesDurable', number: message.request.number });
    } else this.told.push(effect);
  }
}
