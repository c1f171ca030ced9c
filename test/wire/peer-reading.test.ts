import test from 'ava';
import { sha256Hex } from '../../src/crypto/hash.js';
import {
  asBlockHash,
  asClientId,
  asHeight,
  asReplicaId,
  asSequence,
  asTenure,
  asView,
} from '../../src/protocol/numbers.js';
import type { Block, QuorumCertificate } from '../../src/protocol/types.js';
import { genesisBlock, makeBlock } from '../../src/wire/block.js';
import {
  encodePeerMessage,
  isConsensusMessage,
  type PeerReading,
  readPeerMessage,
  type UnhashedMessage,
} from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { CLUSTER_ID } from '../support/wire-arbitraries.js';

const signature = new Uint8Array(64).fill(3);
const hash = asBlockHash('ab'.repeat(32));
const highQc: QuorumCertificate = { view: asView(7), block: hash, signatures: [] };
const rest = { token: 5, certificate: null, committedHeight: asHeight(9) };

function blockOf(...body: readonly number[]): Block {
  return makeBlock(CLUSTER_ID, genesisBlock(CLUSTER_ID).header, Uint8Array.from(body));
}

function proposalOf(block: Block): PeerMessage {
  return { type: 'proposal', proposal: { block, signature, tc: null } };
}

function answerOf(...blocks: readonly Block[]): PeerMessage {
  return { type: 'fetchAnswer', answer: { ...rest, blocks } };
}

const command = { sequence: asSequence(1), bytes: Uint8Array.of(7) };
const vote: PeerMessage = { type: 'vote', vote: { signer: asReplicaId(1), signature, view: asView(7), block: hash } };

/** As they are told on the wire: never renumbered. The first four are what consensus itself says. */
const MESSAGES: readonly (readonly [PeerMessage, number])[] = [
  [proposalOf(blockOf(1)), 1],
  [vote, 2],
  [
    {
      type: 'timeout',
      timeout: { signer: asReplicaId(1), signature, tenure: asTenure(2), highQcView: asView(7), highQc },
    },
    3,
  ],
  [{ type: 'certificates', certificates: { highQc, tc: null } }, 4],
  [{ type: 'fetchRequest', request: { kind: 'range', token: 5, fromHeight: asHeight(1), maxBlocks: 2 } }, 5],
  [
    { type: 'fetchRequest', request: { kind: 'branch', token: 5, tip: hash, aboveHeight: asHeight(1), maxBlocks: 2 } },
    6,
  ],
  [answerOf(blockOf(1)), 7],
  [{ type: 'commands', batches: [{ client: asClientId('0c'.repeat(16)), commands: [command] }] }, 8],
];

function unhashedIn(reading: PeerReading): UnhashedMessage {
  if (!reading.ok || reading.message.type !== 'unhashed') throw new Error('expected a message without hashes');
  return reading.message;
}

test('each message begins with the byte of its type, and is told by it from what consensus does not say', (t) => {
  for (const [message, type] of MESSAGES) {
    const bytes = encodePeerMessage(message);
    t.is(bytes[0], type, message.type);
    t.deepEqual(readPeerMessage(CLUSTER_ID, bytes, Number.POSITIVE_INFINITY), { ok: true, message });
    t.is(isConsensusMessage(bytes), type <= 4, message.type);
    t.is(isConsensusMessage(bytes.subarray(0, 1)), type <= 4, 'with no look at the rest');
  }
  for (const bytes of [[], [0], [9]]) t.false(isConsensusMessage(Uint8Array.from(bytes)));
});

test('a message of every type is refused when its end is missing or a byte is too many', (t) => {
  for (const [message] of MESSAGES) {
    const bytes = encodePeerMessage(message);
    for (const wrong of [Uint8Array.of(...bytes, 0), bytes.slice(0, -1)]) {
      const reading = readPeerMessage(CLUSTER_ID, wrong, Number.POSITIVE_INFINITY);
      t.deepEqual(reading, { ok: false, reason: 'malformed' }, message.type);
    }
  }
});

test('bodies that are together as long as the bound are left to be hashed, shorter ones are not', (t) => {
  for (const [message, of] of [
    [proposalOf(blockOf(1, 2, 3, 4, 5)), 'proposal'],
    [answerOf(blockOf(1, 2), blockOf(), blockOf(3, 4, 5)), 'fetchAnswer'],
  ] as const) {
    const bytes = encodePeerMessage(message);
    t.deepEqual(readPeerMessage(CLUSTER_ID, bytes, 6), { ok: true, message });
    const left = unhashedIn(readPeerMessage(CLUSTER_ID, bytes, 5));
    t.is(left.of, of);
    const bodies = left.bodies.map((body) => Uint8Array.from(body));
    t.deepEqual(left.complete(bodies, bodies.map(sha256Hex)), { ok: true, message });
    for (const body of left.bodies) t.is(body.buffer, bytes.buffer, 'a view into the frame');
  }
});

test('a body whose hash is not the one that its header names makes no block, whichever of them it is', (t) => {
  const blocks = [blockOf(1, 2), blockOf(3, 4, 5)];
  const left = unhashedIn(readPeerMessage(CLUSTER_ID, encodePeerMessage(answerOf(...blocks)), 0));
  const hashes = left.bodies.map(sha256Hex);
  for (const index of [0, 1]) {
    const wrong = hashes.with(index, sha256Hex(Uint8Array.of(9)));
    t.deepEqual(left.complete(left.bodies, wrong), { ok: false, reason: 'malformedBlock' });
  }
});

test('a block whose header cannot be read is refused at once, with nothing of it left to be hashed', (t) => {
  const withoutBlock = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, ...signature, 0);
  for (const unhashedFrom of [0, Number.POSITIVE_INFINITY]) {
    const reading = readPeerMessage(CLUSTER_ID, withoutBlock, unhashedFrom);
    t.deepEqual(reading, { ok: false, reason: 'malformedBlock' });
  }
});

test('an empty frame and a type that nobody knows are told apart from a damaged message', (t) => {
  for (const [bytes, reason] of [
    [[], 'empty'],
    [[0], 'unknownType'],
    [[9, 1], 'unknownType'],
    [[2, 1], 'malformed'],
  ] as const) {
    t.deepEqual(readPeerMessage(CLUSTER_ID, Uint8Array.from(bytes), 0), { ok: false, reason });
  }
});
