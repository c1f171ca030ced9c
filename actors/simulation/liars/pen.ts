import type { Signer } from '../../../src/crypto/signing.js';
import type { ReplicaId } from '../../../src/protocol/numbers.js';
import { createSigningBytes } from '../../../src/wire/signing-bytes.js';
import type { Pen } from './liar.js';

/** Returns what signs as replica `id` of a cluster. A liar is given that of its own key alone. */
export function penOf(
  id: ReplicaId,
  signer: Signer,
  scope: { readonly clusterId: string; readonly epoch: number },
): Pen {
  const bytes = createSigningBytes(scope);
  return {
    proposal: (block, tc) => ({ block, tc, signature: signer.sign(bytes.proposal(block.header.view, block.hash)) }),
    vote: (view, block) => ({ signer: id, view, block, signature: signer.sign(bytes.vote(view, block)) }),
    timeout: (tenure, highQc, highQcView = highQc.view) => {
      const signature = signer.sign(bytes.timeout(tenure, highQcView));
      return { signer: id, tenure, highQcView, highQc, signature };
    },
  };
}
