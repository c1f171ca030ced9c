/** The network as it is, with the moments at which votes were written and had arrived among its counters. */
import { type ActorParts, createNetwork } from '../actors/behaviours.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { decodeFrame } from '../src/wire/frames.js';
import { decodePeerMessage } from '../src/wire/peer-codec.js';
import { momentsOf, nameOf } from './vote-moments.js';

/** Frames of votes are no larger. */
const VOTE_FRAME_BYTES_MAX = 256;

/** See `ActorModule`. */
export function createActor({ id, cluster, options }: ActorParts<'network'>) {
  const ours = createNetwork(options);
  const written = momentsOf();
  const arrived = momentsOf();
  /** Of each connection the frames under way, first come first: the view and signer of the vote in it, or null. */
  const underWay = new Map<number, (string | null)[]>();
  /** To whom a vote went last; one goes to two leaders at most, and is written to each in its own time. */
  const voteIn = (bytes: Uint8Array) => {
    if (bytes.length > VOTE_FRAME_BYTES_MAX) return null;
    const frame = decodeFrame(bytes);
    const decoding = frame.ok && frame.kind === 'message' ? decodePeerMessage(cluster.clusterId, frame.payload) : null;
    return decoding?.ok && decoding.message.type === 'vote' ? decoding.message.vote : null;
  };
  const receive: typeof ours.receive = (message, turn) => {
    if (message.type === 'transmitted') {
      const vote = underWay.get(message.connection)?.shift();
      if (typeof vote === 'string') written.note(vote, systemClock());
    } else if (message.type === 'connectionClosed') underWay.delete(message.connection);
    const to = message.type === 'sendTo' ? message.to : -1;
    const effects = ours.receive(message, turn);
    for (const effect of effects) {
      if (effect.type === 'transmit') {
        const vote = voteIn(effect.frame);
        const frames = underWay.get(effect.connection) ?? [];
        underWay.set(effect.connection, frames);
        frames.push(vote === null ? null : nameOf(vote, to));
      } else if (effect.type === 'send' && effect.to === 'consensus' && effect.message.type === 'voteReceived') {
        arrived.note(nameOf(effect.message.vote, id), systemClock());
      }
    }
    return effects;
  };
  return {
    receive,
    counters: () => ({ ...ours.counters?.(), votes: { written: written.list, arrived: arrived.list } }),
  };
}
