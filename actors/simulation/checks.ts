/** Holds a running world to its invariants: hands what happens to the checkers of `src/simulation/checkers`. */
import { type Limits, limits } from '../../src/config/limits.js';
import { invariant } from '../../src/errors.js';
import type { Equivocation } from '../../src/protocol/evidence.js';
import { asHeight, type ReplicaId } from '../../src/protocol/numbers.js';
import type { AgreementChecker } from '../../src/simulation/checkers/agreement.js';
import type { DurabilityChecker } from '../../src/simulation/checkers/durability.js';
import type { EvidenceChecker } from '../../src/simulation/checkers/evidence.js';
import type { ExecutionChecker } from '../../src/simulation/checkers/execution.js';
import { SentMessages } from '../../src/simulation/checkers/sent-messages.js';
import type { ObservedEvent } from '../../src/simulation/checkers/vote-oracle.js';
import type { SimulatedDisk } from '../../src/simulation/disk.js';
import { faultNote } from '../../src/simulation/seen-events.js';
import type { Accuse, Violation } from '../../src/simulation/violation.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { bannedPeers, oldestPending, overflows } from './bounds.js';
import { Checkers } from './checkers.js';
import type { ChecksOptions, WatchedWorld } from './checks-options.js';
import { blocksOn } from './disk-log.js';
import { isExpected } from './expected-failures.js';
import { shown } from './shown-reply.js';
import { SignatureChecks } from './signature-checks.js';
import type { ReplicaWatch } from './simulated-replica.js';
import { NOT_ASKED, stateHashOf } from './state-hash.js';
import { tightened } from './tight-limits.js';
import type { WorldWatch } from './world.js';

/** Holds what it is told of a world to each invariant, and keeps the violations that are found, in order. */
export class Checks implements WorldWatch {
  readonly violations: Violation[] = [];
  readonly agreement: AgreementChecker;
  readonly execution: ExecutionChecker;
  readonly durability: DurabilityChecker;
  readonly evidence: EvidenceChecker;
  readonly #checkers: Checkers;
  readonly #options: ChecksOptions;
  readonly #liars: ReadonlySet<number>;
  readonly #limits: Limits;
  readonly #damaged = new Set<number>();
  /** Of each node's disk, when its present life began. */
  readonly #writesFailed = new Map<number, number>();
  #world: WatchedWorld | null = null;
  #messages: SentMessages | null = null;
  readonly #signatures = new SignatureChecks();
  /** Messages that correct replicas sent to each other, by type. */
  readonly messages = new Map<PeerMessage['type'], number>();
  /** By all replicas together. */
  viewsEntered = 0;
  /** Of correct replicas together. */
  commitsTold = 0;
  /** How often each strategy of a liar was at work. */
  readonly lies = new Map<string, number>();

  constructor(options: ChecksOptions) {
    const { liars, tight } = options.case;
    this.#options = options;
    this.#limits = { ...limits, ...tightened(tight ?? []).limits };
    this.#liars = new Set(liars.map(({ replica }) => replica));
    const isHonest = (id: number) => this.isHonest(id);
    const signatures = this.#signatures;
    this.#checkers = new Checkers(options, { limits: this.#limits, isHonest, signatures, accuse: this.accuse });
    this.agreement = this.#checkers.agreement;
    this.execution = this.#checkers.execution;
    this.durability = this.#checkers.durability;
    this.evidence = this.#checkers.evidence;
  }

  /** Called once, before anything happens. */
  watch(world: WatchedWorld): void {
    this.#world = world;
    const { clusterId } = world.cluster;
    this.#messages = new SentMessages(clusterId);
    this.#signatures.watch(world.cluster, this.#options.case.signatures);
  }

  isHonest(replica: number): boolean {
    return !this.#liars.has(replica);
  }

  /** Its disk has lost what it had promised to hold: it may refuse to start on it. */
  isDamaged(replica: number): boolean {
    return this.#damaged.has(replica);
  }

