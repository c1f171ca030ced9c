/**
 * L1 to L5: after a run has healed it must make progress, within bounds of virtual time that follow from the design: views
 * synchronise, new commands commit, all replicas that are not to stay down reach one height, every command is answered. L5 is L1 where
 * replicas stay dead.
 */
import type { Accuse } from '../violation.js';
import { TIMER_GROWTH } from './timers.js';

/** What the bounds follow from; `healAt` is in virtual milliseconds since the beginning. */
export interface LivenessOptions {
  readonly replicas: number;
  readonly baseTimeoutMs: number;
  readonly tenure: number;
  /** A block needs three consecutive views, each tenure is one, and those lead that took part lately. */
  readonly leadersMayBeTooFew: boolean;
  /** The longest that a message takes, milliseconds. */
  readonly delayMaxMs: number;
  /** When no fault is left. */
  readonly healAt: number;
  /** How long after that the last two replicas are connected at the latest, milliseconds. */
  readonly connectMs: number;
  /** When the last timer that was set before has run out at the latest, milliseconds after. */
  readonly timerMaxMs: number;
  /** Replicas that lie; they do so for ever. */
  readonly liars: number;
  /** Replicas that stay down. */
  readonly dead: number;
  /** Commands that may stand before one and take a block each; 0 where one block holds them all. */
  readonly commandsAhead: number;
  /** Machines build their own blocks, and there are no commands. */
  readonly speculative: boolean;
  readonly accuse: Accuse;
}

/** What the checker sees of the cluster, at a moment. */
export interface ClusterView {
  readonly now: number;
  /** Of correct replicas that are up, or should be: view, committed height. */
  readonly replicas: readonly { readonly id: number; readonly view: number; readonly height: number }[];
  /** Whether each of them is connected to all others of them. */
  readonly connected: () => boolean;
  /** Whether somebody who waits for an answer is connected to all of them: nothing is to be committed before. */
  readonly heard: () => boolean;
  /** Height of the last non-empty block that anybody has committed. */
  readonly nonEmptyHeight: number;
  /**
   * When the oldest command without an answer was submitted, virtual milliseconds; null where every one is answered. Where
   * machines build their own blocks, when the last of these was committed.
   */
  readonly waitingSince: number | null;
}

/** Views that lie between correct replicas at most, once they are synchronised. */
const TOGETHER_VIEWS = 2;
/** Messages, one after the other, until a tenure has committed a block. */
const MESSAGES_TENURE = 8;
/** Until whoever gave a tenure up is in the view of the others: its Timeout, and the certificate that answers it; or blocks fetched. */
const MESSAGES_TOGETHER = 4;
/** Views above the last commit for which the reputation schedule still goes by who took part (DESIGN section 4). */
const REPUTATION_VIEWS = 40;
/** How a time is told that is counted from then on. */
const SINCE = 'after the last fault and all were connected';
/** Base timeouts after which a follower whose command is not committed gives up on the leader. */
const COMPLAINT_TIMEOUTS = 4;
/** Retry times after which a client sends to others what has no answer, at the latest. */
const CLIENT_RETRIES = 4;

/** Judges L1 to L5 at each look at the cluster; it accuses of each at most once. */
export class LivenessChecker {
  readonly #options: LivenessOptions;
  #heightAtHeal: number | null = null;
  /** When all were connected, or should have been: nobody can be live before. */
  #connectedAt: number | null = null;
  /** When, besides, somebody who waits was connected to them. */
  #heardAt: number | null = null;
  /** The first non-empty height that is new since the healing. */
  #newHeight: number | null = null;
  #isLive = false;
  /** The height of the highest replica when all had become live: L2 is for all to reach it. */
  #levelHeight: number | null = null;
  #level = false;
  /** Whether all were seen in views next to each other. */
  #together = false;
  /** Whether a command was found to be kept waiting. */
  #kept = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** Height of the last non-empty block when the first look after the healing was taken; null before. */
  get heightAtHeal(): number | null {
    return this.#heightAtHeal;
  }

