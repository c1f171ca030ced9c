/** The digester's thread: its share of the actor system, linked to the main thread's. */
import { ActorSystem, systemHost, type ThreadContext } from 'hotstuff/runtime';
import { createDigester } from './digester.js';
import { mailbox, type PipelineRoles, roles } from './roles.js';

/** What the main thread gives to this one. */
export interface DigesterData {
  readonly rounds: number;
}

export function runThread({ links, data }: ThreadContext): void {
  const { rounds } = data as DigesterData;
  // A failure here is told on every thread; the main one acts on it.
  const system = new ActorSystem<PipelineRoles>({ ...systemHost, roles, onFailure: () => undefined });
  for (const link of links.values()) system.connect(link, { reader: mailbox, tally: mailbox });
  system.add('digester', { behaviour: createDigester(rounds), mailbox });
  system.start();
}
