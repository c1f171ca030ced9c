/** What a hostile replica sends: each attack gives frames without end, every one of them well-formed. */
import { randomBytes } from 'node:crypto';
import { encodeCommand } from '../../examples/key-value/commands.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import type { Signer } from '../../src/crypto/signing.js';
import {
  asBlockHash,
  asClientId,
  asHeight,
  asSequence,
  asTenure,
  asView,
  type ReplicaId,
} from '../../src/protocol/numbers.js';
import type { Proposal, QuorumCertificate } from '../../src/protocol/types.js';
import { genesisQc, makeBlock } from '../../src/wire/block.js';
import { framesOf } from '../../src/wire/fragments.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { encodePeerMessage } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { createSigningBytes } from '../../src/wire/signing-bytes.js';

/** What the hostile replica knows. */
export interface Sight {
  readonly cluster: ClusterConfig;
  readonly self: ReplicaId;
  readonly signer: Signer;
  /** The last proposal that it heard; null before the first. */
  proposal: Proposal | null;
}

type Attack = (sight: Sight) => () => Uint8Array;

const signingBytes = ({ cluster }: Sight) => createSigningBytes({ clusterId: cluster.clusterId, epoch: cluster.epoch });
const viewNow = ({ proposal }: Sight): number => proposal?.block.header.view ?? 1;
const someHash = () => asBlockHash(randomBytes(32).toString('hex'));
const someSignature = () => new Uint8Array(randomBytes(64));

function highQc({ proposal, cluster }: Sight): QuorumCertificate {
  return proposal?.block.header.justify ?? genesisQc(cluster.clusterId);
}

/** Makes messages in lots, since a signature takes longer than a frame; `make` is told how many were made before. */
function inLots(make: (index: number) => PeerMessage, lot = 256): () => Uint8Array {
  let made = 0;
  const frames: Uint8Array[] = [];
  return () => {
    while (frames.length === 0) {
      for (let index = 0; index < lot; index += 1)
        frames.push(...framesOf(made + index, encodePeerMessage(make(made + index))));
      made += lot;
      frames.reverse();
    }
    return frames.pop() as Uint8Array;
  };
}

/** The frames of one message, over and over. */
function again(message: PeerMessage): () => Uint8Array {
  const frames = [...framesOf(1, encodePeerMessage(message))];
  let sent = 0;
  return () => {
    const frame = frames[sent % frames.length];
    sent += 1;
    return frame as Uint8Array;
  };
}

/** A proposal of ours on the newest certificate that we saw, whether we lead that view or not. */
function proposalOf(
  sight: Sight,
  options: { readonly ahead: number; readonly body: Uint8Array; readonly signed: boolean },
) {
  const justify = highQc(sight);
  const view = asView(viewNow(sight) + 1 + options.ahead);
  const header = { height: asHeight(viewNow(sight) + 1), view, parent: justify.block, justify, proposer: sight.self };
  const block = makeBlock(sight.cluster.clusterId, header, options.body);
  const signature = options.signed
    ? sight.signer.sign(signingBytes(sight).proposal(view, block.hash))
    : someSignature();
  return { type: 'proposal', proposal: { block, signature, tc: null } } as const;
}

const voteAt = (sight: Sight, ahead: number, signed: boolean): PeerMessage => {
  const view = asView(viewNow(sight) + ahead);
  const block = someHash();
  const signature = signed ? sight.signer.sign(signingBytes(sight).vote(view, block)) : someSignature();
  return { type: 'vote', vote: { signer: sight.self, view, block, signature } };
};

