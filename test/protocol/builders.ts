/** Blocks and certificates for tests: well formed where nothing else is said, signatures empty. */
import { genesisCertificate } from '../../src/protocol/certificates.js';
import { asBlockHash, asHeight, asReplicaId, asTenure, asView, type ReplicaId } from '../../src/protocol/numbers.js';
import type {
  Block,
  QuorumCertificate,
  SignerSignature,
  Timeout,
  TimeoutStatement,
  Vote,
} from '../../src/protocol/types.js';

export const GENESIS = asBlockHash('genesis');
export const NO_BYTES = new Uint8Array(0);
export const genesisQc = genesisCertificate(GENESIS);

export function genesisBlock(): Block {
  const nowhere = asBlockHash('nowhere');
  const header = {
    height: asHeight(0),
    view: asView(0),
    parent: nowhere,
    justify: genesisCertificate(nowhere),
    proposer: asReplicaId(0),
    bodyHash: '',
  };
  return { hash: GENESIS, header, body: NO_BYTES };
}

/** The child of `parent` in `view`, named after its view unless told otherwise. */
export function childOf(parent: Block, view: number, name = `block ${view}`, bodyBytes = 0): Block {
  const header = {
    height: asHeight(parent.header.height + 1),
    view: asView(view),
    parent: parent.hash,
    justify: qcOf(parent),
    proposer: asReplicaId(0),
    bodyHash: '',
  };
  return { hash: asBlockHash(name), header, body: new Uint8Array(bodyBytes) };
}

/** A chain upwards from genesis, one block in each of the views; genesis is not in it. */
export function chainOf(views: readonly number[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const view of views) blocks.push(childOf(blocks.at(-1) ?? genesisBlock(), view));
  return blocks;
}

/** The certificate for a block in its own view. */
export function qcOf(block: Block, signers: readonly number[] = [0, 1, 2]): QuorumCertificate {
  return block.hash === GENESIS
    ? genesisQc
    : { view: block.header.view, block: block.hash, signatures: signedBy(signers) };
}

/** A certificate in `view` for a block named after it. */
export function qcIn(view: number, signers: readonly number[] = [0, 1, 2]): QuorumCertificate {
  return view === 0
    ? genesisQc
    : { view: asView(view), block: asBlockHash(`block ${view}`), signatures: signedBy(signers) };
}

/** In the order given. */
export function signedBy(signers: readonly number[]): readonly SignerSignature[] {
  return signers.map((signer) => ({ signer: asReplicaId(signer), signature: NO_BYTES }));
}

export function voteOf(signer: number, view: number, block = `block ${view}`): Vote {
  return { signer: asReplicaId(signer), view: asView(view), block: asBlockHash(block), signature: NO_BYTES };
}

export function timeoutOf(signer: number, tenure: number, highQcView = 0): Timeout {
  return { ...statementOf(signer, tenure, highQcView), highQc: qcIn(highQcView) };
}

export function statementOf(signer: number, tenure: number, highQcView = 0): TimeoutStatement {
  return {
    signer: asReplicaId(signer),
    tenure: asTenure(tenure),
    highQcView: asView(highQcView),
    signature: NO_BYTES,
  };
}

export function ids(numbers: readonly number[]): readonly ReplicaId[] {
  return numbers.map(asReplicaId);
}
