import type { ExecutionContext } from 'ava';
import { createCertificateVerifier } from '../../../actors/consensus/certificate-verifier.js';
import type { Verifier } from '../../../src/crypto/signing.js';
import { asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { Block, QuorumCertificate, TimeoutStatement } from '../../../src/protocol/types.js';
import { hashPublicKey, hashVerifier } from '../../../src/simulation/hash-signer.js';
import { createSigningBytes } from '../../../src/wire/signing-bytes.js';
import { CLUSTER_ID, ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts } from '../../support/hosts.js';

/** A consensus that signs, and the blocks that were proposed to it, with the first one. */
function signed() {
  const stage = new ConsensusStage({ tenureLength: 10 });
  const blocks: readonly Block[] = stage.proposeChain(1, 9);
  return { stage, blocks, block: blocks[0] as Block };
}

/** Declares a test of what a verifier makes of the certificates of {@link signed}. */
function test(title: string, run: (t: ExecutionContext, made: ReturnType<typeof signed>) => void): void {
  onBothHosts(title, (t) => run(t, signed()));
}

function verifierOf(remembered = 8) {
  let looks = 0;
  const counting: Verifier = {
    verify: (signer, message, signature) => {
      looks += 1;
      return hashVerifier.verify(signer, message, signature);
    },
  };
  const verifier = createCertificateVerifier({
    replicas: 4,
    tenureLength: 10,
    genesis: GENESIS.hash,
    verifier: counting,
    signingBytes: createSigningBytes({ clusterId: CLUSTER_ID, epoch: 0 }),
    remembered,
    rememberedVotes: remembered,
    publicKeys: [0, 1, 2, 3].map((id) => hashPublicKey(asReplicaId(id))),
  });
  return { verifier, looks: () => looks };
}

function spoilt(qc: QuorumCertificate, index: number): QuorumCertificate {
  const signatures = qc.signatures.map((each, at) =>
    at === index ? { ...each, signature: new Uint8Array(64) } : each,
  );
  return { ...qc, signatures };
}

test('a certificate is verified once', (t, { stage, block }) => {
  const { verifier, looks } = verifierOf();
  t.true(verifier.qc(stage.qc(block)));
  t.true(verifier.qc(structuredClone(stage.qc(block))));
  t.is(looks(), 3);
});

test('each signature of a certificate counts: one bad among good ones makes it worthless', (t, { stage, block }) => {
  for (const index of [0, 1, 2])
    t.false(verifierOf().verifier.qc(spoilt(stage.qc(block), index)), `signature ${index}`);
});

test('a good certificate lends nothing to a forged one over the same block', (t, { stage, block }) => {
  const { verifier } = verifierOf();
  t.true(verifier.qc(stage.qc(block)));
  t.false(verifier.qc(spoilt(stage.qc(block), 2)));
  t.false(verifier.qc(stage.qc(block, [0, 1])), 'nor to one without a quorum');
});

test('votes of one view lend nothing to a certificate that names the same block in another', (t, { stage, block }) => {
  const { verifier } = verifierOf();
  const qc = stage.qc(block);
  for (const { signer, signature } of qc.signatures) {
    t.true(verifier.vote({ view: qc.view, block: qc.block, signer, signature }));
  }
  t.false(verifier.qc({ ...qc, view: asView(qc.view + 1) }));
  t.true(verifier.qc(qc));
  t.false(verifier.qc({ ...qc, view: asView(qc.view + 1) }), 'nor does the certificate');
});

test('a TC needs every statement and the certificate that it names', (t, { stage, block }) => {
  const { verifier } = verifierOf();
  const tc = stage.tc(0, stage.qc(block));
  const [first, ...rest] = tc.timeouts as [TimeoutStatement, ...TimeoutStatement[]];
  t.false(verifier.tc({ ...tc, timeouts: [{ ...first, signature: new Uint8Array(64) }, ...rest] }));
  t.false(verifier.tc({ ...tc, highQc: spoilt(tc.highQc, 0) }));
  t.true(verifier.tc(tc));
  t.false(verifier.tc({ ...tc, highQc: spoilt(tc.highQc, 0) }), 'though the good one is remembered');
  t.false(verifier.tc({ ...tc, highQc: GENESIS_QC }), 'the highest QC is not hidden');
});

test('what is remembered is bounded, the oldest gives way', (t, { stage, blocks, block }) => {
  const { verifier, looks } = verifierOf(2);
  t.true(verifier.qc(stage.qc(blocks[0] as Block)));
  t.deepEqual(verifier.remembered(), { certificates: 1, voteBlocks: 1 });
  for (const each of blocks.slice(1, 3)) t.true(verifier.qc(stage.qc(each)));
  t.deepEqual(verifier.remembered(), { certificates: 2, voteBlocks: 2 });
  const before = looks();
  t.true(verifier.qc(stage.qc(blocks[2] as Block)));
  t.is(looks(), before);
  t.true(verifier.qc(stage.qc(block)));
  t.is(looks(), before + 3, 'the first is verified again');
});

test('the open checks of a certificate are those that were not looked at; a malformed one has none', (t, {
  stage,
  block,
}) => {
  const { verifier } = verifierOf();
  t.is(verifier.openChecks({ qc: stage.qc(block), tc: null }).length, 3);
  t.is(verifier.openChecks({ qc: null, tc: stage.tc(0, stage.qc(block)) }).length, 6);
  t.is(verifier.openChecks({ qc: stage.qc(block, [0, 1]), tc: null }).length, 0);
  verifier.vote(stage.vote(1, block));
  t.deepEqual(
    verifier.openChecks({ qc: stage.qc(block), tc: null }).map(({ signer }) => signer),
    [0, 2].map(asReplicaId),
  );
  verifier.trust(stage.qc(block));
  t.is(verifier.openChecks({ qc: stage.qc(block), tc: null }).length, 0);
});

test('what was looked at elsewhere is good while it is used, for its statement and signer, and for nothing else', (t, {
  stage,
  blocks,
  block,
}) => {
  const { verifier, looks } = verifierOf();
  const qc = stage.qc(block);
  const checks = verifier.openChecks({ qc, tc: null });
  const other = stage.qc(blocks[1] as Block);
  const borrowed = { ...other, signatures: qc.signatures };
  const swapped = qc.signatures.map(({ signature }, index) => ({ signer: asReplicaId((index + 1) % 3), signature }));
  verifier.withGood(checks, () => {
    t.false(verifier.qc(borrowed), 'another block');
    t.false(verifier.qc({ ...qc, signatures: swapped }), 'other signers');
    const before = looks();
    t.true(verifier.qc(qc));
    t.is(looks(), before);
  });
  const { verifier: fresh, looks: freshLooks } = verifierOf();
  fresh.withGood(checks, () => undefined);
  t.true(fresh.qc(qc));
  t.is(freshLooks(), 3);
});
