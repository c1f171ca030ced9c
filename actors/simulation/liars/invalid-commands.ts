import { bytesToHex } from '../../../src/crypto/hash.js';
import { asClientId, asSequence } from '../../../src/protocol/numbers.js';
import { encodeBody } from '../../../src/wire/command-batch.js';
import { otherBodies } from './other-bodies.js';

/**
 * A leader whose bodies are no commands at all, or hold commands that the machine cannot read, of clients that nobody has
 * heard of. (Commands that it could read any faulty replica may invent: clients do not sign by default, DESIGN section 6.)
 */
export const invalidCommands = otherBodies(({ random }) => {
  if (random.chance(0.5)) return random.bytes(1 + random.below(200));
  const commands = [{ sequence: asSequence(1 + random.below(1000)), bytes: Uint8Array.of(0xff, ...random.bytes(8)) }];
  return encodeBody([{ client: asClientId(bytesToHex(random.bytes(16))), commands }]);
});
