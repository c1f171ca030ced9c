/**
 * Small-scope mutations after ByzzFuzz (Winter et al., OOPSLA 2023): one field of a real message is changed a little, and
 * signed again where the liar may; in each view a few messages at most, each to some receivers only, so that runs go deep.
 */
import { asHeight, asTenure, asView, NUMBER_MAX, type ReplicaId } from '../../../src/protocol/numbers.js';
import type {
  Certificates,
  Proposal,
  QuorumCertificate,
  Timeout,
  TimeoutCertificate,
  Vote,
} from '../../../src/protocol/types.js';
import type { FetchAnswer, FetchRequest, PeerMessage } from '../../../src/wire/peer-messages.js';
import { reproposal } from './forged-blocks.js';
import type { Liar, MakeStrategy } from './liar.js';

/** Messages that are changed in one view. */
const BUDGET = 2;
/** Of a message, while there is budget. */
const PROBABILITY = 0.25;
const REMEMBERED = 8;

/** Certificates that have passed, to put in the place of others. */
interface Memory {
  readonly qcs: QuorumCertificate[];
  readonly tcs: TimeoutCertificate[];
}

/** Mutates single fields of what it sends. */
export const mutations: MakeStrategy = (liar) => {
  const memory: Memory = { qcs: [], tcs: [] };
  let view = -1;
  let left = BUDGET;
  return {
    outgoing: (_to, message) => {
      remember(memory, message);
      const now = viewOf(message, liar.cluster.tenureLength);
      if (now !== null && now !== view) {
        view = now;
        left = BUDGET;
      }
      if (left === 0 || !liar.random.chance(PROBABILITY)) return null;
      const mutated = mutatedMessage(liar, memory, message);
      if (mutated === null) return null;
      left -= 1;
      liar.fired();
      return liar.random.chance(0.2) ? [mutated, message] : [mutated];
    },
    incoming: (_from, message) => {
      remember(memory, message);
      return true;
    },
  };
};

function mutatedMessage(liar: Liar, memory: Memory, message: PeerMessage): PeerMessage | null {
  switch (message.type) {
    case 'proposal':
      return mutatedProposal(liar, memory, message.proposal);
    case 'vote':
      return { type: 'vote', vote: mutatedVote(liar, memory, message.vote) };
    case 'timeout':
      return { type: 'timeout', timeout: mutatedTimeout(liar, memory, message.timeout) };
    case 'certificates':
      return { type: 'certificates', certificates: mutatedCertificates(liar, memory, message.certificates) };
    case 'fetchRequest':
      return { type: 'fetchRequest', request: mutatedRequest(liar, message.request) };
    case 'fetchAnswer':
      return { type: 'fetchAnswer', answer: mutatedAnswer(liar, memory, message.answer) };
    case 'commands':
      return null;
  }
}

function mutatedProposal(liar: Liar, memory: Memory, proposal: Proposal): PeerMessage {
  const { random, cluster } = liar;
  const { header, body } = proposal.block;
  const { justify } = header;
  switch (random.below(9)) {
    case 0:
      return reproposal(liar, proposal, { view: asView(near(liar, header.view)) });
    case 1:
      return reproposal(liar, proposal, { height: asHeight(near(liar, header.height)) });
    case 2:
      return reproposal(liar, proposal, { parent: someQc(liar, memory, justify).block });
    case 3: {
      const other = someQc(liar, memory, justify);
      return reproposal(liar, proposal, { justify: other, parent: other.block });
    }
    case 4:
      return reproposal(liar, proposal, { justify: mutatedQc(liar, memory, justify) });
    case 5:
      return reproposal(liar, proposal, { proposer: random.below(cluster.replicas) as ReplicaId });
    case 6:
      return reproposal(liar, { ...proposal, tc: mutatedTc(liar, memory, proposal.tc) }, {});
    case 7:
      return reproposal(liar, proposal, {}, random.chance(0.5) ? new Uint8Array(0) : random.bytes(body.length + 1));
    default:
      return { type: 'proposal', proposal: { ...proposal, signature: random.bytes(64) } };
  }
}

function mutatedVote(liar: Liar, memory: Memory, vote: Vote): Vote {
  const { random, pen, cluster } = liar;
  switch (random.below(4)) {
    case 0:
      return pen.vote(asView(near(liar, vote.view)), vote.block);
    case 1:
      return pen.vote(vote.view, memory.qcs.length > 0 ? random.pick(memory.qcs).block : vote.block);
    case 2:
      return { ...vote, signer: random.below(cluster.replicas) as ReplicaId };
    default:
      return { ...vote, signature: random.bytes(64) };
  }
}

