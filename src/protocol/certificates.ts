/**
 * Whether a certificate is well formed, before anybody spends a signature check on it. Nothing here verifies a
 * signature: a certificate is proof only when it has no problem here and every signature in it verifies.
 */
import { asView, type BlockHash, NUMBER_MAX, type View } from './numbers.js';
import { quorumSize } from './quorum.js';
import { firstViewOf, lastViewOf, nextTenure, nextView } from './tenure.js';
import type {
  QuorumCertificate,
  SignerSignature,
  TenureEntry,
  Timeout,
  TimeoutCertificate,
  TimeoutStatement,
} from './types.js';

/** What the shape of a certificate is measured against. */
export interface ClusterShape {
  /** n, the number of replicas. */
  readonly replicas: number;
  readonly genesis: BlockHash;
}

/** The same for certificates that speak of tenures. */
export interface TenureShape extends ClusterShape {
  /** T, views in a tenure. */
  readonly tenureLength: number;
}

/** What is wrong with the list of a certificate's signers. */
export type SignersProblem = 'notAMember' | 'signersNotAscending' | 'noQuorum';
/** Why a quorum certificate proves nothing, signatures aside. */
export type QcProblem = SignersProblem | 'badGenesisCertificate';
/** Why a Timeout counts for nothing, its signature aside. */
export type TimeoutProblem =
  | 'notAMember'
  | 'tenureOutOfRange'
  | 'highQcMismatch'
  | 'highQcImplausible'
  | 'highQcMalformed';
/** Why a timeout certificate proves nothing, signatures aside. */
export type TcProblem = SignersProblem | TimeoutProblem | 'tenureTooLow';

/** Returns the certificate of genesis: view 0, and no signatures, since nobody needs to be convinced of it. */
export function genesisCertificate(genesis: BlockHash): QuorumCertificate {
  return { view: asView(0), block: genesis, signatures: [] };
}

/**
 * Returns what is wrong with the form of `qc`, or null.
 * Genesis is certified in view 0 and there alone, whatever the signatures say: accepting its certificate in any
 * view lets a leader start a fork below everything that is committed.
 * Source: HotStuff, arXiv:1803.05069, section 4.2: n − f distinct signers of one block in one view.
 */
export function qcProblem(qc: QuorumCertificate, { replicas, genesis }: ClusterShape): QcProblem | null {
  if (qc.view === 0 || qc.block === genesis) {
    const isGenesis = qc.view === 0 && qc.block === genesis && qc.signatures.length === 0;
    return isGenesis ? null : 'badGenesisCertificate';
  }
  return signersProblem(qc.signatures, replicas);
}

/**
 * Returns what is wrong with the form of `tc`, or null.
 * Each signer's tenure must be that of the TC or a later one, and `highQc` must be as high as the highest view that
 * any signer names: a leader that could hide the highest QC could have two-chain replicas vote below their lock.
 * Source: Jolteon, arXiv:2106.10362, section 3 (timeout certificate). Departure: Timeouts of later tenures count.
 */
export function tcProblem(tc: TimeoutCertificate, shape: TenureShape): TcProblem | null {
  const problem = signersProblem(tc.timeouts, shape.replicas);
  if (problem !== null) return problem;
  let highest = 0;
  for (const timeout of tc.timeouts) {
    if (timeout.tenure < tc.tenure) return 'tenureTooLow';
    const unsound = statementProblem(timeout, shape.tenureLength);
    if (unsound !== null) return unsound;
    highest = Math.max(highest, timeout.highQcView);
  }
  if (tc.highQc.view !== highest) return 'highQcMismatch';
  return qcProblem(tc.highQc, shape) === null ? null : 'highQcMalformed';
}

/** Returns what is wrong with the form of a Timeout as it travels, or null. */
export function timeoutProblem(timeout: Timeout, shape: TenureShape): TimeoutProblem | null {
  if (!isMember(timeout, shape.replicas)) return 'notAMember';
  if (timeout.highQc.view !== timeout.highQcView) return 'highQcMismatch';
  const unsound = statementProblem(timeout, shape.tenureLength);
  if (unsound !== null) return unsound;
  return qcProblem(timeout.highQc, shape) === null ? null : 'highQcMalformed';
}

/** Returns the certificate of the higher view, `a` when both are of one view. */
export function highestQc(a: QuorumCertificate, b: QuorumCertificate): QuorumCertificate {
  return b.view > a.view ? b : a;
}

/** Returns the view that a certificate enters: the next one after a QC, the next tenure's first after a TC. */
export function entersView(entry: TenureEntry, tenureLength: number): View {
  return entry.kind === 'qc' ? nextView(entry.qc.view) : firstViewOf(nextTenure(entry.tc.tenure), tenureLength);
}

/**
 * A tenure is out of range when the view that its TC enters could not be written on the wire. A QC is implausible
 * when its view lies behind the tenure: whoever holds it has left that tenure and gives up a later one.
 */
function statementProblem(
  statement: TimeoutStatement,
  tenureLength: number,
): 'tenureOutOfRange' | 'highQcImplausible' | null {
  const { tenure, highQcView } = statement;
  if (!(tenure >= 0 && firstViewOf(nextTenure(tenure), tenureLength) <= NUMBER_MAX)) return 'tenureOutOfRange';
  return highQcView <= lastViewOf(tenure, tenureLength) ? null : 'highQcImplausible';
}

function signersProblem(signatures: readonly SignerSignature[], replicas: number): SignersProblem | null {
  let previous = -1;
  for (const signature of signatures) {
    if (!isMember(signature, replicas)) return 'notAMember';
    if (signature.signer <= previous) return 'signersNotAscending';
    previous = signature.signer;
  }
  return signatures.length >= quorumSize(replicas) ? null : 'noQuorum';
}

function isMember({ signer }: SignerSignature, replicas: number): boolean {
  return Number.isInteger(signer) && signer >= 0 && signer < replicas;
}
