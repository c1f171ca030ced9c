import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import { quorumSize } from '../../../src/protocol/quorum.js';
import { tenureOf } from '../../../src/protocol/tenure.js';
import type { QuorumCertificate, TimeoutStatement } from '../../../src/protocol/types.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { Liar, MakeStrategy } from './liar.js';

/** Base timeouts between two of them. */
const PACE = [0.5, 3] as const;

/**
 * It tells everybody now and then that others have given up the present tenure, which they have not: by a certificate, in
 * which one signature is good, its own; or by single Timeouts, as if it handed them on.
 */
export const forgedTimeouts: MakeStrategy = (liar) => {
  const { cluster, random } = liar;
  let highQc: QuorumCertificate | null = null;

  function tell(): void {
    liar.later(cluster.baseTimeoutMs * random.between(...PACE), tell);
    const qc = highQc;
    if (qc === null) return;
    liar.fired();
    const tenure = asTenure(tenureOf(asView(qc.view + 1), cluster.tenureLength));
    const others = Array.from({ length: cluster.replicas }, (_, each) => asReplicaId(each))
      .filter((each) => each !== liar.id)
      .map((signer) => ({ signer, tenure, highQcView: qc.view, signature: random.bytes(64) }));
    // Whoever has seen one bad signature looks at no more of its messages in that view.
    const said = random.chance(0.5) ? certificateOf(liar, qc, others) : singly(qc, others);
    for (const peer of liar.peers) for (const message of said) liar.tell(peer, message);
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

/** What a quorum of them and the liar itself would prove. */
function certificateOf(
  { id, cluster, pen }: Liar,
  highQc: QuorumCertificate,
  others: readonly TimeoutStatement[],
): readonly PeerMessage[] {
  const { tenure } = others[0] as TimeoutStatement;
  const { signature } = pen.timeout(tenure, highQc);
  const own = { signer: id, tenure, highQcView: highQc.view, signature };
  const timeouts = [own, ...others.slice(0, quorumSize(cluster.replicas) - 1)].sort((a, b) => a.signer - b.signer);
  return [{ type: 'certificates', certificates: { highQc, tc: { tenure, timeouts, highQc } } }];
}

function singly(highQc: QuorumCertificate, others: readonly TimeoutStatement[]): readonly PeerMessage[] {
  return others.map((statement) => ({ type: 'timeout', timeout: { ...statement, highQc } }));
}
