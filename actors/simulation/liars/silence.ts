/** Liars that keep to themselves what they owe, or tell it to a few only. */
import type { ReplicaId } from '../../../src/protocol/numbers.js';
import { faultBound } from '../../../src/protocol/quorum.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import type { Liar, MakeStrategy } from './liar.js';

/** No vote leaves it. */
export const withholdVotes: MakeStrategy = (liar) => withhold(liar, ({ type }) => type === 'vote');

/** No certificate leaves it on its own, and of two proposals, which carry them, one. */
export const withholdCertificates: MakeStrategy = (liar) =>
  withhold(liar, ({ type }) => type === 'certificates' || (type === 'proposal' && liar.random.chance(0.5)));

/** It leads and proposes nothing, and answers as if it did. */
export const silentLeader: MakeStrategy = (liar) => withhold(liar, ({ type }) => type === 'proposal');

/** Its proposals and votes reach one replica. */
export const sendToOne: MakeStrategy = (liar) => selective(liar, () => 1);

/** Its proposals and votes reach f+1 replicas: enough for a quorum with those who lie, too few without. */
export const sendToFew: MakeStrategy = (liar) => selective(liar, (replicas) => faultBound(replicas) + 1);

function withhold(liar: Liar, keeps: (message: PeerMessage) => boolean) {
  return {
    outgoing: (_to: ReplicaId, message: PeerMessage) => {
      if (!keeps(message)) return null;
      liar.fired();
      return [];
    },
  };
}

/** Others are chosen for each view. */
function selective(liar: Liar, count: (replicas: number) => number) {
  let view = -1;
  let told: readonly ReplicaId[] = [];
  return {
    outgoing: (to: ReplicaId, message: PeerMessage) => {
      if (message.type !== 'proposal' && message.type !== 'vote') return null;
      const of = message.type === 'vote' ? message.vote.view : message.proposal.block.header.view;
      if (of !== view) {
        view = of;
        told = liar.random.shuffled(liar.peers).slice(0, count(liar.cluster.replicas));
      }
      if (told.includes(to)) return null;
      liar.fired();
      return [];
    },
  };
}
