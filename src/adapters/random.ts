import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '../runtime/random-source.js';

/** Random bytes from the operating system. Plain Uint8Arrays, not Buffers: they go into messages. */
export const systemRandom: RandomSource = {
  bytes(count) {
    return randomFillSync(new Uint8Array(count));
  },
};
