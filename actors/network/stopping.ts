/** The end of the network actor: accept nothing more, flush, close, and say so. */
import type { NetworkContext } from './context.js';
import { stepLink } from './link-steps.js';
import { closeStranger } from './misbehaviour.js';

/** Stops accepting, dialing and reading, and gives what is queued some time to leave. */
export function beginStop(context: NetworkContext): void {
  if (context.stopping) return;
  context.stopping = true;
  const { effects, limits, links, strangers } = context;
  effects.push({ type: 'closeListener' }, { type: 'cancelTimer', timer: 'keepalive' });
  for (const { peer } of links.values()) {
    effects.push({ type: 'cancelTimer', timer: `dial ${peer}` }, { type: 'cancelTimer', timer: `ban ${peer}` });
  }
  for (const stranger of [...strangers.values()]) closeStranger(context, stranger, 'stopping');
  effects.push({ type: 'startTimer', timer: 'flush', delayMs: limits.flushMs, message: { type: 'flushExpired' } });
  continueStop(context);
}

/** Goes on with a stop that was begun: closes when all is flushed, and ends when all is closed. */
export function continueStop(context: NetworkContext): void {
  if (!context.stopping || context.stopped) return;
  const { links, open } = context;
  if ([...links.values()].every((link) => link.phase !== 'ready' || link.lanes.idle)) closeAll(context);
  if (open.size > 0 || context.stopped) return;
  context.stopped = true;
  context.effects.push({ type: 'send', to: 'replica', message: { type: 'partStopped', role: 'network' } });
}

/** Closes every connection, flushed or not. */
export function closeAll(context: NetworkContext): void {
  context.effects.push({ type: 'cancelTimer', timer: 'flush' });
  for (const link of context.links.values()) {
    if (link.phase === 'closed') continue;
    if (link.connection !== null) {
      context.effects.push({ type: 'closeConnection', connection: link.connection, reason: 'stopping' });
    }
    stepLink(context, link, { event: { type: 'stopped' } });
  }
}