function mutatedTimeout(liar: Liar, memory: Memory, timeout: Timeout): Timeout {
  const { random, pen, cluster } = liar;
  const { tenure, highQc, highQcView } = timeout;
  switch (random.below(5)) {
    case 0:
      return pen.timeout(asTenure(nearTenure(liar, tenure)), highQc);
    case 1:
      return pen.timeout(tenure, highQc, asView(near(liar, highQcView)));
    case 2:
      return pen.timeout(tenure, someQc(liar, memory, highQc));
    case 3:
      return pen.timeout(tenure, mutatedQc(liar, memory, highQc));
    default:
      return { ...timeout, signer: random.below(cluster.replicas) as ReplicaId };
  }
}

function mutatedCertificates(liar: Liar, memory: Memory, { highQc, tc }: Certificates): Certificates {
  return liar.random.chance(0.5)
    ? { highQc: mutatedQc(liar, memory, highQc), tc }
    : { highQc, tc: mutatedTc(liar, memory, tc) };
}

function mutatedQc(liar: Liar, memory: Memory, qc: QuorumCertificate): QuorumCertificate {
  switch (liar.random.below(4)) {
    case 0:
      return { ...qc, view: asView(near(liar, qc.view)) };
    case 1:
      return { ...qc, block: someQc(liar, memory, qc).block };
    case 2:
      return { ...qc, signatures: someQc(liar, memory, qc).signatures };
    default:
      return { ...qc, signatures: qc.signatures.slice(liar.random.below(2)) };
  }
}

function mutatedTc(liar: Liar, memory: Memory, tc: TimeoutCertificate | null): TimeoutCertificate | null {
  if (tc === null) return memory.tcs.length > 0 ? liar.random.pick(memory.tcs) : null;
  switch (liar.random.below(5)) {
    case 0:
      return null;
    case 1:
      return { ...tc, tenure: asTenure(nearTenure(liar, tc.tenure)) };
    case 2:
      return { ...tc, timeouts: tc.timeouts.slice(1) };
    case 3:
      return { ...tc, highQc: mutatedQc(liar, memory, tc.highQc) };
    default: {
      const at = liar.random.below(tc.timeouts.length);
      const timeouts = tc.timeouts.map((each, index) => {
        return index === at ? { ...each, highQcView: asView(near(liar, each.highQcView)) } : each;
      });
      return { ...tc, timeouts };
    }
  }
}

function mutatedRequest(liar: Liar, request: FetchRequest): FetchRequest {
  const { random } = liar;
  if (random.chance(0.3)) return { ...request, maxBlocks: random.pick([0, 1, 2 ** 32 - 1]) };
  if (request.kind === 'range') return { ...request, fromHeight: asHeight(near(liar, request.fromHeight)) };
  return { ...request, aboveHeight: asHeight(near(liar, request.aboveHeight)) };
}

function mutatedAnswer(liar: Liar, memory: Memory, answer: FetchAnswer): FetchAnswer {
  switch (liar.random.below(4)) {
    case 0:
      return { ...answer, committedHeight: asHeight(near(liar, answer.committedHeight)) };
    case 1:
      return { ...answer, blocks: answer.blocks.slice(0, -1) };
    case 2:
      return { ...answer, blocks: answer.blocks.slice(1) };
    default:
      return { ...answer, certificate: memory.qcs.length > 0 ? liar.random.pick(memory.qcs) : null };
  }
}

function near({ random }: Liar, value: number): number {
  return Math.min(NUMBER_MAX, Math.max(0, value + random.pick([-1, 1])));
}

function nearTenure(liar: Liar, tenure: number): number {
  return Math.min(Math.floor(NUMBER_MAX / liar.cluster.tenureLength) - 1, near(liar, tenure));
}

function someQc({ random }: Liar, { qcs }: Memory, otherwise: QuorumCertificate): QuorumCertificate {
  return qcs.length > 0 ? random.pick(qcs) : otherwise;
}

function remember({ qcs, tcs }: Memory, message: PeerMessage): void {
  const tc =
    message.type === 'proposal'
      ? message.proposal.tc
      : message.type === 'certificates'
        ? message.certificates.tc
        : null;
  if (tc !== null) tcs.push(tc);
  if (tcs.length > REMEMBERED) tcs.shift();
  const qc = qcOf(message);
  if (qc !== null) qcs.push(qc);
  if (qcs.length > REMEMBERED) qcs.shift();
}

function qcOf(message: PeerMessage): QuorumCertificate | null {
  switch (message.type) {
    case 'proposal':
      return message.proposal.block.header.justify;
    case 'timeout':
      return message.timeout.highQc;
    case 'certificates':
      return message.certificates.highQc;
    default:
      return null;
  }
}

function viewOf(message: PeerMessage, tenureLength: number): number | null {
  switch (message.type) {
    case 'proposal':
      return message.proposal.block.header.view;
    case 'vote':
      return message.vote.view;
    case 'timeout':
      return message.timeout.tenure * tenureLength;
    default:
      return null;
  }
}
