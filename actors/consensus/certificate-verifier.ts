import { concatBytes, sha256Hex } from '../../src/crypto/hash.js';
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

export interface CertificateVerifierOptions {
  readonly replicas: number;
  readonly tenureLength: number;
  readonly genesis: BlockHash;
  readonly verifier: Verifier;
  readonly signingBytes: SigningBytes;
  /** How many verified certificates are remembered. */
  readonly remembered: number;
  /** For how many blocks verified votes are remembered. */
  readonly rememberedVotes: number;
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
}

export function createCertificateVerifier(options: CertificateVerifierOptions): CertificateVerifier {
  const { verifier, signingBytes, genesis, replicas, tenureLength } = options;
  const verified = new RecentSet(options.remembered);
  const votes = new VerifiedVotes(options.rememberedVotes);

  const signed = (signer: ReplicaId, bytes: Uint8Array, signature: Uint8Array) =>
    verifier.verify(signer, bytes, signature);

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

  return {
    proposal: ({ block, signature }) =>
      signed(block.header.proposer, signingBytes.proposal(block.header.view, block.hash), signature),
    vote: (cast) => vote(cast, cast),
    timeout,
    qc,
    tc,
    trust: (certificate) => verified.add(qcKey(certificate)),
    trustVote: (cast) => votes.add(cast, cast.signer, cast.signature),
  };
}

/** Names a certificate with its very signatures: other signatures over the same block are another certificate. */
function qcKey({ view, block, signatures }: QuorumCertificate): string {
  return `${view} ${block} ${signersKey(signatures)}`;
}

function tcKey({ tenure, timeouts, highQc }: TimeoutCertificate): string {
  const named = timeouts.map((timeout) => `${timeout.tenure}:${timeout.highQcView}`).join();
  return `${tenure} ${named} ${signersKey(timeouts)} ${qcKey(highQc)}`;
}

function signersKey(signatures: readonly SignerSignature[]): string {
  const signers = signatures.map(({ signer }) => signer).join();
  return `${signers} ${sha256Hex(concatBytes(...signatures.map(({ signature }) => signature)))}`;
}

/** The most recent `capacity` strings; the oldest gives way. */
class RecentSet {
  readonly #capacity: number;
  readonly #items = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
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
