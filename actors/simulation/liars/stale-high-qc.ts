import type { QuorumCertificate } from '../../../src/protocol/types.js';
import { genesisQc } from '../../../src/wire/block.js';
import type { MakeStrategy } from './liar.js';

/** Its Timeouts and certificates name old QCs: that of genesis, or one of a few views ago. */
export const staleHighQc: MakeStrategy = (liar) => {
  const known: QuorumCertificate[] = [genesisQc(liar.cluster.clusterId)];
  return {
    outgoing: (_to, message) => {
      if (message.type === 'timeout' && message.timeout.signer === liar.id) {
        liar.fired();
        return [{ type: 'timeout', timeout: liar.pen.timeout(message.timeout.tenure, liar.random.pick(known)) }];
      }
      if (message.type !== 'certificates') return null;
      liar.fired();
      return [{ type: 'certificates', certificates: { ...message.certificates, highQc: liar.random.pick(known) } }];
    },
    incoming: (_from, message) => {
      if (message.type !== 'proposal') return true;
      known.push(message.proposal.block.header.justify);
      if (known.length > 16) known.splice(1, 1);
      return true;
    },
  };
};
