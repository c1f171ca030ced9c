/** The certificates that a message carries, wherever in it they stand. */
import type { Block, QuorumCertificate, TimeoutCertificate } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';

interface Carried {
  /** Those that a TC travels with are among them. */
  readonly qcs: readonly QuorumCertificate[];
  readonly tcs: readonly TimeoutCertificate[];
}

const NONE: Carried = { qcs: [], tcs: [] };

/** Returns the certificates in a message, of blocks and of tenures given up; they are not verified. */
export function certificatesIn(message: PeerMessage): Carried {
  switch (message.type) {
    case 'proposal':
      return carried([justifyOf(message.proposal.block)], message.proposal.tc);
    case 'timeout':
      return carried([message.timeout.highQc], null);
    case 'certificates':
      return carried([message.certificates.highQc], message.certificates.tc);
    case 'fetchAnswer': {
      const { blocks, certificate } = message.answer;
      return carried([...blocks.map(justifyOf), ...(certificate === null ? [] : [certificate])], null);
    }
    default:
      return NONE;
  }
}

function carried(qcs: readonly QuorumCertificate[], tc: TimeoutCertificate | null): Carried {
  return tc === null ? { qcs, tcs: [] } : { qcs: [...qcs, tc.highQc], tcs: [tc] };
}

function justifyOf(block: Block): QuorumCertificate {
  return block.header.justify;
}
