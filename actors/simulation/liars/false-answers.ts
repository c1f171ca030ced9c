/** Liars to clients: a client believes f + 1 equal replies, and none of one replica alone. */
import { asHeight, asReplicaId, type ReplicaId } from '../../../src/protocol/numbers.js';
import type { Random } from '../../../src/simulation/random.js';
import type { ClientAnswer } from '../../../src/wire/client-messages.js';
import type { ClientStrategy } from './client-port.js';

/** What a liar to clients has at hand. */
export interface ClientLiar {
  readonly replicas: number;
  readonly random: Random;
  /** Counts that the strategy under way has done what it is there for. */
  fired(): void;
}

/** Makes a strategy for one life of a replica. */
export type MakeClientStrategy = (liar: ClientLiar) => ClientStrategy;

/** Half of its replies are none that the command gave, or of another height; and it sends clients to the wrong leader. */
export const falseReplies: MakeClientStrategy = (liar) => ({
  answer: (answer) => {
    if (answer.type === 'leader') return [{ ...answer, leader: anyReplica(liar) }];
    if (answer.type !== 'replies' || liar.random.chance(0.5)) return null;
    liar.fired();
    return [liar.random.chance(0.5) ? wrongReplies(answer, liar) : { ...answer, height: asHeight(answer.height + 1) }];
  },
});

/** It answers before anybody has agreed on anything. */
export const earlyReplies: MakeClientStrategy = (liar) => ({
  asked: (request) => {
    if (request.type !== 'submit') return [];
    liar.fired();
    const replies = request.commands.map(({ sequence }) => ({ sequence, reply: anyReply(liar) }));
    return [{ type: 'replies', client: request.client, height: asHeight(1 + liar.random.below(50)), replies }];
  },
});

/** It refuses whatever it is given, for good. */
export const falseRefusals: MakeClientStrategy = (liar) => ({
  asked: (request) => {
    if (request.type !== 'submit') return [];
    liar.fired();
    const sequences = request.commands.map(({ sequence }) => sequence);
    return [
      { type: 'refused', client: request.client, reason: liar.random.pick(['invalid', 'sequenceTooOld']), sequences },
    ];
  },
});

/** It takes commands and never says what came of them. */
export const silentToClients: MakeClientStrategy = (liar) => ({
  answer: () => {
    liar.fired();
    return [];
  },
});

function wrongReplies(answer: Extract<ClientAnswer, { type: 'replies' }>, liar: ClientLiar): ClientAnswer {
  return { ...answer, replies: answer.replies.map(({ sequence }) => ({ sequence, reply: anyReply(liar) })) };
}

function anyReply({ random }: ClientLiar): Uint8Array {
  return new TextEncoder().encode(random.pick(['-', '!', '0', '1', '0.0', '1.1']));
}

function anyReplica({ replicas, random }: ClientLiar): ReplicaId {
  return asReplicaId(random.below(replicas));
}
