/** Certificates that prove nothing, in proposals, Timeouts and on their own. Each kind of flaw is a strategy. */

import { bytesToHex } from '../../../src/crypto/hash.js';
import { asBlockHash, asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { QuorumCertificate, SignerSignature } from '../../../src/protocol/types.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { isOwnProposal, reproposal } from './forged-blocks.js';
import type { Liar, MakeStrategy, Said } from './liar.js';
import { frameOf } from './liar-port.js';

type Flaw = (qc: QuorumCertificate, liar: Liar, earlier: readonly QuorumCertificate[]) => QuorumCertificate;

/** One signature too few. */
export const tooFewSigners = forgedCertificates((qc) => ({ ...qc, signatures: qc.signatures.slice(1) }));

/** Another view than the one that was voted in. */
export const wrongView = forgedCertificates((qc, { random }) => ({
  ...qc,
  view: asView(qc.view + 1 + random.below(3)),
}));

/** Another block than the one that was voted for. */
export const wrongBlock = forgedCertificates((qc, { random }) => ({
  ...qc,
  block: asBlockHash(bytesToHex(random.bytes(32))),
}));

/** A signer who is no replica in the place of one. */
export const nonMember = forgedCertificates((qc, { cluster }) => ({
  ...qc,
  signatures: replaceLast(qc.signatures, ({ signature }) => ({ signer: asReplicaId(cluster.replicas + 2), signature })),
}));

/** Signatures over several views put together. */
export const mixedViews = forgedCertificates((qc, { random }, earlier) => ({
  ...qc,
  signatures: replaceLast(qc.signatures, (last) => {
    const other = random.pick([qc, ...earlier]).signatures.find(({ signer }) => signer === last.signer);
    return other ?? { ...last, signature: new Uint8Array(64) };
  }),
}));

/** One signer twice: no codec writes it, so the bytes are bent. */
export const duplicateSigner: MakeStrategy = (liar) => ({
  outgoing: (_to, message) => {
    if (message.type !== 'certificates' || message.certificates.highQc.signatures.length < 2) return null;
    liar.fired();
    const frame = frameOf(message);
    // Frame head, message type, view, hash, count; then signer and signature each.
    const first = 2 + 1 + 8 + 32 + 4;
    frame.copyWithin(first + 68, first, first + 68);
    return [{ type: 'raw', frame }];
  },
});

function forgedCertificates(flaw: Flaw): MakeStrategy {
  return (liar) => {
    const earlier: QuorumCertificate[] = [];
    function forge(qc: QuorumCertificate): QuorumCertificate {
      if (qc.signatures.length > 0) earlier.push(qc);
      if (earlier.length > 8) earlier.shift();
      return flaw(qc, liar, earlier);
    }
    return {
      outgoing: (_to, message) => {
        if (liar.random.chance(0.5)) return null;
        const said = withForged(liar, message, forge);
        if (said !== null) liar.fired();
        return said;
      },
    };
  };
}

function withForged(
  liar: Liar,
  message: PeerMessage,
  forge: (qc: QuorumCertificate) => QuorumCertificate,
): readonly Said[] | null {
  switch (message.type) {
    case 'proposal':
      if (!isOwnProposal(liar, message)) return null;
      return [reproposal(liar, message.proposal, { justify: forge(message.proposal.block.header.justify) })];
    case 'timeout': {
      const { tenure, highQc, signer } = message.timeout;
      return signer === liar.id ? [{ type: 'timeout', timeout: liar.pen.timeout(tenure, forge(highQc)) }] : null;
    }
    case 'certificates': {
      const { certificates } = message;
      return [{ type: 'certificates', certificates: { ...certificates, highQc: forge(certificates.highQc) } }];
    }
    default:
      return null;
  }
}

function replaceLast(
  signatures: readonly SignerSignature[],
  by: (last: SignerSignature) => SignerSignature,
): readonly SignerSignature[] {
  const last = signatures.at(-1);
  return last === undefined ? signatures : [...signatures.slice(0, -1), by(last)];
}