  /** Whether all that must happen after the healing has happened. */
  get satisfied(): boolean {
    return this.owed.length === 0;
  }

  /** What of that has not happened yet, a phrase each. */
  get owed(): readonly string[] {
    const progress = this.#options.dead > 0 ? 'L5' : 'L1';
    return [
      ...(this.#isLive ? [] : [`a new block on every correct replica (${progress})`]),
      ...(this.#level ? [] : ['the same height on every correct replica (L2)']),
      ...(this.#together ? [] : ['views next to each other (L4)']),
    ];
  }

  /**
   * Virtual milliseconds from when all are connected until a new block must be committed everywhere (L1): 2f + 3 tenures. A tenure that
   * comes to nothing ends by the view timer; a liar that keeps it, by being slow or by leaving a client out, loses it by the
   * complaint of those who wait: after four base timeouts, which grow like the view timer (DESIGN section 4). And one to which a
   * client sends first may keep the command: it goes to others after four retry times, which are base timeouts, at the latest.
   * Where tenures of one view go to those that took part lately, one that has just come back is not among them, and f of the
   * others may be dead: there are no three in a row that lead, until without a commit all have their turn.
   */
  get patienceMs(): number {
    const { replicas, timerMaxMs, liars, baseTimeoutMs, leadersMayBeTooFew } = this.#options;
    const faulty = Math.floor((replicas - 1) / 3);
    const untilTurns = leadersMayBeTooFew ? 1 + REPUTATION_VIEWS + replicas : 0;
    const tenures = 2 * faulty + 3 + untilTurns;
    const liarsTenures = liars * Math.ceil(tenures / replicas);
    const keptMs = liars === 0 ? 0 : CLIENT_RETRIES * baseTimeoutMs;
    return timerMaxMs + tenures * this.#tenureMs + liarsTenures * COMPLAINT_TIMEOUTS * this.#timerMs + keptMs;
  }

  /** The view timer, as long as it may be. */
  get #timerMs(): number {
    return this.#options.baseTimeoutMs * TIMER_GROWTH;
  }

  /** The longest that a tenure takes to commit a block, or to end. */
  get #tenureMs(): number {
    return this.#timerMs + MESSAGES_TENURE * this.#options.delayMaxMs;
  }

  /** Virtual milliseconds from when all are connected until views must be together (L4): one timeout, as long as it may be. */
  get viewPatienceMs(): number {
    const { timerMaxMs, delayMaxMs } = this.#options;
    return timerMaxMs + MESSAGES_TOGETHER * delayMaxMs;
  }

  /** Whether views have yet to come together: then each that is entered is to be looked at. */
  awaitsViews(now: number): boolean {
    return !this.#together && now >= this.#options.healAt;
  }

  /** Called when a view has been entered, while this awaits views. */
  enteredView(view: ClusterView): void {
    this.#judgeViews(view, this.#sinceConnected(view));
  }

  /** Called now and then; judges only what is due. */
  look(view: ClusterView): void {
    if (view.now < this.#options.healAt) return;
    this.#heightAtHeal ??= view.nonEmptyHeight;
    const since = this.#sinceConnected(view);
    this.#judgeWaiting(view);
    this.#judgeViews(view, since);
    const sinceHeard = this.#sinceHeard(view);
    this.#judgeProgress(view, sinceHeard);
    this.#judgeHeights(view, sinceHeard);
  }

  #sinceConnected({ now, connected }: ClusterView): number {
    const { healAt, connectMs } = this.#options;
    if (this.#connectedAt === null && (now > healAt + connectMs || connected())) this.#connectedAt = now;
    return now - (this.#connectedAt ?? now);
  }

  #sinceHeard({ now, heard }: ClusterView): number {
    const { healAt, connectMs } = this.#options;
    if (this.#heardAt === null && this.#connectedAt !== null && (now > healAt + connectMs || heard())) {
      this.#heardAt = now;
    }
    return now - (this.#heardAt ?? now);
  }

  /** L1 and L5: every correct replica commits a block that is new and not empty, or all commands are answered. */
  #judgeProgress({ now, replicas, nonEmptyHeight, waitingSince }: ClusterView, since: number): void {
    if (nonEmptyHeight > (this.#heightAtHeal ?? 0) || waitingSince === null) this.#newHeight ??= nonEmptyHeight;
    // What was submitted that long ago was answered without a new block: it was refused, and nothing of it is to be committed.
    if (since > this.patienceMs && now - (waitingSince ?? now) <= this.patienceMs) this.#newHeight ??= nonEmptyHeight;
    const wanted = this.#newHeight ?? Number.POSITIVE_INFINITY;
    // Of no replicas everything is true: a block must be there all the same.
    this.#isLive ||= this.#newHeight !== null && replicas.every(({ height }) => height >= wanted);
    if (this.#isLive || since <= this.patienceMs) return;
    this.#isLive = true;
    const where = replicas.map(({ id, view, height }) => `${id}: view ${view}, height ${height}`).join('; ');
    const what = this.#newHeight === null ? 'no new block' : `not all have reached the new block ${wanted}`;
    this.#options.accuse(this.#options.dead > 0 ? 'L5' : 'L1', `${what} ${Math.round(since)} ms ${SINCE} (${where})`);
  }

  /**
   * L2: all reach a height that one of them had. They need never stand at one height at one moment: whoever a faulty leader
   * leaves out hears of the others once a timer, and is behind by what they commit meanwhile.
   */
  #judgeHeights({ replicas }: ClusterView, since: number): void {
    if (this.#isLive) this.#levelHeight ??= Math.max(0, ...replicas.map(({ height }) => height));
    const wanted = this.#levelHeight ?? Number.POSITIVE_INFINITY;
    this.#level ||= replicas.every(({ height }) => height >= wanted);
    if (this.#level || since <= 2 * this.patienceMs) return;
    this.#level = true;
    const where = replicas.map(({ id, height }) => `${id}: ${height}`).join(', ');
    this.#options.accuse('L2', `not all have reached height ${wanted} ${Math.round(since)} ms ${SINCE} (${where})`);
  }

  /**
   * L4: the views of correct replicas come within two of each other. Once is enough: a liar may keep one of them out of its
   * tenure afterwards, and a slow link lets the others go further ahead for as long as a message takes.
   */
  #judgeViews({ replicas }: ClusterView, since: number): void {
    const views = replicas.map(({ view }) => view);
    this.#together ||= views.length === 0 || Math.max(...views) - Math.min(...views) <= TOGETHER_VIEWS;
    if (this.#together || since <= this.viewPatienceMs) return;
    this.#together = true;
    const where = replicas.map(({ id, view }) => `${id}: ${view}`).join(', ');
    this.#options.accuse('L4', `views have not come together ${Math.round(since)} ms ${SINCE} (${where})`);
  }

  /**
   * L3: every command is answered within four times that, from when a client can speak to somebody or from when it was submitted;
   * and a tenure more for each that stands before it and takes a block of its own.
   */
  #judgeWaiting({ now, waitingSince }: ClusterView): void {
    if (waitingSince === null || this.#kept) return;
    const { healAt, connectMs, commandsAhead } = this.#options;
    const since = now - Math.max(waitingSince, healAt + connectMs);
    if (since <= 4 * this.patienceMs + commandsAhead * this.#tenureMs) return;
    this.#kept = true;
    const waited = this.#options.speculative
      ? 'no block of a machine was committed for'
      : 'a command has no answer after';
    this.#options.accuse('L3', `${waited} ${Math.round(since)} ms without faults`);
  }
}
