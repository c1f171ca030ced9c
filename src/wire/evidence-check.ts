/** Whether a proof of equivocation proves anything: from the cluster's public keys alone. */
import type { ClusterConfig } from '../config/cluster.js';
import { createVerifier } from '../crypto/ed25519.js';
import { hexToBytes } from '../crypto/hash.js';
import type { Equivocation } from '../protocol/evidence.js';
import { asReplicaId } from '../protocol/numbers.js';
import { blockHash } from './block.js';
import { createSigningBytes } from './signing-bytes.js';

/** What a proof is checked against: a part of `cluster.json`. */
export type EvidenceCluster = Pick<ClusterConfig, 'clusterId' | 'epoch'> & {
  /** In order of id, 0 .. n−1. */
  readonly replicas: readonly Pick<ClusterConfig['replicas'][number], 'signingKey'>[];
};

/**
 * `notAMember`: the cluster has no such replica · `sameBlock`: both messages are for one block, as they should be ·
 * `otherSeat`: a message is of another replica or view · `wrongHash`: a header has another hash · `badSignature`: the
 * replica did not sign a message.
 */
export type EvidenceProblem = 'notAMember' | 'sameBlock' | 'otherSeat' | 'wrongHash' | 'badSignature';

/** What came of checking a proof; `detail` says in one line what is wrong with it. */
export type EvidenceVerdict =
  | { readonly valid: true }
  | { readonly valid: false; readonly problem: EvidenceProblem; readonly detail: string };

/**
 * Checks that one replica signed both messages of `proof`, that they are of one kind and view, and that they are for
 * different blocks: which no correct replica does. Nothing but the public keys of `cluster` is believed.
 */
export function checkEquivocation(proof: Equivocation, cluster: EvidenceCluster): EvidenceVerdict {
  const { replica, kind } = proof;
  const key = cluster.replicas[replica]?.signingKey;
  if (key === undefined)
    return invalid('notAMember', `replica is ${replica}, and the cluster has ${cluster.replicas.length}`);
  const verifier = createVerifier([hexToBytes(key)]);
  for (const [index, statement] of statementsOf(proof, cluster).entries()) {
    const name = `${kind === 'votes' ? 'vote' : 'proposal'} ${index + 1}`;
    if (statement.seat !== `${replica}/${proof.view}`)
      return invalid('otherSeat', `${name} is of replica/view ${statement.seat}, not ${replica}/${proof.view}`);
    if (!statement.hashed) return invalid('wrongHash', `${name} has a header with another hash`);
    if (!verifier.verify(asReplicaId(0), statement.bytes, statement.signature))
      return invalid(
        'badSignature',
        `${name} does not bear the signature of replica ${replica} for view ${proof.view}`,
      );
  }
  const [first, second] = blocksOf(proof);
  return first === second ? invalid('sameBlock', `both messages are for block ${first}`) : { valid: true };
}

/** The blocks that the two messages of a proof are for. */
export function blocksOf(proof: Equivocation): readonly [first: string, second: string] {
  if (proof.kind === 'votes') return [proof.messages[0].block, proof.messages[1].block];
  return [proof.messages[0].hash, proof.messages[1].hash];
}

/** What was signed, by whom and where. */
interface Statement {
  readonly seat: string;
  /** Whether the block has the hash that was signed. */
  readonly hashed: boolean;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

function statementsOf(proof: Equivocation, cluster: EvidenceCluster): readonly Statement[] {
  const signed = createSigningBytes(cluster);
  if (proof.kind === 'votes') {
    return proof.messages.map(({ signer, view, block, signature }) => {
      return { seat: `${signer}/${view}`, hashed: true, bytes: signed.vote(view, block), signature };
    });
  }
  return proof.messages.map(({ hash, header, signature }) => {
    const { proposer, view } = header;
    const hashed = blockHash(cluster.clusterId, header) === hash;
    return { seat: `${proposer}/${view}`, hashed, bytes: signed.proposal(view, hash), signature };
  });
}

function invalid(problem: EvidenceProblem, detail: string): EvidenceVerdict {
  return { valid: false, problem, detail };
}
