/** The end of the gateway: take nothing more, flush, close, and say so. */
import { closeClient } from './answering.js';
import type { GatewayContext } from './context.js';

/** Stops accepting and reading, and gives replies that wait some time to leave. */
export function beginStop(context: GatewayContext): void {
  if (context.stopping) return;
  context.stopping = true;
  const { effects, limits, connections } = context;
  effects.push({ type: 'closeListener' });
  for (const client of [...connections.values()]) if (!client.greeted) closeClient(context, client, 'stopping');
  effects.push({ type: 'startTimer', timer: 'flush', delayMs: limits.flushMs, message: { type: 'flushExpired' } });
  continueStop(context);
}

/** Goes on with a stop that was begun: closes clients that have everything, and ends when all are gone. */
export function continueStop(context: GatewayContext): void {
  if (!context.stopping || context.stopped) return;
  for (const client of [...context.connections.values()]) {
    if (client.outbox.idle) closeClient(context, client, 'stopping');
  }
  if (context.open.size > 0) return;
  context.stopped = true;
  context.effects.push(
    { type: 'cancelTimer', timer: 'flush' },
    { type: 'send', to: 'replica', message: { type: 'partStopped', role: 'gateway' } },
  );
}

/** Closes every connection, flushed or not. */
export function closeAll(context: GatewayContext): void {
  for (const client of [...context.connections.values()]) closeClient(context, client, 'stopping');
}
