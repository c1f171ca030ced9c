/** A client that asks again and again after commands that wait, at the replicas it is told to. See client-flood.ts. */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { asClientId, asSequence } from '../../src/protocol/numbers.js';
import { encodeClientRequest } from '../../src/wire/client-codec.js';
import { framesOf } from '../../src/wire/fragments.js';
import { encodeFrame } from '../../src/wire/frames.js';
import { encodeHello, ownHello } from '../../src/wire/hello.js';

/** Of a cluster without TLS. */
export interface ClientFloodOrder {
  readonly cluster: ClusterConfig;
  readonly targets: readonly number[];
}

/** How often it asks after the same commands before it sends others. */
const TIMES_ASKED = 100;
/** Bytes that are with one socket at a time: enough to keep it full, and no hoard. */
const WINDOW_BYTES = 256 * 1024;

process.on('disconnect', () => process.exit());
process.once('message', ({ cluster, targets }: ClientFloodOrder) => {
  for (const target of targets) flood(cluster, target);
});

function flood(cluster: ClusterConfig, target: number): void {
  const { host, clientPort } = cluster.replicas[target] ?? {};
  const socket = new WebSocket(`ws://${host}:${clientPort}/client`, 'hotstuff.client', { perMessageDeflate: false });
  const session = asClientId(randomBytes(16).toString('hex'));
  let asked = 0;
  let request: Uint8Array = new Uint8Array();
  const submit = (first: number): Uint8Array => {
    const command = (_: unknown, index: number) => ({
      sequence: asSequence(first + index),
      bytes: new Uint8Array([66]),
    });
    const commands = Array.from({ length: limits.sessionWindow }, command);
    return encodeClientRequest({ type: 'submit', client: session, commands });
  };
  const ask = (): void => {
    if (asked % TIMES_ASKED === 0) request = submit((asked / TIMES_ASKED) * limits.sessionWindow + 1);
    asked += 1;
    for (const frame of framesOf(asked, request)) socket.send(frame);
  };
  // Replies are read and dropped: a client that does not read is closed.
  socket.on('message', () => undefined);
  socket.on('close', () => process.exit(1));
  socket.on('open', () => {
    socket.send(encodeFrame('hello', encodeHello(ownHello(cluster, null))));
    setInterval(() => {
      while (socket.bufferedAmount < WINDOW_BYTES) ask();
    }, 1);
  });
}
