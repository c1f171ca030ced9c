/** Proofs of equivocation with real signatures, of a cluster whose secret keys the test holds. */
import { createSigner, generateKeyPair } from '../../src/crypto/ed25519.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import type { Equivocation, SignedHeader } from '../../src/protocol/evidence.js';
import { asBlockHash, asHeight, asReplicaId, asView, type ReplicaId } from '../../src/protocol/numbers.js';
import type { Vote } from '../../src/protocol/types.js';
import { genesisBlock, genesisQc, makeBlock } from '../../src/wire/block.js';
import type { EvidenceCluster } from '../../src/wire/evidence-check.js';
import { createSigningBytes } from '../../src/wire/signing-bytes.js';
import { CLUSTER_ID } from './chain.js';

const pairs = [0, 1, 2, 3].map((id) => generateKeyPair(new Uint8Array(32).fill(id + 1)));

/** Four replicas. */
export const EVIDENCE_CLUSTER: EvidenceCluster = {
  clusterId: CLUSTER_ID,
  epoch: 0,
  replicas: pairs.map(({ publicKey }) => ({ signingKey: bytesToHex(publicKey) })),
};

const signingBytes = createSigningBytes(EVIDENCE_CLUSTER);

function sign(signer: number, bytes: Uint8Array): Uint8Array {
  const pair = pairs[signer];
  if (pair === undefined) throw new Error(`the cluster has no replica ${signer}`);
  return createSigner(pair.secretKey).sign(bytes);
}

export function signedVote(signer: number, view: number, digit: string): Vote {
  const block = asBlockHash(digit.repeat(64));
  const signature = sign(signer, signingBytes.vote(asView(view), block));
  return { signer: asReplicaId(signer), view: asView(view), block, signature };
}

export function signedHeader(proposer: number, view: number, text: string): SignedHeader {
  const { hash: parent } = genesisBlock(CLUSTER_ID);
  const seat = { height: asHeight(1), view: asView(view), proposer: asReplicaId(proposer) };
  const block = makeBlock(
    CLUSTER_ID,
    { ...seat, parent, justify: genesisQc(CLUSTER_ID) },
    new TextEncoder().encode(text),
  );
  const signature = sign(proposer, signingBytes.proposal(seat.view, block.hash));
  return { hash: block.hash, header: block.header, signature };
}

const seatOf = (
  replica: number,
  view: number,
): { readonly replica: ReplicaId; readonly view: Equivocation['view'] } => {
  return { replica: asReplicaId(replica), view: asView(view) };
};

export function twoVotes(replica: number, view: number): Extract<Equivocation, { kind: 'votes' }> {
  const messages = [signedVote(replica, view, 'a'), signedVote(replica, view, 'b')] as const;
  return { kind: 'votes', ...seatOf(replica, view), messages };
}

export function twoProposals(replica: number, view: number): Extract<Equivocation, { kind: 'proposals' }> {
  const messages = [signedHeader(replica, view, 'one'), signedHeader(replica, view, 'two')] as const;
  return { kind: 'proposals', ...seatOf(replica, view), messages };
}
