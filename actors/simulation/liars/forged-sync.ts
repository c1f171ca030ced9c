import { asReplicaId } from '../../../src/protocol/numbers.js';
import { quorumSize } from '../../../src/protocol/quorum.js';
import type { Block, QuorumCertificate } from '../../../src/protocol/types.js';
import type { Liar, MakeStrategy } from './liar.js';

/** It serves the right blocks, fewer than it has, and proves the last one with signatures that it made up. */
export const forgedSync: MakeStrategy = (liar) => ({
  outgoing: (_to, message) => {
    if (message.type !== 'fetchAnswer' || message.answer.blocks.length === 0) return null;
    liar.fired();
    const { blocks } = message.answer;
    const served = blocks.slice(0, 1 + liar.random.below(blocks.length));
    const certificate = forged(liar, served.at(-1) as Block);
    return [{ type: 'fetchAnswer', answer: { ...message.answer, blocks: served, certificate } }];
  },
});

function forged({ cluster, random }: Liar, { hash, header }: Block): QuorumCertificate {
  const signatures = Array.from({ length: quorumSize(cluster.replicas) }, (_, signer) => {
    return { signer: asReplicaId(signer), signature: random.bytes(64) };
  });
  return { view: header.view, block: hash, signatures };
}
