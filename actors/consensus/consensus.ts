import { checkValue } from '../../src/config/check-options.js';
import { limits } from '../../src/config/limits.js';
import { whole } from '../../src/config/option-kinds.js';
import { BRANCHES_KEPT } from '../../src/protocol/block-tree.js';
import type { Equivocation } from '../../src/protocol/evidence.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { Behaviour, Turn } from '../../src/runtime/behaviour.js';
import type { ConsensusEffect } from '../roles.js';
import { announceView, askForHighest, settleMissing } from './certificates.js';
import { checksAnswered } from './check-elsewhere.js';
import { broadcast, type ConsensusContext, certificatesHere, currentTenure, leads, sendTo } from './context.js';
import { type ConsensusCounters, countersOf } from './counters.js';
import { HistoryRecovery } from './history-recovery.js';
import type { ConsensusMessage, RecoveredStore } from './messages.js';
import type { CertifiedMessage } from './offloaded-checks.js';
import { tellOutcomes, watch } from './outcomes.js';
import type { Refusal } from './peer-refusals.js';
import { receiveAncestors, receiveCertificates, receiveProposal } from './proposals.js';
import { blockArrived, bodyReady, proposeNow, resend } from './proposing.js';
import { announceRecovery, recover } from './recovery.js';
import type { SignedMessage } from './safety-module.js';
import type { ConsensusSettings } from './settings.js';
import { collectTimeout, giveUp, judgeTimeouts, receiveTimeout, resignIfBound, timedOut } from './timeouts.js';
import { collectorsOf, collectVote, receiveVote } from './votes.js';

/** The consensus actor, and a look at what it counts. */
export interface Consensus extends Behaviour<ConsensusMessage, ConsensusEffect> {
  counters(): ConsensusCounters;
  /** The proofs kept of misbehaviour, each with both signed messages; anybody can check them from the public keys. */
  evidence(): readonly Equivocation[];
}

/**
 * The consensus actor: owns the current view, the block tree, the key, and everything that is signed.
 * Source: HotStuff, arXiv:1803.05069, Alg. 4 and 5; view synchronisation after Jolteon, arXiv:2106.10362.
 * @throws ConfigurationError for a block tree without a tip, or without room for a body of full size on each branch to be kept.
 */
export function createConsensus(settings: ConsensusSettings): Consensus {
  const { treeTips, treeBodyBytes, bodyBytes } = settings.limits;
  const most = Number.MAX_SAFE_INTEGER;
  checkValue('limits.treeTips', treeTips, whole(1, most));
  const perBranch = `, ${BRANCHES_KEPT} times limits.bodyBytes at least`;
  checkValue('limits.treeBodyBytes', treeBodyBytes, whole(BRANCHES_KEPT * bodyBytes, most, perBranch));
  return new ConsensusActor(settings);
}

/**
 * How many views a replica reserves ahead, for a tenure of `tenureLength` views. After a restart it signs nothing up to the
 * bound, and where tenures are short each of them that lies below may cost a timer, so that few are reserved there.
 */
export function reservedViews(tenureLength: number): number {
  return Math.min(limits.reservedViewsMax, Math.max(limits.reservedViewsMin, tenureLength));
}

class ConsensusActor implements Consensus {
  readonly #settings: ConsensusSettings;
  #context: ConsensusContext | null = null;
  /** What was recovered, while committed blocks are read back that the leader schedule must know of. */
  #recovering: { readonly store: RecoveredStore; readonly history: HistoryRecovery } | null = null;
  #machineReady = false;
  #running = false;
  #stopped = false;

  constructor(settings: ConsensusSettings) {
    this.#settings = settings;
  }

  receive(message: ConsensusMessage, turn: Turn): readonly ConsensusEffect[] {
    if (message.type === 'machineReady') this.#machineReady = true;
    const asked = this.#recover(message);
    const context = this.#context;
    if (context === null) return asked;
    context.now = turn.now;
    context.effects = [];
    this.#handle(context, message);
    this.#finish(context);
    return context.effects;
  }

