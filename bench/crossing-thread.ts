import type { ThreadContext } from '../src/adapters/thread-module.js';
import { type Body, type CrossingEffect, crossingSystem, mailbox, type Vote } from './crossing-actors.js';

/** The other thread of {@link measureCrossing}. */
export function runThread({ links }: ThreadContext): void {
  const system = crossingSystem(({ error }) => {
    throw error;
  });
  for (const link of links.values()) system.connect(link, { near: mailbox });
  const answer: CrossingEffect<Vote | Body>[] = [{ type: 'send', to: 'near', message: { type: 'answered' } }];
  const receive = (message: Vote | Body) => (message.type === 'body' || message.last ? answer : []);
  system.add('far', { behaviour: { receive }, mailbox });
  system.start();
}
