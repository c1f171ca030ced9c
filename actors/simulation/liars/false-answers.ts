/** Liars to clients: a client believes f + 1 equal replies, and none of one replica alone. */
import { asHeight, asReplicaId, type ClientId, type ReplicaId, type Sequence } from '../../../src/protocol/numbers.js';
import type { Random } from '../../../src/simulation/random.js';
import type { ClientAnswer, RefusalReason } from '../../../src/wire/client-messages.js';
import type { ClientStrategy } from './client-port.js';

/** What a liar to clients has at hand. */
export interface ClientLiar {
  readonly replicas: number;
  readonly random: Random;
  /** Does something later in the same life of its process. */
  readonly later: (delayMs: number, act: () => void) => void;
  /** Counts that the strategy under way has done what it is there for. */
  fired(): void;
}

/** Makes a strategy for one life of a replica. */
export type MakeClientStrategy = (liar: ClientLiar) => ClientStrategy;

type Refusal = Extract<ClientAnswer, { type: 'refused' }>;

/** In half of its lives it has all reasons, and in the others the one after which a client has to wait. */
const REASONS = [['invalid', 'sequenceTooOld', 'tooLarge', 'stopping', 'poolFull'], ['poolFull']] as const;
/** How often it repeats itself: never; at each tick of a client's retries; or oftener than a full pool is asked again. */
const REPEATS = [null, { everyMs: 20 }, { everyMs: 400 }, { everyMs: 400 }] as const;
/** Refusals at once of who repeats itself: after as many a client rests between two for as long as it ever does. */
const AT_ONCE = 8;
/** Repetitions in one life: a run has events for other things too. */
const REPEATS_MAX = 1000;

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

/**
 * It refuses whatever it is given, for every reason that there is: once, or unasked again and again until the command has run
 * all the same. In half of its lives it keeps from its own replica what it refuses.
 */
export const falseRefusals: MakeClientStrategy = (liar) => {
  const keeps = liar.random.chance(0.5);
  const reasons: readonly RefusalReason[] = liar.random.pick(REASONS);
  const repeats = liar.random.pick(REPEATS);
  /** What it goes on to refuse, by session. */
  const refused = new Map<ClientId, Set<Sequence>>();
  let left = REPEATS_MAX;

  const repeat = (refusal: Refusal, tell: (answer: ClientAnswer) => void): void => {
    liar.later(repeats?.everyMs ?? 0, () => {
      const sequences = refusal.sequences.filter((sequence) => refused.get(refusal.client)?.has(sequence));
      if (sequences.length === 0 || left === 0) return;
      left -= 1;
      tell({ ...refusal, sequences });
      repeat(refusal, tell);
    });
  };

  return {
    asked: (request, tell) => {
      if (request.type !== 'submit') return [];
      liar.fired();
      const { client } = request;
      const sequences = request.commands.map(({ sequence }) => sequence);
      const refusal: Refusal = { type: 'refused', client, reason: liar.random.pick(reasons), sequences };
      const open = refused.get(client) ?? new Set();
      const fresh = sequences.filter((sequence) => !open.has(sequence));
      refused.set(client, new Set([...open, ...fresh]));
      if (repeats === null || fresh.length === 0) return [refusal];
      repeat({ ...refusal, sequences: fresh }, tell);
      return new Array<Refusal>(AT_ONCE).fill(refusal);
    },
    answer: (answer) => {
      if (answer.type === 'replies') {
        for (const { sequence } of answer.replies) refused.get(answer.client)?.delete(sequence);
      }
      return null;
    },
    keeps: (request) => keeps && request.type === 'submit',
  };
};

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