  /** Takes over what storage found, once the committed blocks that the leader schedule must know of are read back, too. */
  #recover(message: ConsensusMessage): readonly ConsensusEffect[] {
    if (this.#context !== null) return [];
    if (message.type === 'recovered') {
      const { store } = message;
      this.#recovering = { store, history: new HistoryRecovery(this.#settings, store.committed.header) };
    } else if (message.type === 'stopRequested') {
      this.#recovering = null;
      return [STOPPED];
    } else if (message.type !== 'blocksRead' || this.#recovering?.history.answered(message) !== true) return [];
    if (this.#recovering === null) return [];
    const { store, history } = this.#recovering;
    if (history.result === null) return history.request();
    this.#recovering = null;
    this.#context = recover(this.#settings, store, history.result);
    return [];
  }

  counters(): ConsensusCounters {
    return countersOf(this.#context);
  }

  evidence(): readonly Equivocation[] {
    return this.#context?.evidence.all() ?? [];
  }

  #handle(context: ConsensusContext, message: ConsensusMessage): void {
    if (STARTING.has(message.type)) this.#runWhenBoth(context);
    else if (message.type === 'writesDurable') context.durability.writesDurable(message.number);
    else if (message.type === 'blocksExecuted') context.lives.executed(message.height);
    else if (message.type === 'stopRequested') this.#stop(context);
    else if (this.#running && !context.stopping) this.#run(context, message);
  }

  /** Storage tells of the recovery both here and to whom the machine belongs: across threads either may be here first. */
  #runWhenBoth(context: ConsensusContext): void {
    if (!this.#machineReady || this.#running) return;
    this.#running = true;
    announceRecovery(context);
  }

  #run(context: ConsensusContext, message: ConsensusMessage): void {
    switch (message.type) {
      case 'proposalReceived':
      case 'timeoutReceived':
      case 'certificatesReceived':
        return this.#count(context, message.from, this.#receive(context, message));
      case 'offloadAnswered':
        return checksAnswered(
          context,
          message,
          (again) => this.#receive(context, again),
          (from, refusal) => this.#count(context, from, refusal),
        );
      case 'voteReceived':
        return this.#count(context, message.from, receiveVote(context, message.from, message.vote));
      case 'ancestorsArrived':
        return receiveAncestors(context, message.blocks, message.certificate);
      case 'peerConnected':
        return sendTo(context, message.peer, { type: 'certificates', certificates: certificatesHere(context) });
      case 'proposeNow':
        return proposeNow(context, message.view, message.body);
      case 'executionBehind':
        context.executionBehind = message.behind;
        return;
      case 'bodyReady':
        return bodyReady(context, message);
      case 'timedOut':
        return timedOut(context, message.tenure);
      case 'resendDue':
        askForHighest(context);
        return resend(context, message.view);
      case 'qcWanted':
        return watch(context, message.block);
      default:
        return;
    }
  }

  #receive(context: ConsensusContext, message: CertifiedMessage): Refusal | null {
    switch (message.type) {
      case 'proposalReceived':
        return receiveProposal(context, message.from, message.proposal);
      case 'timeoutReceived':
        return receiveTimeout(context, message.from, message.timeout);
      case 'certificatesReceived':
        return receiveCertificates(context, message.from, message.certificates);
    }
  }

  #count(context: ConsensusContext, from: ReplicaId, refusal: Refusal | null): void {
    if (refusal !== null) context.refusals.count(from, refusal);
  }

  /**
   * What follows from any message: waiting proposals, new views, one write request, whatever it set free, and what became
   * of blocks that were asked after. It ends, since each turn of the loop enters a later view or counts a Timeout of this
   * replica for a later tenure.
   */
  #finish(context: ConsensusContext): void {
    if (!this.#running) return;
    settleMissing(context);
    blockArrived(context);
    do {
      announceView(context);
      if (!context.stopping) {
        resignIfBound(context);
        judgeTimeouts(context);
      }
      this.#write(context);
      for (const message of context.durability.takeReady()) this.#release(context, message);
    } while (context.entered !== null || (context.timeoutsUnjudged && !context.stopping));
    this.#write(context);
    tellOutcomes(context);
    if (!context.stopping || this.#stopped || !context.durability.settled) return;
    this.#stopped = true;
    context.effects.push(STOPPED);
  }

  #write(context: ConsensusContext): void {
    const request = context.durability.takeRequest();
    if (request !== null) context.effects.push({ type: 'send', to: 'storage', message: { type: 'persist', request } });
  }

  /** Lets a signed message go, now that what it needs is durable; the own collectors hear it like everyone else. */
  #release(context: ConsensusContext, message: SignedMessage): void {
    context.tally.signed[message.kind] += 1;
    switch (message.kind) {
      case 'proposal':
        return broadcast(context, { type: 'proposal', proposal: message.proposal });
      case 'vote': {
        const { id } = context.settings;
        if (message.vote.view <= context.tree.committed.header.view) return;
        // Whom it concerns is looked up when it leaves: a commit may have decided it since it was signed.
        const collectors = collectorsOf(context, message.vote.view);
        for (const to of collectors) if (to !== id) sendTo(context, to, { type: 'vote', vote: message.vote });
        if (collectors.includes(id)) collectVote(context, message.vote);
        return;
      }
      case 'timeout':
        broadcast(context, { type: 'timeout', timeout: message.timeout });
        return collectTimeout(context, message.timeout);
    }
  }

  /**
   * Nothing is signed any more after this. A leader resigns first, so that nobody waits for its timer, and keeps its bound;
   * anyone else gives back what was reserved beyond what it has signed.
   */
  #stop(context: ConsensusContext): void {
    if (this.#running && leads(context, context.view)) giveUp(context, currentTenure(context));
    else context.durability.settleBound(context.safety.signedView);
    context.stopping = true;
    context.proposing = null;
    if (!this.#running) context.effects.push(STOPPED);
  }
}

/** Messages of which the last one lets consensus run. */
const STARTING: ReadonlySet<ConsensusMessage['type']> = new Set(['recovered', 'blocksRead', 'machineReady']);
const STOPPED: ConsensusEffect = { type: 'send', to: 'replica', message: { type: 'partStopped', role: 'consensus' } };
