/**
 * Giving up tenures together (DESIGN section 4, Pacemaker). Source: Jolteon, arXiv:2106.10362, section 3; departures: a
 * Timeout gives up a whole tenure, and one of a later tenure counts for an earlier one.
 */
import { timeoutProblem } from '../../src/protocol/certificates.js';
import type { ReplicaId, Tenure } from '../../src/protocol/numbers.js';
import { faultBound } from '../../src/protocol/quorum.js';
import type { Timeout } from '../../src/protocol/types.js';
import { learnQc, learnTc } from './certificates.js';
import { checkElsewhere } from './check-elsewhere.js';
import { answerBehind, broadcast, type ConsensusContext, currentTenure, leaderAt, leads } from './context.js';
import type { Refusal } from './peer-refusals.js';

/** The pacemaker's word that the time of `tenure` is over, the first time or again. */
export function timedOut(context: ConsensusContext, tenure: Tenure): void {
  if (tenure === currentTenure(context)) giveUp(context, tenure);
}

/** Signs a Timeout for `tenure`, the present one or a later; nothing up to its end is voted for or proposed any more. */
export function giveUp(context: ConsensusContext, tenure: Tenure): void {
  const { safety, durability } = context;
  const signed = safety.giveUp(tenure);
  context.proposing = null;
  durability.reserve(signed.view);
  durability.hold(signed.needs, signed.view, signed.message);
  context.effects.push({
    type: 'send',
    to: 'pacemaker',
    message: { type: 'tenureGivenUp', tenure: currentTenure(context) },
  });
}

/**
 * Resigns where this replica leads a view in which it may have proposed in an earlier life: it can sign nothing there,
 * and the others need not wait for a timer to learn it.
 */
export function resignIfBound(context: ConsensusContext): void {
  const { safety, view } = context;
  const bound = safety.state.recoveredBound >= view;
  const tenure = currentTenure(context);
  if (bound && leads(context, view) && !safety.gaveUp(tenure)) giveUp(context, tenure);
}

/** Takes in a peer's Timeout, which another may have forwarded; answers why not, or null. */
export function receiveTimeout(context: ConsensusContext, from: ReplicaId, timeout: Timeout): Refusal | null {
  const { refusals, timeouts, settings } = context;
  if (timeout.tenure < currentTenure(context)) {
    answerBehind(context, from);
    return 'stale';
  }
  if (refusals.excluded(from, context.view)) return 'excluded';
  if (timeouts.screen(timeout) !== 'new') {
    answerLeftBehind(context, from, timeout);
    return 'duplicate';
  }
  // It was paid for when it came first.
  if (!context.checks.receivingAgain && !context.timeoutAllowance.take(from, context.now)) return 'tooMany';
  const { verifier, replicas, tenureLength, genesis } = settings;
  const sound = timeoutProblem(timeout, { replicas, tenureLength, genesis }) === null;
  if (!sound || !verifier.timeout(timeout)) {
    refusals.exclude(from, context.view);
    return 'badTimeout';
  }
  answerLeftBehind(context, from, timeout);
  if (checkElsewhere(context, { type: 'timeoutReceived', from, timeout }, { qc: timeout.highQc, tc: null }))
    return null;
  if (!verifier.qc(timeout.highQc)) {
    refusals.exclude(from, context.view);
    return 'badTimeout';
  }
  learnQc(context, timeout.highQc);
  collectTimeout(context, timeout);
  return null;
}

/**
 * Answers a peer that has given up, for the first time or again, on an older certificate than is held here, while this
 * replica goes on: a faulty leader may leave one correct replica out for a whole tenure, and nobody else would ever tell it
 * how far the others are. Whoever has given up, too, has told its certificate with its own Timeout. Departure from DESIGN
 * section 4, which answers messages of lower tenures alone.
 */
function answerLeftBehind(context: ConsensusContext, from: ReplicaId, timeout: Timeout): void {
  const { safety, checks } = context;
  if (checks.receivingAgain || timeout.signer !== from || safety.gaveUp(currentTenure(context))) return;
  if (timeout.highQcView < safety.state.highQc.view) answerBehind(context, from);
}

/** Counts a verified Timeout, the own one included; {@link judgeTimeouts} says what follows. */
export function collectTimeout(context: ConsensusContext, timeout: Timeout): void {
  if (context.timeouts.screen(timeout) !== 'new') return;
  context.timeouts.add(timeout);
  context.timeoutsUnjudged = true;
}

/**
 * Acts on the Timeouts that are held, after each new one and each new tenure: one that is sent again is a duplicate and
 * will not ask a second time. A quorum makes a TC; what is left counts again in the tenure that it enters. f+1, or the
 * tenure's leader, make this replica join. It joins in the highest tenure that f+1 have given up, one correct replica
 * among them: were it to join in its own, replicas that a restart binds to a distant tenure would be reached one tenure,
 * and one timer, at a time.
 */
export function judgeTimeouts(context: ConsensusContext): void {
  const { timeouts, settings, safety } = context;
  if (!context.timeoutsUnjudged) return;
  context.timeoutsUnjudged = false;
  const current = currentTenure(context);
  const tc = timeouts.certificate(current);
  if (tc !== null) return learnTc(context, tc);
  const joined = timeouts.tenureGivenUpBy(faultBound(settings.replicas) + 1);
  if (joined !== null && joined >= current && !safety.gaveUp(joined)) return giveUp(context, joined);
  const resignation = timeouts.of(leaderAt(context, context.view));
  if (resignation === null || safety.gaveUp(current)) return;
  broadcast(context, { type: 'timeout', timeout: resignation });
  giveUp(context, current);
}
