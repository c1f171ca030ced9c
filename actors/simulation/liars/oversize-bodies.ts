import { limits } from '../../../src/config/limits.js';
import { encodeFrame } from '../../../src/wire/frames.js';
import { isOwnProposal } from './forged-blocks.js';
import type { MakeStrategy } from './liar.js';

/** Announces a message longer than any may be in place of a proposal now and then. Nobody may make room for it. */
export const oversizeBodies: MakeStrategy = (liar) => ({
  outgoing: (_to, message) => {
    if (!isOwnProposal(liar, message) || liar.random.chance(0.9)) return null;
    liar.fired();
    const head = new DataView(new ArrayBuffer(12));
    head.setUint32(0, 7);
    head.setUint32(8, liar.random.pick([limits.messageBytes + 1, 2 ** 32 - 1]));
    const data = new Uint8Array(limits.fragmentBytes);
    return [{ type: 'raw', frame: encodeFrame('fragment', new Uint8Array(head.buffer), data) }];
  },
});
