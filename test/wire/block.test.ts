import { sha256 } from '@noble/hashes/sha2.js';
import test from 'ava';
import fc from 'fast-check';
import { bytesToHex, concatBytes, equalBytes, hexToBytes } from '../../src/crypto/hash.js';
import { asBlockHash, asHeight, asReplicaId, asView } from '../../src/protocol/numbers.js';
import type { BlockHeader } from '../../src/protocol/types.js';
import {
  blockHash,
  decodeStoredBlock,
  encodeStoredBlock,
  genesisBlock,
  genesisQc,
  makeBlock,
} from '../../src/wire/block.js';
import { APART_BYTES, missingBodyBytes, storedBlockParts } from '../../src/wire/stored-block.js';
import { assertRobust, patched } from '../support/codecs.js';
import { block, CLUSTER_ID } from '../support/wire-arbitraries.js';

const stored = {
  encode: encodeStoredBlock,
  decode: (bytes: Uint8Array) => decodeStoredBlock(CLUSTER_ID, bytes),
};

test('a stored block comes back whole, and what is not one is refused', (t) => {
  fc.assert(
    fc.property(block, (value) => assertRobust(t, stored, value)),
    { numRuns: 10 },
  );
});

test('the hash of a block is SHA-256 over domain, cluster and the documented header', (t) => {
  const value = makeBlock(
    CLUSTER_ID,
    {
      height: asHeight(5),
      view: asView(9),
      parent: asBlockHash('aa'.repeat(32)),
      justify: {
        view: asView(8),
        block: asBlockHash('aa'.repeat(32)),
        signatures: [{ signer: asReplicaId(2), signature: new Uint8Array(64).fill(3) }],
      },
      proposer: asReplicaId(1),
    },
    Uint8Array.of(1, 2),
  );
  const hex =
    `${'0000000000000005'}${'0000000000000009'}${'aa'.repeat(32)}` +
    `${'0000000000000008'}${'aa'.repeat(32)}${'00000001'}${'00000002'}${'03'.repeat(64)}` +
    `${'00000001'}${bytesToHex(sha256(Uint8Array.of(1, 2)))}`;
  const bytes = concatBytes(new TextEncoder().encode('hotstuff/block/1'), hexToBytes(CLUSTER_ID), hexToBytes(hex));
  t.is(value.hash as string, bytesToHex(sha256(bytes)));
});

test('every field of the header, and the cluster, changes the hash', (t) => {
  const { header } = genesisBlock(CLUSTER_ID);
  const changes: readonly Partial<BlockHeader>[] = [
    {},
    { height: asHeight(1) },
    { view: asView(1) },
    { parent: asBlockHash('01'.repeat(32)) },
    { justify: { ...header.justify, view: asView(1) } },
    { justify: { ...header.justify, block: asBlockHash('01'.repeat(32)) } },
    { justify: { ...header.justify, signatures: [{ signer: asReplicaId(0), signature: new Uint8Array(64) }] } },
    { proposer: asReplicaId(1) },
    { bodyHash: '01'.repeat(32) },
  ];
  const hashes = changes.map((change) => blockHash(CLUSTER_ID, { ...header, ...change }));
  hashes.push(blockHash('c2'.repeat(32), header));
  t.is(new Set(hashes).size, changes.length + 1);
});

test('genesis has height and view 0, no body and no signatures, and is certified by genesisQc', (t) => {
  const genesis = genesisBlock(CLUSTER_ID);
  t.is(genesis.header.height, asHeight(0));
  t.is(genesis.header.view, asView(0));
  t.is(genesis.header.parent as string, '0'.repeat(64));
  t.is(genesis.body.length, 0);
  t.deepEqual(genesis.header.justify, { view: asView(0), block: asBlockHash('0'.repeat(64)), signatures: [] });
  t.deepEqual(genesisQc(CLUSTER_ID), { view: asView(0), block: genesis.hash, signatures: [] });
  t.not(genesisBlock('c2'.repeat(32)).hash, genesis.hash);
});

test('a block whose stored body was changed is refused', (t) => {
  const value = makeBlock(CLUSTER_ID, genesisBlock(CLUSTER_ID).header, Uint8Array.of(1, 2, 3));
  const bytes = encodeStoredBlock(value);
  t.deepEqual(decodeStoredBlock(CLUSTER_ID, bytes), value);
  t.is(decodeStoredBlock(CLUSTER_ID, patched(bytes, bytes.length - 1, 9)), null);
});

test('a large body is left out of what a store is given, and is known to be missing there', (t) => {
  const blockOf = (bytes: number) =>
    makeBlock(CLUSTER_ID, genesisBlock(CLUSTER_ID).header, new Uint8Array(bytes).fill(5));
  const small = blockOf(APART_BYTES - 1);
  t.is(storedBlockParts(small).body, undefined);
  t.true(equalBytes(storedBlockParts(small).value, encodeStoredBlock(small)));
  t.is(missingBodyBytes(encodeStoredBlock(small)), 0);

  const large = blockOf(APART_BYTES);
  const { value, body } = storedBlockParts(large);
  t.is(body, large.body);
  t.is(missingBodyBytes(value), APART_BYTES);
  t.true(equalBytes(concatBytes(value, large.body), encodeStoredBlock(large)));
  t.is(decodeStoredBlock(CLUSTER_ID, value), null);
});

test('nothing is missing behind an empty body, nor behind what is no block', (t) => {
  t.is(missingBodyBytes(encodeStoredBlock(genesisBlock(CLUSTER_ID))), 0);
  for (const bytes of [[], [0, 0, 0], [0, 0, 0, 0], [255, 255, 255, 255, 0, 0, 0, 9]])
    t.is(missingBodyBytes(Uint8Array.from(bytes)), 0);
});
