import { createHash } from 'node:crypto';
import type { Behaviour, RuntimeEffect } from 'hotstuff/runtime';
import type { DigesterMessage, PipelineRoles } from './roles.js';

/** Answers each text with a digest that takes `rounds` of SHA-256: a consumer slower than any reader. */
export function createDigester(
  rounds: number,
): Behaviour<DigesterMessage, RuntimeEffect<PipelineRoles, DigesterMessage>> {
  return {
    receive: (message) => {
      if (message.type === 'ended') return [{ type: 'send', to: 'tally', message }];
      let digest = message.text;
      for (let round = 0; round < rounds; round += 1) digest = createHash('sha256').update(digest).digest('hex');
      return [{ type: 'send', to: 'tally', message: { type: 'digested', index: message.index, digest } }];
    },
  };
}
