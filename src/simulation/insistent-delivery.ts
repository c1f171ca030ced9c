import type { Deliver, Message } from '../runtime/behaviour.js';
import type { SimulatedProcess } from './process.js';

/** How soon a message that a mailbox refused is offered again. */
const RETRY_MS = 1;

/** Delivers in order, and again after a while where the mailbox refuses, as a socket that is not read would. */
export function insistently<Told extends Message>(
  process: SimulatedProcess,
  accept: Deliver<Told>,
): (message: Told) => void {
  let waiting: Told[] = [];
  const offer = (): void => {
    let taken = 0;
    while (taken < waiting.length && accept(waiting[taken] as Told)) taken += 1;
    waiting = waiting.slice(taken);
    if (waiting.length > 0) process.later(RETRY_MS, 'connection', offer);
  };
  return (message) => {
    if (waiting.length === 0 && accept(message)) return;
    waiting.push(message);
    if (waiting.length === 1) process.later(RETRY_MS, 'connection', offer);
  };
}
