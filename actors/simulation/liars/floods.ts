/** Liars that send more than anybody wants: what peers hold, and what they do, must stay within its bounds. */
import { bytesToHex } from '../../../src/crypto/hash.js';
import {
  asBlockHash,
  asHeight,
  asReplicaId,
  asTenure,
  asView,
  type BlockHash,
  NUMBER_MAX,
} from '../../../src/protocol/numbers.js';
import { genesisQc, makeBlock } from '../../../src/wire/block.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { type Liar, leaderOf, type MakeStrategy } from './liar.js';

/** Bursts of one life. */
const BURSTS = 12;
const BURST_MESSAGES = 500;
/** The last view that is flooded: another liar may propose in the last one that there is, and floods go beyond what they hear. */
const VIEW_MAX = NUMBER_MAX - 2 ** 30;

/** Asks for blocks again and again, of everybody, and sends answers that nobody has asked for. */
export const syncFlood: MakeStrategy = (liar) => flood(liar, () => syncMessage(liar));

/** Votes, Timeouts, proposals and certificates of all views and tenures near and far. */
export const protocolFlood: MakeStrategy = (liar) => {
  let view = 1;
  return {
    ...flood(liar, () => protocolMessage(liar, view)),
    incoming: (_from, message) => {
      if (message.type === 'proposal') view = Math.min(VIEW_MAX, Math.max(view, message.proposal.block.header.view));
      return true;
    },
  };
};

/** One replica gets most of it. */
function flood(liar: Liar, message: () => PeerMessage) {
  const victim = liar.random.pick(liar.peers);
  function burst(left: number): void {
    if (left === 0) return;
    liar.fired();
    const peer = liar.random.chance(0.8) ? victim : liar.random.pick(liar.peers);
    for (let sent = 0; sent < BURST_MESSAGES; sent += 1) liar.tell(peer, message());
    liar.later(liar.cluster.baseTimeoutMs * liar.random.between(0.2, 4), () => burst(left - 1));
  }
  return { begin: () => liar.later(liar.cluster.baseTimeoutMs, () => burst(BURSTS)) };
}

function syncMessage({ random }: Liar): PeerMessage {
  const token = random.below(1000);
  switch (random.below(3)) {
    case 0:
      return {
        type: 'fetchRequest',
        request: {
          kind: 'range',
          token,
          fromHeight: asHeight(random.below(100)),
          maxBlocks: random.pick([0, 1, 256, 2 ** 32 - 1]),
        },
      };
    case 1:
      return {
        type: 'fetchRequest',
        request: {
          kind: 'branch',
          token,
          tip: anyHash(random),
          aboveHeight: asHeight(random.below(100)),
          maxBlocks: 256,
        },
      };
    default:
      return {
        type: 'fetchAnswer',
        answer: { token, blocks: [], certificate: null, committedHeight: asHeight(random.below(1e6)) },
      };
  }
}

function protocolMessage(liar: Liar, view: number): PeerMessage {
  const { random, pen, cluster } = liar;
  const near = asView(Math.max(1, view + random.below(4000) - 50));
  // Votes most of all: of one sender there may be one in each view.
  switch (random.pick([0, 0, 0, 1, 2, 3])) {
    case 0:
      return { type: 'vote', vote: pen.vote(near, anyHash(random)) };
    case 1: {
      const tenure = asTenure(Math.floor(near / cluster.tenureLength));
      return { type: 'timeout', timeout: pen.timeout(tenure, genesisQc(cluster.clusterId)) };
    }
    case 2:
      return {
        type: 'proposal',
        proposal: pen.proposal(orphan(liar, view + random.below(4 * cluster.tenureLength)), null),
      };
    default: {
      const highQc = {
        view: near,
        block: anyHash(random),
        signatures: [{ signer: asReplicaId(0), signature: random.bytes(64) }],
      };
      return { type: 'certificates', certificates: { highQc, tc: null } };
    }
  }
}

/** A block of a view that the liar leads, near `view`, whose parent nobody has. */
function orphan({ cluster, id, random }: Liar, view: number) {
  const { replicas, tenureLength, clusterId } = cluster;
  let own = view;
  while (leaderOf(cluster, own) !== id) own += Math.max(1, tenureLength - (own % tenureLength));
  const parent = anyHash(random);
  const justify = { view: asView(own - 1), block: parent, signatures: [] };
  const header = {
    height: asHeight(1 + random.below(replicas * 100)),
    view: asView(own),
    parent,
    justify,
    proposer: id,
  };
  return makeBlock(clusterId, header, random.bytes(random.pick([0, 100, 10_000])));
}

function anyHash(random: Liar['random']): BlockHash {
  return asBlockHash(bytesToHex(random.bytes(32)));
}
