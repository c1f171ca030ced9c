import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RefusalCause, SocketLimits } from './socket-options.js';

/** Accepted connections that are not ws yet. */
export interface Handshakes {
  /** Takes in a connection that TCP has accepted; its address is asked for now, since a closed one has none. */
  begin(socket: Socket): void;
  /** The connection has become one of ws. */
  finish(socket: Socket): void;
  /** Tells why a connection will not become one: once for each, however many errors follow from its end. */
  refuse(stream: Duplex, cause: RefusalCause): void;
  endAll(): void;
}

interface Handshake {
  readonly socket: Socket;
  readonly address: string;
  readonly timer: NodeJS.Timeout;
  refused: boolean;
}

/** Bounds, by number and by time, the connections that are not ws yet: silence, one byte a second, TLS left half done. */
export function trackHandshakes(
  limits: SocketLimits,
  onRefused: (cause: RefusalCause, address: string) => void,
): Handshakes {
  const open = new Map<string, Handshake>();
  const perAddress = new Map<string, number>();
  let ending = false;

  function forget(key: string): Handshake | undefined {
    const handshake = open.get(key);
    if (handshake === undefined) return undefined;
    const { address, timer } = handshake;
    clearTimeout(timer);
    open.delete(key);
    const left = (perAddress.get(address) ?? 1) - 1;
    if (left > 0) perAddress.set(address, left);
    else perAddress.delete(address);
    return handshake;
  }

  function refuseOnce(handshake: Handshake | undefined, cause: RefusalCause): void {
    if (handshake === undefined || handshake.refused || ending) return;
    handshake.refused = true;
    onRefused(cause, handshake.address);
  }

  return {
    begin(socket) {
      const address = addressOf(socket);
      const key = keyOf(socket);
      if (socket.remoteAddress === undefined) {
        onRefused('hungUp', address);
        socket.destroy();
        return;
      }
      const count = (perAddress.get(address) ?? 0) + 1;
      if (count > limits.handshakesPerAddressMax) {
        onRefused('tooManyHandshakes', address);
        socket.destroy();
        return;
      }
      perAddress.set(address, count);
      const timer = setTimeout(() => {
        refuseOnce(open.get(key), 'handshakeTimeout');
        socket.destroy();
      }, limits.handshakeTimeoutMs);
      open.set(key, { socket, address, timer, refused: false });
      // The TLS socket of one that hung up has no address any more; this one, upon which it stood, is known.
      socket.once('close', () => refuseOnce(forget(key), 'hungUp'));
    },
    finish(socket) {
      forget(keyOf(socket));
    },
    refuse(stream, cause) {
      refuseOnce(open.get(keyOf(stream as Socket)), cause);
    },
    endAll() {
      ending = true;
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

/** The same for a TCP socket and the TLS socket upon it, as long as they are open. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

/** The other side's address; `unknown` once the connection is closed. */
export function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? 'unknown';
}
