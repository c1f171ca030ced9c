import { entersView } from '../../../src/protocol/certificates.js';
import { asHeight, asView, type BlockHash } from '../../../src/protocol/numbers.js';
import type { QuorumCertificate, TimeoutCertificate } from '../../../src/protocol/types.js';
import { makeBlock } from '../../../src/wire/block.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { leaderOf, type MakeStrategy } from './liar.js';

/** Blocks whose heights it remembers. */
const KNOWN_MAX = 64;

/**
 * It proposes in views that others lead, on the newest certificate, as soon as it knows of one: a block that is as it should be,
 * but for its proposer. Once a view, and an empty block, so that no client misses anything if somebody votes for it.
 */
export const outOfTurn: MakeStrategy = (liar) => {
  const { id, cluster, peers, pen } = liar;
  const heights = new Map<BlockHash, number>();
  let proposedIn = 0;

  function usurp(justify: QuorumCertificate, tc: TimeoutCertificate | null): void {
    const qcEnters = entersView({ kind: 'qc', qc: justify }, cluster.tenureLength);
    const tcEnters = tc === null ? 0 : entersView({ kind: 'tc', tc }, cluster.tenureLength);
    const view = Math.max(qcEnters, tcEnters);
    const height = justify.view === 0 ? 0 : heights.get(justify.block);
    if (height === undefined || view <= proposedIn || leaderOf(cluster, view) === id) return;
    proposedIn = view;
    liar.fired();
    const at = { height: asHeight(height + 1), view: asView(view), parent: justify.block, justify, proposer: id };
    const block = makeBlock(cluster.clusterId, at, new Uint8Array(0));
    const proposal = pen.proposal(block, view === qcEnters ? null : tc);
    for (const peer of peers) liar.tell(peer, { type: 'proposal', proposal });
  }

  function read(message: PeerMessage): void {
    if (message.type === 'certificates') usurp(message.certificates.highQc, message.certificates.tc);
    if (message.type !== 'proposal') return;
    const { block, tc } = message.proposal;
    heights.set(block.hash, block.header.height);
    if (heights.size > KNOWN_MAX) heights.delete(heights.keys().next().value as BlockHash);
    usurp(block.header.justify, tc);
  }

  return {
    outgoing: (_to, message) => {
      read(message);
      return null;
    },
    incoming: (_from, message) => {
      read(message);
      return true;
    },
  };
};
