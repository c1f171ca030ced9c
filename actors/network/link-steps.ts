/** Moves a peer's link through the connection chart and performs the chart's actions. */
import type { ConnectionAction, ConnectionEvent } from '../../machines/connection.machine.js';
import { invariant } from '../../src/errors.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { encodeHello, ownHello } from '../../src/wire/hello.js';
import type { ConnectionId } from '../sockets.js';
import type { NetworkContext } from './context.js';
import { type PeerLink, unbindConnection } from './peer-link.js';

interface LinkStep {
  readonly event: ConnectionEvent;
  /** For the other side, should this close the connection. */
  readonly reason?: string;
}

/** Steps a link by one event; an event that its phase does not know changes nothing and is counted. */
export function stepLink(context: NetworkContext, link: PeerLink, { event, reason = 'dropped' }: LinkStep): void {
  const step = context.chart.step(link.phase, event);
  if (step === null) {
    context.refusals.countQuietly(`${event.type} ignored in ${link.phase}`);
    return;
  }
  link.phase = step.state;
  for (const action of step.actions) perform(context, link, action, reason);
  if (link.connection === null || link.phase === 'greeting' || link.phase === 'ready') return;
  context.effects.push({ type: 'cancelTimer', timer: greetingTimer(link.connection) });
  context.bound.delete(link.connection);
  unbindConnection(link);
}

/** Sends a frame past the lanes, in a link's name: a greeting or a sign of life. */
export function transmitDirectly(context: NetworkContext, link: PeerLink, frame: Uint8Array): void {
  invariant(link.connection !== null, 'frames go to a link that has a connection');
  link.lanes.bypass(frame.byteLength);
  context.effects.push({ type: 'transmit', connection: link.connection, frame });
}

/** Returns the name of the timer that ends the wait for the other side's hello. */
export function greetingTimer(connection: ConnectionId): string {
  return `greeting ${connection}`;
}

/** Starts the wait for the other side's hello, after which the connection is given up: `greetingMs` long. */
export function startGreetingTimer(context: NetworkContext, connection: ConnectionId): void {
  context.effects.push({
    type: 'startTimer',
    timer: greetingTimer(connection),
    delayMs: context.limits.greetingMs,
    message: { type: 'greetingExpired', connection },
  });
}

function perform(context: NetworkContext, link: PeerLink, action: ConnectionAction, reason: string): void {
  const { effects, limits } = context;
  const { peer, connection } = link;
  switch (action) {
    case 'dial':
      effects.push({ type: 'dial', peer });
      return;
    case 'greet':
      invariant(connection !== null, 'a greeting goes to an open connection');
      transmitDirectly(context, link, encodeFrame('hello', encodeHello(ownHello(context.cluster, context.id))));
      startGreetingTimer(context, connection);
      return;
    case 'announceConnected':
      announceConnected(context, link);
      return;
    case 'announceDisconnected':
      announceDisconnected(context, link);
      return;
    case 'closeConnection':
      if (connection !== null) effects.push({ type: 'closeConnection', connection, reason });
      return;
    case 'scheduleDial':
      effects.push({
        type: 'startTimer',
        timer: `dial ${peer}`,
        delayMs: redialDelay(context, link),
        message: { type: 'dialDue', peer },
      });
      link.attempts += 1;
      return;
    case 'scheduleUnban':
      effects.push({
        type: 'startTimer',
        timer: `ban ${peer}`,
        delayMs: limits.banMs,
        message: { type: 'banExpired', peer },
      });
      return;
  }
}

function announceConnected(context: NetworkContext, link: PeerLink): void {
  const { effects, now, log } = context;
  const { peer } = link;
  link.connectedAt = now;
  link.tally.connected += 1;
  if (link.connection !== null) effects.push({ type: 'cancelTimer', timer: greetingTimer(link.connection) });
  effects.push({ type: 'send', to: 'consensus', message: { type: 'peerConnected', peer } });
  effects.push({ type: 'send', to: 'sync', message: { type: 'peerConnected', peer } });
  effects.push({ type: 'send', to: 'proposalGenerator', message: { type: 'peerConnected', peer } });
  log.info('peerConnected', { peer });
}

function announceDisconnected(context: NetworkContext, link: PeerLink): void {
  const { effects, limits, now, log } = context;
  const { peer } = link;
  // A connection that ends at once is no success: else a peer that greets and hangs up would be dialed without a rest.
  if (now - link.connectedAt >= limits.redialLastMs) {
    link.attempts = 0;
    link.problemsLogged.clear();
  }
  effects.push({ type: 'send', to: 'sync', message: { type: 'peerDisconnected', peer } });
  log.info('peerDisconnected', { peer });
}

const JITTER_STEPS = 2 ** 16;

/** Doubled at each attempt, then shortened by up to a half at random, so that replicas do not dial in step. */
function redialDelay({ limits, random }: NetworkContext, link: PeerLink): number {
  const longest = Math.min(limits.redialLastMs, limits.redialFirstMs * 2 ** Math.min(link.attempts, 30));
  const [high = 0, low = 0] = random.bytes(2);
  return longest * (1 - (high * 256 + low) / JITTER_STEPS / 2);
}
