import { asTenure, asView, NUMBER_MAX } from '../../../src/protocol/numbers.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { isOwnProposal, reproposal } from './forged-blocks.js';
import type { Liar, MakeStrategy, Said } from './liar.js';
import { frameOf } from './liar-port.js';

/** Of a vote: frame head, message type, signer, signature; then its view. */
const VOTE_VIEW_OFFSET = 2 + 1 + 4 + 64;

/** What it signs is of the next view, of one far ahead, of the last that there is, or of one that cannot be written. */
export const viewJumps: MakeStrategy = (liar) => ({
  outgoing: (_to, message) => {
    if (liar.random.chance(0.5)) return null;
    const said = jumped(liar, message);
    if (said === null) return null;
    liar.fired();
    return [said, ...(liar.random.chance(0.5) ? [message] : [])];
  },
});

function jumped(liar: Liar, message: PeerMessage): Said | null {
  const { random, pen, cluster } = liar;
  const from = (view: number): number => Math.min(NUMBER_MAX, random.pick([view + 1, view + 1000, NUMBER_MAX]));
  if (isOwnProposal(liar, message)) {
    return reproposal(liar, message.proposal, { view: asView(from(message.proposal.block.header.view)) });
  }
  if (message.type === 'vote') {
    // Rarely, since it ends the connection.
    if (random.chance(0.02)) return unwritable(message);
    return { type: 'vote', vote: pen.vote(asView(from(message.vote.view)), message.vote.block) };
  }
  if (message.type !== 'timeout' || message.timeout.signer !== liar.id) return null;
  const { tenure, highQc } = message.timeout;
  const last = Math.floor(NUMBER_MAX / cluster.tenureLength) - 1;
  const to = asTenure(Math.min(last, random.pick([tenure + 1, tenure + 1000, last])));
  return {
    type: 'timeout',
    timeout: pen.timeout(to, highQc, random.chance(0.5) ? highQc.view : asView(from(highQc.view))),
  };
}

/** A vote of view 2^53 − 1. */
function unwritable(message: PeerMessage): Said {
  const frame = frameOf(message);
  const view = new DataView(frame.buffer, frame.byteOffset);
  view.setUint32(VOTE_VIEW_OFFSET, 2 ** 21 - 1);
  view.setUint32(VOTE_VIEW_OFFSET + 4, 2 ** 32 - 1);
  return { type: 'raw', frame };
}
