/** Whether what replicas of a watched world say they signed is signed by them. */
import type { ClusterConfig } from '../../src/config/cluster.js';
import type { Verifier } from '../../src/crypto/signing.js';
import type { TimeoutStatement, Vote } from '../../src/protocol/types.js';
import { type SignatureKind, simulatedVerifier } from '../../src/simulation/signatures.js';
import { createSigningBytes, type SigningBytes } from '../../src/wire/signing-bytes.js';

export class SignatureChecks {
  #scope: { readonly bytes: SigningBytes; readonly verifier: Verifier } | null = null;

  /** Called once, before anything is asked: until then nothing is signed. */
  watch(cluster: ClusterConfig, signatures: SignatureKind): void {
    const { clusterId, epoch } = cluster;
    this.#scope = {
      bytes: createSigningBytes({ clusterId, epoch }),
      verifier: simulatedVerifier(signatures, cluster),
    };
  }

  readonly isVote = ({ signer, view, block, signature }: Vote): boolean =>
    this.#scope?.verifier.verify(signer, this.#scope.bytes.vote(view, block), signature) ?? false;

  readonly isTimeout = ({ signer, tenure, highQcView, signature }: TimeoutStatement): boolean =>
    this.#scope?.verifier.verify(signer, this.#scope.bytes.timeout(tenure, highQcView), signature) ?? false;
}
