import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** One end of a way between two threads beside their actors' own: what is not a message of an actor goes there. */
export type ThreadPort = MessagePort;

/** Makes such a way; each end can be handed to one thread. */
export function threadPorts(): readonly [ThreadPort, ThreadPort] {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2];
}