  readonly accuse: Accuse = (invariant, detail) => {
    if (this.violations.length >= this.#options.violationsMax) return;
    const scheduler = this.#world?.scheduler;
    this.violations.push({ invariant, at: scheduler?.now ?? 0, event: scheduler?.events ?? 0, detail });
  };

  readonly struck: WorldWatch['struck'] = (fault) => {
    if (fault.type === 'damage') this.#damaged.add(fault.replica);
    this.#options.onNote?.(faultNote(fault));
  };

  readonly crashed: ReplicaWatch['crashed'] = ({ id, node, disk }) => {
    if (this.isHonest(id)) {
      this.#checkers.durableCommits.crashed(id, disk, this.#now);
      this.evidence.ended(id);
    }
    this.#options.onNote?.({ node, text: 'crashed' });
  };

  readonly booted: ReplicaWatch['booted'] = ({ id, node, life, disk }) => {
    this.durability.booted(node, disk);
    this.#writesFailed.set(node, disk.writesFailed);
    this.#checkers.timers.booted(node);
    this.#checkers.complaints.booted(node, this.#now);
    this.#checkers.done.booted(node);
    if (life === 1) return;
    this.#options.onNote?.({ node, text: `starts, life ${life}` });
    if (!this.isHonest(id)) return;
    this.evidence.ended(id);
    this.#observe({ replica: id, kind: 'restarted', at: this.#now });
  };

  readonly entered: ReplicaWatch['entered'] = ({ node }, view) => {
    this.viewsEntered += 1;
    this.#checkers.timers.entered(node, view, this.#now);
    this.durability.entered(node, view);
    this.#checkers.complaints.entered(node, view, this.#now);
    this.#checkers.load.entered(node, this.#now);
  };

  readonly timerFired: ReplicaWatch['timerFired'] = ({ id, node }) => {
    if (this.isHonest(id)) this.#checkers.load.timerFired(node, this.#now);
  };

  readonly recovered: ReplicaWatch['recovered'] = (replica, height) => {
    const { id, disk } = replica;
    if (!this.isHonest(id)) return;
    this.#checkers.durableCommits.recovered(id, disk, height);
    const from = asHeight(this.agreement.highestOf(id) + 1);
    const untold = [...blocksOn(disk, this.#world?.cluster.clusterId ?? '', { from, to: height })];
    this.agreement.recovered(id, height, untold, this.#now);
    this.#checkers.clients.committed(untold);
    this.#checkers.commitRule?.committed(id, untold);
    this.#checkers.complaints.committed(id, untold, this.#now);
  };

  readonly initialized: ReplicaWatch['initialized'] = ({ node }, height) =>
    this.#checkers.done.initialized(node, height);

  readonly committed: ReplicaWatch['committed'] = (replica, blocks) => {
    if (!this.isHonest(replica.id)) return;
    this.commitsTold += 1;
    this.agreement.committed(replica.id, blocks, this.#now);
    this.#checkers.durableCommits.committed(replica.id, replica.disk, this.agreement.heightOf(replica.id), this.#now);
    this.#checkers.clients.committed(blocks);
    this.#checkers.commitRule?.committed(replica.id, blocks);
    this.#checkers.timers.committed(replica.node, this.#now);
    this.#checkers.complaints.committed(replica.id, blocks, this.#now);
  };

  readonly executed: ReplicaWatch['executed'] = (replica, block, { machine, state }) => {
    if (!this.isHonest(replica.id)) return;
    const { height } = block;
    const ran = block.replies.flatMap(({ client, replies }) =>
      replies.map(({ sequence, reply }) => {
        this.#checkers.clients.ran(client, sequence, { height, reply });
        return { command: `${client}/${sequence}`, reply: shown(reply) };
      }),
    );
    this.#checkers.done.executed(
      replica.node,
      height,
      ran.map(({ command }) => command),
    );
    // An empty block changes nothing: its state is that of the block before. What a body did to a machine that
    // builds its own is not told.
    const isSame = ran.length === 0 && this.#options.case.speculation === undefined;
    const { stateHash, problem } = isSame ? NOT_ASKED : stateHashOf(machine);
    if (problem !== null)
      this.accuse('S13', `the state machine of replica ${replica.id} at height ${height}: ${problem}`);
    const reported = state?.height === height ? state.stateHash : null;
    this.execution.executed(replica.id, { height, stateHash, reported, ran });
  };

  readonly warned: ReplicaWatch['warned'] = (replica, event, facts) => {
    if (!this.isHonest(replica.id)) return;
    if (event === 'equivocationProved') {
      const { accused: culprit, kind } = facts as { readonly accused: number; readonly kind: Equivocation['kind'] };
      this.evidence.proved({ by: replica.id, culprit, kind, disk: replica.disk, at: this.#now });
      this.#checkers.accusations.proved(replica.id, culprit, kind);
    }
    if (event === 'peerRefused') this.#checkers.accusations.refused(replica.id, facts);
  };

  readonly lied: WorldWatch['lied'] = (strategy) => {
    this.lies.set(strategy, (this.lies.get(strategy) ?? 0) + 1);
  };

  readonly failed: ReplicaWatch['failed'] = (replica, { code, detail }) => {
    const { id, node, disk } = replica;
    const writeFailed = disk.writesFailed > (this.#writesFailed.get(node) ?? 0);
    if (!this.isHonest(id) || isExpected(code, { damaged: this.isDamaged(id), writeFailed })) return;
    this.accuse('S13', `replica ${replica.id} stopped with ${code}: ${detail}`);
  };

  readonly clientFailed: WorldWatch['clientFailed'] = (client, { error, messageType }) => {
    this.accuse('S13', `client ${client} threw on ${messageType}: ${String(error)}`);
  };

  readonly eventForgotten: WorldWatch['eventForgotten'] = (pair) => {
    this.accuse('S13', `a statechart has nothing to do for an event that it should not be told then: ${pair}`);
  };

  readonly sent: WorldWatch['sent'] = (frame) => {
    if (frame.side === 'client') return this.#checkers.clients.sent(frame, this.isHonest(frame.from), this.#now);
    const message = this.#messages?.sent(frame) ?? null;
    if (message === null) return;
    const { from } = frame;
    this.messages.set(message.type, (this.messages.get(message.type) ?? 0) + 1);
    this.#options.onMessage?.(from, frame.to, message);
    this.#checkers.blocks.sent(message);
    this.#checkers.votes.sent(message);
    if (message.type === 'proposal') this.#checkers.proposals.proposed(frame.to, message);
    if (!this.isHonest(from)) return;
    this.durability.sent(from, this.#disk(from), message);
    this.#checkers.certificates.sent(from, this.#disk(from), message);
    this.#checkers.timers.sent(from, this.#now);
    this.#checkers.complaints.sent(from, message, this.#now);
    if (message.type === 'vote' && message.vote.signer === from)
      this.#checkers.proposals.voted(from, message.vote.block);
    this.#checkers.load.sent(from, frame.to, message.type, this.#now);
    if (message.type === 'timeout' && message.timeout.signer === from) {
      this.#checkers.timers.gaveUp(from, message.timeout.tenure, this.#now);
    }
    if (message.type === 'proposal') this.#checkers.idle?.proposed(message.proposal.block.hash, this.#now);
    this.#observe({ replica: from as ReplicaId, kind: 'sent', message, at: this.#now });
  };

  readonly arrived: WorldWatch['arrived'] = (frame) => {
    this.#options.onArrived(frame);
    if (frame.side !== 'peer' || !this.isHonest(frame.to)) return;
    const message = this.messageOf(frame.frame);
    if (message === null) return;
    this.#observe({ replica: frame.to as ReplicaId, kind: 'received', message, at: this.#now });
    const view = this.#world?.replicas[frame.to]?.view ?? 0;
    this.evidence.arrived(frame.from, { id: frame.to, view }, message, this.#now);
  };

  readonly disconnected: WorldWatch['disconnected'] = (node) => this.#checkers.timers.disconnected(node);

  /** Looks at what single events do not show: that nothing grows beyond its bounds (S11), and nobody honest is accused (S12). */
  look(): void {
    for (const replica of this.#world?.replicas ?? []) {
      if (!replica.up || !this.isHonest(replica.id)) continue;
      this.#checkers.durableCommits.look(replica.id, replica.disk, this.#now);
      // Who leads waits for nobody.
      if (replica.leader !== replica.id) this.#checkers.complaints.look(replica.id, this.#now);
      const counters = replica.counters();
      if (counters === null) continue;
      const isPaused = replica.process?.paused === true;
      this.#checkers.done.look(replica.node, isPaused ? null : oldestPending(counters), this.#now);
      for (const overflow of overflows(counters, this.#limits, this.#options.case.replicas))
        this.accuse('S11', `replica ${replica.id}: ${overflow}`);
      this.#checkers.accusations.keptOut(replica.id, bannedPeers(counters));
    }
  }

  #observe(event: ObservedEvent): void {
    for (const { invariant: broken, replica, view, detail } of this.#checkers.oracle.observe(event)) {
      this.accuse(broken, `replica ${replica} in view ${view}: ${detail}`);
    }
  }

  get #now(): number {
    return this.#world?.scheduler.now ?? 0;
  }

  /** What a frame between replicas says that has been sent; null for a greeting, a part of a message, and what is none. */
  messageOf(frame: Uint8Array): PeerMessage | null {
    return this.#messages?.of(frame) ?? null;
  }

  #disk(replica: number): SimulatedDisk {
    const disk = this.#world?.replicas[replica]?.disk;
    invariant(disk !== undefined, 'frames come from replicas of the world that is watched');
    return disk;
  }
}
