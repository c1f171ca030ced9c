/** Performs the socket effects of network, gateway and client with ws, over TLS 1.3 or plain TCP. */
import { invariant } from '../errors.js';
import type { ReplicaId } from '../protocol/numbers.js';
import type { Deliver, Port, PortFactory } from '../runtime/behaviour.js';
import type { ConnectionId, SocketEffect, SocketMessage } from '../wire/sockets.js';
import { createRefusalLog } from './refusal-log.js';
import { followConnection, type SocketConnection } from './socket-connection.js';
import { createDelivery } from './socket-delivery.js';
import { type Dialed, type Dialing, dialReplica } from './socket-dialer.js';
import { type Accepted, type Listener, openListener } from './socket-listener.js';
import type { RefusalCause, SocketsOptions } from './socket-options.js';
import { systemClock } from './system-clock.js';

/**
 * Makes the sockets of one actor. Every connection that is told by `connectionOpened` ends in one `connectionClosed`,
 * every `dial` in a `connectionOpened` or a `dialFailed`. When the mailbox refuses, reading stops until it takes again.
 */
export function createSockets(options: SocketsOptions): PortFactory<SocketEffect, SocketMessage> {
  return (accept) => openSockets(options, accept);
}

function openSockets(options: SocketsOptions, accept: Deliver<SocketMessage>): Port<SocketEffect> {
  const { limits, log } = options;
  const connections = new Map<ConnectionId, SocketConnection>();
  /** Those with frames to write when the turn ends. */
  const gathering = new Set<SocketConnection>();
  const dialings = new Set<Dialing>();
  const refusals = createRefusalLog({
    side: options.side,
    log,
    clock: systemClock,
    linesMax: limits.refusalsLoggedMax,
    windowMs: limits.refusalLogWindowMs,
  });
  let nextConnection: ConnectionId = 1;
  let listener: Listener | null = null;
  let ended: (() => void) | null = null;
  const delivery = createDelivery<SocketMessage>({
    accept,
    onHoldingChanged: () => {
      // Asked anew for each: what one delivers may fill the mailbox again before the next is told.
      for (const connection of connections.values()) connection.setHeld(delivery.holding);
    },
  });
  // Said once a replica, by the side where it matters most.
  if (options.cluster.transport === 'plain' && options.side === 'peer')
    log.warn('plainTransport', { detail: 'connections are not encrypted and prove no identity' });

  function onOpened(opened: Accepted | Dialed, direction: 'dialed' | 'accepted'): void {
    if (ended !== null) {
      opened.ws.terminate();
      return;
    }
    const id = nextConnection;
    nextConnection += 1;
    delivery.deliver({
      type: 'connectionOpened',
      connection: id,
      direction,
      peer: opened.peer,
      address: opened.address,
    });
    const onClosed = (): void => {
      connections.delete(id);
      finishWhenEmpty();
    };
    const { ws, stream } = opened;
    const { closeTimeoutMs } = limits;
    const held = delivery.holding;
    connections.set(
      id,
      followConnection({ id, ws, stream, held, closeTimeoutMs, deliver: delivery.deliver, onClosed }),
    );
  }

  function onRefused(cause: RefusalCause, address: string): void {
    options.onRefused?.({ cause, address });
    refusals.refused(cause, address);
  }

  function listen(): void {
    const { self } = options;
    invariant(self !== null, 'only a replica listens');
    listener = openListener(
      { ...options, self },
      {
        onListening: (port) => delivery.deliver({ type: 'listening', port }),
        onFailed: (code, detail) => delivery.deliver({ type: 'listenFailed', code, detail }),
        onAccepted: (accepted) => onOpened(accepted, 'accepted'),
        onRefused,
      },
    );
  }

  function dial(peer: ReplicaId): void {
    const dialing = dialReplica(options, peer, {
      onOpened: (dialed) => {
        dialings.delete(dialing);
        onOpened(dialed, 'dialed');
      },
      onFailed: (reason) => {
        dialings.delete(dialing);
        delivery.deliver({ type: 'dialFailed', peer, reason });
        finishWhenEmpty();
      },
    });
    dialings.add(dialing);
  }

  function transmit(id: ConnectionId, frame: Uint8Array): void {
    const connection = connections.get(id);
    if (connection === undefined) return;
    connection.transmit(frame);
    gathering.add(connection);
  }

  function flush(): void {
    for (const connection of gathering) connection.flush();
    gathering.clear();
  }

  function finishWhenEmpty(): void {
    if (connections.size === 0 && dialings.size === 0) ended?.();
  }

  return {
    perform(effect) {
      if (ended !== null) return;
      switch (effect.type) {
        case 'listen':
          return listen();
        case 'dial':
          return dial(effect.peer);
        case 'transmit':
          return transmit(effect.connection, effect.frame);
        case 'pauseReading':
          return connections.get(effect.connection)?.setPaused(true);
        case 'resumeReading':
          return connections.get(effect.connection)?.setPaused(false);
        case 'closeConnection':
          return connections.get(effect.connection)?.close(effect.reason);
        case 'closeListener':
          return listener?.close();
      }
    },
    counters: () => ({ refused: { ...refusals.counts } }),
    turnEnded: flush,
    close() {
      return new Promise((resolve) => {
        ended = resolve;
        delivery.end();
        listener?.close();
        for (const dialing of dialings) dialing.abort();
        for (const connection of connections.values()) connection.close('stopping');
        finishWhenEmpty();
      });
    },
  };
}
