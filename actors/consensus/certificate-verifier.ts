import { equalBytes, sha256HexOf } from '../../src/crypto/hash.js';
import type { SignatureCheck } from '../../src/crypto/heavy-tasks.js';
import type { Verifier } from '../../src/crypto/signing.js';
import { qcProblem, tcProblem } from '../../src/protocol/certificates.js';
import type { BlockHash, ReplicaId } from '../../src/protocol/numbers.js';
import type {
  Proposal,
  QuorumCertificate,
  SignerSignature,
  TimeoutCertificate,
  TimeoutStatement,
  Vote,
} from '../../src/protocol/types.js';
import type { SigningBytes } from '../../src/wire/signing-bytes.js';
import { VerifiedVotes } from './verified-votes.js';

interface CertificateVerifierOptions {
  readonly replicas: number;
  readonly tenureLength: number;
  readonly genesis: BlockHash;
  readonly verifier: Verifier;
  readonly signingBytes: SigningBytes;
  /** How many verified certificates are remembered. */
  readonly remembered: number;
  /** For how many blocks verified votes are remembered. */
  readonly rememberedVotes: number;
  /** 32 bytes of each replica, for checks that are made elsewhere; without them there are none. */
  readonly publicKeys?: readonly Uint8Array[];
}

/** A signature to be looked at elsewhere: what {@link CertificateVerifier.withGood} needs to know it again. */
export interface OpenCheck extends SignatureCheck {
  readonly signer: ReplicaId;
}

/** Certificates that come with one message. */
export interface CertificatesToCheck {
  readonly qc: QuorumCertificate | null;
  readonly tc: TimeoutCertificate | null;
}

/** What is true of a certificate or signature; remembers what it has verified, so that nothing costs twice. */
export interface CertificateVerifier {
  /** Whether its proposer has signed it; not what it carries. */
  proposal(proposal: Proposal): boolean;
  /** Whether its signer has signed it. */
  vote(vote: Vote): boolean;
  /** Whether its signer has signed it; not the high QC that it names. */
  timeout(timeout: TimeoutStatement): boolean;
  /** Whether a quorum has signed it. */
  qc(qc: QuorumCertificate): boolean;
  /** The statements and the high QC that it travels with. */
  tc(tc: TimeoutCertificate): boolean;
  /** Notes a certificate that is known to be good: collected here, or below a certified block. */
  trust(qc: QuorumCertificate): void;
  /** Notes a vote that is known to be good: this replica's own. */
  trustVote(vote: Vote): void;
  /**
   * The signatures of these certificates that were not looked at yet, to be checked elsewhere; none of one that is malformed,
   * since it proves nothing whatever they say.
   */
  openChecks(certificates: CertificatesToCheck): readonly OpenCheck[];
  /** Calls `use`, and while it runs takes exactly these signatures, the arrays themselves, for good: they were checked. */
  withGood<Result>(checked: readonly OpenCheck[], use: () => Result): Result;
  /** How much it remembers at this moment: certificates, and blocks with votes for them. */
  remembered(): { readonly certificates: number; readonly voteBlocks: number };
}