/** Three messages of 22 MiB less their last fragment, and then votes: what is begun stays begun. */
function halfMessages(sight: Sight): () => Uint8Array {
  const length = 22 * 1024 * 1024;
  const data = new Uint8Array(limits.fragmentBytes);
  const pieces = length / limits.fragmentBytes - 1;
  const votes = attacks.badVotes(sight);
  let sent = 0;
  return () => {
    if (sent === 3 * pieces) return votes();
    const head = new Uint8Array(12);
    const view = new DataView(head.buffer);
    view.setUint32(0, 4_000_000_000 + (sent % 3));
    view.setUint32(4, Math.floor(sent / 3));
    view.setUint32(8, length);
    sent += 1;
    return encodeFrame('fragment', head, data);
  };
}

export type AttackKind =
  | 'badVotes'
  | 'conflictingVotes'
  | 'badProposals'
  | 'signedProposals'
  | 'largeProposals'
  | 'risingTimeouts'
  | 'badCertificates'
  | 'fetchRequests'
  | 'fetchAnswers'
  | 'commands'
  | 'keepalives'
  | 'halfMessages';

export const attacks: Readonly<Record<AttackKind, Attack>> = {
  /** For every view that the leader keeps votes for. */
  badVotes: (sight) => inLots((index) => voteAt(sight, index % limits.viewWindow, false)),
  /** Rightly signed, each for another block. */
  conflictingVotes: (sight) => inLots((index) => voteAt(sight, 8 + (index % 8), true)),
  badProposals: (sight) =>
    inLots((index) => proposalOf(sight, { ahead: index, body: new Uint8Array(100), signed: false })),
  /** Rightly signed, for views that we do not lead or that nobody has entered. */
  signedProposals: (sight) =>
    inLots((index) => proposalOf(sight, { ahead: index % 1000, body: new Uint8Array(100), signed: true })),
  largeProposals: (sight) => {
    const body = new Uint8Array(randomBytes(4 * 1024 * 1024));
    return inLots((index) => proposalOf(sight, { ahead: index, body, signed: false }), 1);
  },
  /** Rightly signed, each for a later tenure than the one before. */
  risingTimeouts: (sight) => {
    const qc = highQc(sight);
    return inLots((index) => {
      const tenure = asTenure(index + Math.floor(viewNow(sight) / sight.cluster.tenure));
      const signature = sight.signer.sign(signingBytes(sight).timeout(tenure, qc.view));
      return { type: 'timeout', timeout: { signer: sight.self, tenure, highQcView: qc.view, highQc: qc, signature } };
    });
  },
  badCertificates: (sight) =>
    inLots((index) => {
      const { signatures } = highQc(sight);
      const forged = signatures.map(({ signer }) => ({ signer, signature: someSignature() }));
      const qc = { view: asView(viewNow(sight) + index), block: someHash(), signatures: forged };
      return { type: 'certificates', certificates: { highQc: qc, tc: null } };
    }),
  fetchRequests: () =>
    again({
      type: 'fetchRequest',
      request: { kind: 'range', token: 1, fromHeight: asHeight(1), maxBlocks: limits.fetchBlocks },
    }),
  fetchAnswers: (sight) => {
    const blocks = sight.proposal === null ? [] : Array.from({ length: 16 }, () => sight.proposal?.block ?? []).flat();
    const answer = { token: 1, blocks, certificate: null, committedHeight: asHeight(9) };
    return again({ type: 'fetchAnswer', answer });
  },
  /** Of a few clients, a hundred a message. */
  commands: () => {
    const clients = Array.from({ length: 16 }, () => asClientId(bytesToHex(new Uint8Array(randomBytes(16)))));
    return inLots((made) => {
      const client = clients[made % clients.length] ?? asClientId('00'.repeat(16));
      const first = Math.floor(made / clients.length) * 100 + 1;
      const one = (index: number) => ({
        sequence: asSequence(first + index),
        bytes: encodeCommand({ operation: 'SET', key: `flood ${index}`, value: 'x'.repeat(50) }),
      });
      return {
        type: 'commands',
        batches: [{ client, commands: Array.from({ length: 100 }, (_, index) => one(index)) }],
      };
    }, 16);
  },
  keepalives: () => () => encodeFrame('keepalive'),
  halfMessages,
};
