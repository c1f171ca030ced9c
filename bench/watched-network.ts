/** The network as it is, with the moments at which votes were written and read among its counters. */
import { type ActorParts, createNetwork, customActor } from '../actors/behaviours.js';
import { systemClock } from '../src/adapters/system-clock.js';
import type { Vote } from '../src/protocol/types.js';
import { decodeFrame } from '../src/wire/frames.js';
import { decodePeerMessage } from '../src/wire/peer-codec.js';
import type { ConnectionId } from '../src/wire/sockets.js';
import { VoteFrames } from './vote-frames.js';
import { momentsOf, nameOf } from './vote-moments.js';

/** Frames of votes are no larger. */
const VOTE_FRAME_BYTES_MAX = 256;

/** See `ActorModule`. */
export function createActor(parts: ActorParts<'network'>) {
  const { id, cluster, options } = parts;
  const ours = createNetwork(options);
  const written = momentsOf(systemClock);
  const arrived = momentsOf(systemClock);
  const frames = new VoteFrames();
  /** Who is at the other end of a connection: what is sent to one peer goes to its connection. */
  const peers = new Map<ConnectionId, number>();

  function voteIn(bytes: Uint8Array): Vote | null {
    if (bytes.length > VOTE_FRAME_BYTES_MAX) return null;
    const frame = decodeFrame(bytes);
    const decoding = frame.ok && frame.kind === 'message' ? decodePeerMessage(cluster.clusterId, frame.payload) : null;
    return decoding?.ok && decoding.message.type === 'vote' ? decoding.message.vote : null;
  }

  function follow(connection: ConnectionId, frame: Uint8Array): void {
    const vote = voteIn(frame);
    const peer = peers.get(connection);
    frames.handedOver(connection, frame.byteLength, vote === null || peer === undefined ? null : nameOf(vote, peer));
  }

  const receive: typeof ours.receive = (message, turn) => {
    if (message.type === 'transmitted') {
      const vote = frames.written(message.connection);
      if (vote !== null) written.note(vote);
    } else if (message.type === 'connectionClosed') {
      frames.closed(message.connection);
      peers.delete(message.connection);
    }
    const effects = ours.receive(message, turn);
    for (const effect of effects) {
      if (effect.type !== 'transmit') continue;
      if (message.type === 'sendTo') peers.set(effect.connection, message.to);
      follow(effect.connection, effect.frame);
    }
    return effects;
  };
  const counters = () => ({ ...ours.counters?.(), votes: { written: written.list, arrived: arrived.list } });

  const port: typeof parts.port = (deliver) => {
    const sockets = parts.port((message, taken) => {
      const vote = message.type === 'frameReceived' ? voteIn(message.frame) : null;
      if (vote !== null) arrived.note(nameOf(vote, id));
      return deliver(message, taken);
    });
    return {
      perform: (effect) => sockets.perform(effect),
      counters: () => sockets.counters?.() ?? {},
      turnEnded() {
        // Before the bytes go: behind them the reader may have had the core, and the vote handled, for long.
        for (const vote of frames.turnEnded()) written.note(vote);
        sockets.turnEnded?.();
      },
      close: () => sockets.close(),
    };
  };
  return customActor('network', { behaviour: { receive, counters }, port });
}