/** Makes a verifier that has verified nothing yet. `remembered` and `rememberedVotes` bound what it keeps. */
export function createCertificateVerifier(options: CertificateVerifierOptions): CertificateVerifier {
  const { verifier, signingBytes, genesis, replicas, tenureLength } = options;
  const verified = new RecentSet(options.remembered);
  const votes = new VerifiedVotes(options.rememberedVotes);

  let good: ReadonlyMap<Uint8Array, OpenCheck> | null = null;

  const isGood = (signer: ReplicaId, bytes: Uint8Array, signature: Uint8Array): boolean => {
    const check = good?.get(signature);
    return check !== undefined && check.signer === signer && equalBytes(check.message, bytes);
  };

  const signed = (signer: ReplicaId, bytes: Uint8Array, signature: Uint8Array) =>
    (good !== null && isGood(signer, bytes, signature)) || verifier.verify(signer, bytes, signature);

  const vote = (ballot: Pick<Vote, 'view' | 'block'>, { signer, signature }: SignerSignature): boolean => {
    if (votes.has(ballot, signer, signature)) return true;
    if (!signed(signer, signingBytes.vote(ballot.view, ballot.block), signature)) return false;
    votes.add(ballot, signer, signature);
    return true;
  };

  const timeout = (statement: TimeoutStatement) =>
    signed(statement.signer, signingBytes.timeout(statement.tenure, statement.highQcView), statement.signature);

  const qc = (certificate: QuorumCertificate): boolean => {
    const key = qcKey(certificate);
    if (verified.has(key)) return true;
    if (qcProblem(certificate, { replicas, genesis }) !== null) return false;
    if (!certificate.signatures.every((each) => vote(certificate, each))) return false;
    verified.add(key);
    return true;
  };

  const tc = (certificate: TimeoutCertificate): boolean => {
    const key = tcKey(certificate);
    if (verified.has(key)) return true;
    if (tcProblem(certificate, { replicas, genesis, tenureLength }) !== null) return false;
    if (!certificate.timeouts.every(timeout) || !qc(certificate.highQc)) return false;
    verified.add(key);
    return true;
  };

  const openVotes = (certificate: QuorumCertificate): readonly OpenCheck[] => {
    if (verified.has(qcKey(certificate)) || qcProblem(certificate, { replicas, genesis }) !== null) return [];
    const message = signingBytes.vote(certificate.view, certificate.block);
    return certificate.signatures.flatMap((each) =>
      votes.has(certificate, each.signer, each.signature) ? [] : checkOf(each, message),
    );
  };

  const openTimeouts = (certificate: TimeoutCertificate): readonly OpenCheck[] => {
    if (verified.has(tcKey(certificate)) || tcProblem(certificate, { replicas, genesis, tenureLength }) !== null)
      return [];
    const statements = certificate.timeouts.flatMap((each) =>
      checkOf(each, signingBytes.timeout(each.tenure, each.highQcView)),
    );
    return [...statements, ...openVotes(certificate.highQc)];
  };

  const checkOf = ({ signer, signature }: SignerSignature, message: Uint8Array): readonly OpenCheck[] => {
    const publicKey = options.publicKeys?.[signer];
    return publicKey === undefined ? [] : [{ signer, publicKey, message, signature }];
  };

  return {
    openChecks: (certificates) => [
      ...(certificates.qc === null ? [] : openVotes(certificates.qc)),
      ...(certificates.tc === null ? [] : openTimeouts(certificates.tc)),
    ],
    withGood: (checked, use) => {
      good = new Map(checked.map((check) => [check.signature, check]));
      try {
        return use();
      } finally {
        good = null;
      }
    },
    proposal: ({ block, signature }) =>
      signed(block.header.proposer, signingBytes.proposal(block.header.view, block.hash), signature),
    vote: (cast) => vote(cast, cast),
    timeout,
    qc,
    tc,
    trust: (certificate) => verified.add(qcKey(certificate)),
    trustVote: (cast) => votes.add(cast, cast.signer, cast.signature),
    remembered: () => ({ certificates: verified.size, voteBlocks: votes.size }),
  };
}

/** One certificate is asked about several times, and hashing its signatures costs more than the rest. */
const qcKeys = new WeakMap<QuorumCertificate, string>();

/** Names a certificate with its very signatures: other signatures over the same block are another certificate. */
function qcKey(qc: QuorumCertificate): string {
  const known = qcKeys.get(qc);
  if (known !== undefined) return known;
  const key = `${qc.view} ${qc.block} ${signersKey(qc.signatures)}`;
  qcKeys.set(qc, key);
  return key;
}

function tcKey({ tenure, timeouts, highQc }: TimeoutCertificate): string {
  const named = timeouts.map((timeout) => `${timeout.tenure}:${timeout.highQcView}`).join();
  return `${tenure} ${named} ${signersKey(timeouts)} ${qcKey(highQc)}`;
}

function signersKey(signatures: readonly SignerSignature[]): string {
  const signers = signatures.map(({ signer }) => signer).join();
  return `${signers} ${sha256HexOf(...signatures.map(({ signature }) => signature))}`;
}

/** The most recent `capacity` strings; the oldest gives way. */
class RecentSet {
  readonly #capacity: number;
  readonly #items = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.size;
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }

  add(item: string): void {
    this.#items.add(item);
    if (this.#items.size <= this.#capacity) return;
    const [oldest] = this.#items;
    if (oldest !== undefined) this.#items.delete(oldest);
  }
}
