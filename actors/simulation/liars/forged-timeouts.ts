import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import { quorumSize } from '../../../src/protocol/quorum.js';
import { tenureOf } from '../../../src/protocol/tenure.js';
import type { QuorumCertificate, TimeoutCertificate } from '../../../src/protocol/types.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { Liar, MakeStrategy } from './liar.js';

/** Base timeouts between two of them. */
const PACE = [0.5, 3] as const;

/**
 * It tells everybody now and then that a quorum has given up the present tenure, in the names of others that have not: of the
 * signatures one is good, its own.
 */
export const forgedTimeouts: MakeStrategy = (liar) => {
  const { cluster, random } = liar;
  let highQc: QuorumCertificate | null = null;

  function tell(): void {
    liar.later(cluster.baseTimeoutMs * random.between(...PACE), tell);
    if (highQc === null) return;
    liar.fired();
    const certificates = { highQc, tc: forgedTc(liar, highQc) };
    for (const peer of liar.peers) liar.tell(peer, { type: 'certificates', certificates });
  }

  function read(message: PeerMessage): void {
    const qc = message.type === 'proposal' ? message.proposal.block.header.justify : null;
    if (qc !== null && qc.view > (highQc?.view ?? 0)) highQc = qc;
  }

  return {
    begin: () => liar.later(cluster.baseTimeoutMs * random.between(...PACE), tell),
    incoming: (_from, message) => {
      read(message);
      return true;
    },
    outgoing: (_to, message) => {
      read(message);
      return null;
    },
  };
};

function forgedTc({ id, cluster, pen, random }: Liar, highQc: QuorumCertificate): TimeoutCertificate {
  const tenure = asTenure(tenureOf(asView(highQc.view + 1), cluster.tenureLength));
  const own = pen.timeout(tenure, highQc);
  const others = [...Array(cluster.replicas).keys()].filter((each) => each !== id);
  const signers = [id, ...others.slice(0, quorumSize(cluster.replicas) - 1)].sort((a, b) => a - b);
  const timeouts = signers.map((signer) => ({
    signer: asReplicaId(signer),
    tenure,
    highQcView: highQc.view,
    signature: signer === id ? own.signature : random.bytes(64),
  }));
  return { tenure, timeouts, highQc };
}
