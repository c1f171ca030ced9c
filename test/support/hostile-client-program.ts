/** A client that floods the replicas it is told to, as fast as its sockets take it. See client-flood.ts. */
import { WebSocket } from 'ws';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { decodeClientAnswer } from '../../src/wire/client-codec.js';
import { Reassembler } from '../../src/wire/fragments.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { encodeHello, ownHello } from '../../src/wire/hello.js';
import { type ClientAttack, type ClientAttackKind, clientAttacks } from './client-attacks.js';

export interface ClientFloodOrder {
  readonly cluster: ClusterConfig;
  readonly kind: ClientAttackKind;
  readonly targets: readonly number[];
  /** To each of them. */
  readonly connections: number;
  /** Where it connects from, where that is not for the system to choose. */
  readonly from?: string | undefined;
}

/** Bytes that are with one socket at a time: enough to keep it full, and no hoard. */
const WINDOW_BYTES = 256 * 1024;
/** Frames that are made before the event loop goes round. */
const FRAMES_PER_ROUND = 256;
const REDIAL_MS = 100;

process.on('disconnect', () => process.exit());
process.once('message', (order: ClientFloodOrder) => {
  for (const target of order.targets)
    for (let each = 0; each < order.connections; each += 1) flood(order, target, clientAttacks[order.kind]());
});

/** Floods over one connection, and over another when that is closed. */
function flood(order: ClientFloodOrder, target: number, attack: ClientAttack): void {
  const { cluster, from } = order;
  const { host, clientPort } = cluster.replicas[target] ?? {};
  const scheme = cluster.transport === 'tls' ? 'wss' : 'ws';
  const options = { perMessageDeflate: false, rejectUnauthorized: false, ...(from ? { localAddress: from } : {}) };
  const socket = new WebSocket(`${scheme}://${host}:${clientPort}/client`, 'hotstuff.client', options);
  let sending: NodeJS.Timeout | null = null;
  socket.on('message', (data: Buffer) => hear(attack, reassembler, data));
  const reassembler = new Reassembler();
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (sending !== null) clearInterval(sending);
    setTimeout(() => flood(order, target, attack), REDIAL_MS);
  });
  socket.on('open', () => {
    socket.send(encodeFrame('hello', encodeHello(ownHello(cluster, null))));
    if (attack.deaf === true) socket.pause();
    sending = setInterval(() => {
      for (let frames = 0; frames < FRAMES_PER_ROUND && socket.bufferedAmount < WINDOW_BYTES; ) {
        const next = attack.next();
        if (next.length === 0) break;
        for (const frame of next) socket.send(frame);
        frames += next.length;
      }
    }, 1);
  });
}

function hear(attack: ClientAttack, reassembler: Reassembler, data: Uint8Array): void {
  if (attack.hears === undefined) return;
  const frame = decodeFrame(data);
  if (!frame.ok || (frame.kind !== 'message' && frame.kind !== 'fragment')) return;
  const joined = frame.kind === 'message' ? null : reassembler.accept(frame.payload);
  const message = joined === null ? frame.payload : joined.ok ? joined.message : null;
  const decoded = message === null ? null : decodeClientAnswer(message);
  if (decoded?.ok === true) attack.hears(decoded.message);
}
