/**
 * Proofs of equivocation as bytes: what a store holds, and each of the two messages as it is exported.
 *
 * Proof: `HSE1` (4), kind (1: 0 votes, 1 proposals), replica (4), view (8), two messages, each behind its length (4).
 * Vote: block hash (32), signature (64). Proposal: header behind its length (4), signature (64).
 *
 * Nothing that is signed is written twice: the bytes of `signing-bytes.ts` follow from cluster, epoch, kind, view and hash,
 * and the hash of a proposal from its header. So there is no field that could be changed and still leave a proof.
 */
import type { Equivocation, SignedHeader } from '../protocol/evidence.js';
import type { BlockHash, ReplicaId, View } from '../protocol/numbers.js';
import type { Vote } from '../protocol/types.js';
import { encodeHeader, unhashedBlock } from './block.js';
import {
  blockHash,
  decodeWhole,
  NO_HEAD,
  number,
  oneOf,
  plainBytes,
  replicaId,
  signature,
  sizedBytes,
  struct,
  whole,
} from './schema.js';

/** What is proved of whom: all of a proof but its messages. */
export type Accusation = Pick<Equivocation, 'kind' | 'replica' | 'view'>;

/** An accusation and its two messages as bytes, which may be no messages at all. */
export interface EquivocationBytes extends Accusation {
  readonly messages: readonly [Uint8Array, Uint8Array];
}

interface StoredProof extends Accusation {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

const HEAD = Uint8Array.of(0x48, 0x53, 0x45, 0x31);

const proofSchema = whole(
  HEAD,
  struct<StoredProof>({
    kind: oneOf<Equivocation['kind']>(['votes', 'proposals']),
    replica: replicaId,
    view: number<View>(),
    first: sizedBytes,
    second: sizedBytes,
  }),
);

const voteSchema = whole(NO_HEAD, struct<Pick<Vote, 'block' | 'signature'>>({ block: blockHash, signature }));

const proposalSchema = whole(
  NO_HEAD,
  struct<{ readonly header: Uint8Array; readonly signature: Uint8Array }>({ header: sizedBytes, signature }),
);

/** Returns the bytes under which a proof is stored. */
export function encodeEquivocation(proof: Equivocation): Uint8Array {
  const { kind, replica, view, messages } = toEquivocationBytes(proof);
  return proofSchema.encode({ kind, replica, view, first: messages[0], second: messages[1] });
}

/** Returns the proof that a store holds, or null when the bytes are none. Whether it is valid is another question. */
export function decodeEquivocation(clusterId: string, bytes: Uint8Array): Equivocation | null {
  const stored = decodeWhole(proofSchema, plainBytes(bytes));
  if (stored === null) return null;
  const { first, second, ...accusation } = stored;
  return fromEquivocationBytes(clusterId, { ...accusation, messages: [first, second] });
}

/** Returns a proof with its messages as bytes. */
export function toEquivocationBytes(proof: Equivocation): EquivocationBytes {
  const { kind, replica, view } = proof;
  if (proof.kind === 'votes') {
    const [first, second] = proof.messages;
    return { kind, replica, view, messages: [voteSchema.encode(first), voteSchema.encode(second)] };
  }
  const [first, second] = proof.messages;
  return { kind, replica, view, messages: [encodeProposal(first), encodeProposal(second)] };
}

/** Returns the proof that the bytes make; null where a message is none of its kind. */
export function fromEquivocationBytes(clusterId: string, bytes: EquivocationBytes): Equivocation | null {
  const { kind, replica, view, messages } = bytes;
  if (kind === 'votes') {
    const [first, second] = messages.map((message) => decodeVote(bytes, message));
    return first && second ? { kind, replica, view, messages: [first, second] } : null;
  }
  const [first, second] = messages.map((message) => decodeProposal(clusterId, message));
  return first && second ? { kind, replica, view, messages: [first, second] } : null;
}

/** The number of the first message that is none of its kind, from 1; null where both are. */
export function unreadableMessage(clusterId: string, bytes: EquivocationBytes): 1 | 2 | null {
  const readable = (message: Uint8Array) =>
    bytes.kind === 'votes' ? decodeVote(bytes, message) : decodeProposal(clusterId, message);
  if (readable(bytes.messages[0]) === null) return 1;
  return readable(bytes.messages[1]) === null ? 2 : null;
}

function decodeVote({ replica, view }: { replica: ReplicaId; view: View }, bytes: Uint8Array): Vote | null {
  const vote = decodeWhole(voteSchema, plainBytes(bytes));
  return vote === null ? null : { signer: replica, view, block: vote.block as BlockHash, signature: vote.signature };
}

function encodeProposal({ header, signature }: SignedHeader): Uint8Array {
  return proposalSchema.encode({ header: encodeHeader(header), signature });
}

function decodeProposal(clusterId: string, bytes: Uint8Array): SignedHeader | null {
  const parts = decodeWhole(proposalSchema, plainBytes(bytes));
  const block = parts && unhashedBlock(clusterId, parts.header);
  return parts && block && { ...block, signature: parts.signature };
}
