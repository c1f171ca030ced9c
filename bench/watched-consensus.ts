/** Consensus as it is, with the moments at which votes left it and were handled among its counters. */
import { type ActorParts, createConsensus } from '../actors/behaviours.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { momentsOf, nameOf } from './vote-moments.js';

/** See `ActorModule`. */
export function createActor({ id, options }: ActorParts<'consensus'>) {
  const ours = createConsensus(options);
  const ready = momentsOf(systemClock);
  const handled = momentsOf(systemClock);
  const receive: typeof ours.receive = (message, turn) => {
    const effects = ours.receive(message, turn);
    if (message.type === 'voteReceived') handled.note(nameOf(message.vote, id));
    for (const effect of effects) {
      if (effect.type !== 'send' || effect.to !== 'network' || effect.message.type !== 'sendTo') continue;
      const { to, message: said } = effect.message;
      if (said.type === 'vote') ready.note(nameOf(said.vote, to));
    }
    return effects;
  };
  return { receive, counters: () => ({ ...ours.counters?.(), votes: { ready: ready.list, handled: handled.list } }) };
}
