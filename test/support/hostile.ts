import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { TransportCredentials } from '../../src/adapters/socket-options.js';

export interface Ended {
  /** All that the other side said before it ended the connection. */
  readonly said: string;
  readonly afterMs: number;
}

/** Opens TCP, writes, and waits for the other side to end it. Never longer than ten seconds. */
export function sayAndWait(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<Ended> {
  return waitForEnd(connect(port, '127.0.0.1'), pieces);
}

export function sayOverTls(port: number, credentials: TransportCredentials | null, text: string): Promise<Ended> {
  const shown = credentials === null ? {} : { cert: credentials.certificate, key: credentials.privateKey };
  return waitForEnd(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...shown }), [text]);
}

function waitForEnd(socket: Socket, pieces: readonly (string | Uint8Array)[]): Promise<Ended> {
  const begun = performance.now();
  let said = '';
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`not ended in ten seconds, said ${said}`));
    }, 10_000);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      said += data.toString('latin1');
    });
    socket.on('close', () => {
      clearTimeout(limit);
      resolve({ said, afterMs: performance.now() - begun });
    });
    for (const piece of pieces) socket.write(piece);
  });
}

/** A correct request for an upgrade, but for what `changes` replaces. */
export function upgradeRequest(changes: { path?: string; subprotocol?: string; extra?: string } = {}): string {
  const { path = '/peer', subprotocol = 'hotstuff.peer', extra = '' } = changes;
  return (
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
    `Sec-WebSocket-Protocol: ${subprotocol}\r\n${extra}\r\n`
  );
}

/** A ws connection of the library, as a stranger would open it; on TLS with what certificate it has. */
export function openStranger(port: number, credentials?: TransportCredentials | null): Promise<WebSocket> {
  const tls = credentials !== undefined;
  const shown = credentials ? { cert: credentials.certificate, key: credentials.privateKey } : {};
  const url = `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/peer`;
  const ws = new WebSocket(url, 'hotstuff.peer', { rejectUnauthorized: false, perMessageDeflate: false, ...shown });
  return new Promise((resolve, reject) => {
    ws.once('open', () => {
      ws.on('error', () => undefined);
      resolve(ws);
    });
    ws.once('error', reject);
  });
}
