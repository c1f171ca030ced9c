/** The commands of a benchmark. */
import { parseLine } from '../examples/key-value/index.js';
import { invariant } from '../src/errors.js';
import type { BenchSettings } from './settings.js';

/** Keys that are written, in turn of a random draw. */
const KEYS = 100_000;
const SLAB_BYTES = 64 * 1024;

type CommandSettings = Pick<BenchSettings, 'machine' | 'keyBytes' | 'payload' | 'seed'>;

/** Returns a function that makes the next command: `SET key value` for key-value, as many opaque bytes for none. */
export function commandSource({ machine, keyBytes, payload, seed }: CommandSettings): () => Uint8Array {
  const draw = xorshift32(seed);
  const key = '0'.repeat(keyBytes);
  const template =
    machine === 'key-value'
      ? setCommand(key, 'v'.repeat(payload))
      : new Uint8Array(keyBytes + payload).fill('0'.charCodeAt(0));
  const keyAt = Buffer.from(template).indexOf(key);
  const digits = Math.min(keyBytes, `${KEYS - 1}`.length);
  let slab = new Uint8Array(0);
  let used = 0;
  return () => {
    // Many commands share one piece of memory: a piece each would cost the collector more than the command itself.
    if (used + template.length > slab.length) {
      slab = new Uint8Array(Math.max(SLAB_BYTES, template.length));
      used = 0;
    }
    const command = slab.subarray(used, used + template.length);
    command.set(template);
    used += template.length;
    let rest = draw() % KEYS;
    for (let place = keyAt + keyBytes - 1; place >= keyAt + keyBytes - digits; place -= 1) {
      command[place] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return command;
  };
}

function setCommand(key: string, value: string): Uint8Array {
  const parsed = parseLine(`SET ${key} ${value}`);
  invariant(parsed.ok, 'the flags allow no key or value that the machine refuses');
  return parsed.command;
}

/** Source: Marsaglia, Xorshift RNGs, 2003. Never zero for a seed other than zero. */
function xorshift32(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
