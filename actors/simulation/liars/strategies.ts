/** The ways to lie, by the names that a case gives them: to peers, and to clients. */
import { censorship } from './censorship.js';
import { doubleProposer } from './double-proposer.js';
import { conflictingVoter, doubleVoter } from './double-votes.js';
import { equivocatingLeader } from './equivocating-leader.js';
import {
  earlyReplies,
  falseRefusals,
  falseReplies,
  type MakeClientStrategy,
  silentToClients,
} from './false-answers.js';
import { protocolFlood, syncFlood } from './floods.js';
import { foreignCluster } from './foreign-cluster.js';
import { duplicateSigner, mixedViews, nonMember, tooFewSigners, wrongBlock, wrongView } from './forged-certificates.js';
import { forgedProposals } from './forged-proposals.js';
import { forgedSync } from './forged-sync.js';
import { forgedTimeouts } from './forged-timeouts.js';
import { forgetLock } from './forget-lock.js';
import { invalidCommands } from './invalid-commands.js';
import { lateProposals, slowLeader } from './lateness.js';
import type { MakeStrategy } from './liar.js';
import { mutations } from './mutations.js';
import { outOfTurn } from './out-of-turn.js';
import { oversizeBodies } from './oversize-bodies.js';
import { sendToFew, sendToOne, silentLeader, withholdCertificates, withholdVotes } from './silence.js';
import { staleHighQc } from './stale-high-qc.js';
import { staleJustify } from './stale-justify.js';
import { stretchedSync } from './stretched-sync.js';
import { timeoutFlood } from './timeout-flood.js';
import { viewJumps } from './view-jumps.js';
import { forksGenesis, missingParent, parentLoop, wrongHeight } from './wrong-parents.js';
import { wrongSync } from './wrong-sync.js';

/** It says nothing wrong: the case puts back an old image of its disk, and it has forgotten what it signed. */
const rollback: MakeStrategy = () => ({});

/** The ways to lie to peers, by name. Seeds draw by this order; a later one goes to {@link laterStrategyNames} too. */
export const strategies = {
  censorship,
  conflictingVoter,
  doubleProposer,
  doubleVoter,
  duplicateSigner,
  equivocatingLeader,
  foreignCluster,
  forgedProposals,
  forgedSync,
  forgedTimeouts,
  forgetLock,
  forksGenesis,
  invalidCommands,
  lateProposals,
  missingParent,
  mixedViews,
  mutations,
  nonMember,
  outOfTurn,
  oversizeBodies,
  parentLoop,
  protocolFlood,
  rollback,
  sendToFew,
  sendToOne,
  silentLeader,
  slowLeader,
  staleHighQc,
  staleJustify,
  stretchedSync,
  syncFlood,
  timeoutFlood,
  tooFewSigners,
  viewJumps,
  withholdCertificates,
  withholdVotes,
  wrongBlock,
  wrongHeight,
  wrongSync,
  wrongView,
} as const satisfies Readonly<Record<string, MakeStrategy>>;

/** The ways to lie to clients, in the same names. */
export const clientStrategies = {
  earlyReplies,
  falseRefusals,
  falseReplies,
  silentToClients,
} as const satisfies Readonly<Record<string, MakeClientStrategy>>;

/** The name of a way to lie. */
export type StrategyName = keyof typeof strategies | keyof typeof clientStrategies;

/** All of them. */
export const strategyNames = [...Object.keys(strategies), ...Object.keys(clientStrategies)] as readonly StrategyName[];

/**
 * Those that came after seeds had been drawn, together as they came, and are drawn by themselves: what a seed drew before, it
 * mostly draws still.
 */
export const laterStrategyNames: readonly (readonly StrategyName[])[] = [
  ['forgedSync', 'forgedTimeouts', 'outOfTurn'],
  ['stretchedSync'],
  ['forgedProposals'],
  ['timeoutFlood'],
];

/** The others, in the order in which they are drawn. */
export const firstStrategyNames = strategyNames.filter((name) => !laterStrategyNames.flat().includes(name));

/** Those that contradict themselves and send nothing else that is wrong: correct replicas that hear both must prove it. */
export const EQUIVOCATING: ReadonlySet<string> = new Set<StrategyName>([
  'doubleProposer',
  'doubleVoter',
  'forgetLock',
  'rollback',
]);

/** Those that make bodies up, in which there may be commands of clients that nobody has heard of. */
export const INVENTING: ReadonlySet<string> = new Set<StrategyName>(['mutations', 'invalidCommands']);
