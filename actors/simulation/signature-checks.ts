/** Whether what replicas of a watched world say they signed is signed by them. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import type { Verifier } from '../../src/crypto/signing.js';
import { type Equivocation, type SignedHeader, signedHeaderOf } from '../../src/protocol/evidence.js';
import type { Proposal, TimeoutStatement, Vote } from '../../src/protocol/types.js';
import { type SignatureKind, simulatedVerifier } from '../../src/simulation/signatures.js';
import { decodeEquivocation } from '../../src/wire/evidence.js';
import { createSigningBytes, type SigningBytes } from '../../src/wire/signing-bytes.js';

/** Verifies votes, Timeouts and proofs with the keys of the world that it was told to watch. */
export class SignatureChecks {
  #scope: { readonly clusterId: string; readonly bytes: SigningBytes; readonly verifier: Verifier } | null = null;

  /** Called once, before anything is asked: until then nothing is signed. */
  watch(cluster: ClusterConfig, signatures: SignatureKind): void {
    const { clusterId, epoch } = cluster;
    this.#scope = {
      clusterId,
      bytes: createSigningBytes({ clusterId, epoch }),
      verifier: simulatedVerifier(signatures, cluster),
    };
  }

  readonly isVote = ({ signer, view, block, signature }: Vote): boolean =>
    this.#scope?.verifier.verify(signer, this.#scope.bytes.vote(view, block), signature) ?? false;

  readonly isTimeout = ({ signer, tenure, highQcView, signature }: TimeoutStatement): boolean =>
    this.#scope?.verifier.verify(signer, this.#scope.bytes.timeout(tenure, highQcView), signature) ?? false;

  readonly isProposal = (proposal: Proposal): boolean => this.#isSignedHeader(signedHeaderOf(proposal));

  /** The proof that a store's bytes are; null where they are none, or a signature in it does not hold. */
  readonly proofIn = (bytes: Uint8Array): Equivocation | null => {
    const proof = this.#scope === null ? null : decodeEquivocation(this.#scope.clusterId, bytes);
    return proof !== null && this.#isSigned(proof) ? proof : null;
  };

  #isSigned(proof: Equivocation): boolean {
    if (proof.kind === 'votes') return proof.messages.every(this.isVote);
    return proof.messages.every((message) => this.#isSignedHeader(message));
  }

  #isSignedHeader({ header, hash, signature }: SignedHeader): boolean {
    const bytes = this.#scope?.bytes.proposal(header.view, hash);
    return bytes !== undefined && this.#scope?.verifier.verify(header.proposer, bytes, signature) === true;
  }
}
