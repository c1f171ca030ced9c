/** The first frames of a client's connection. */
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { decodeHello, encodeHelloAnswer, type HelloRefusal, helloRefusal, ownHello } from '../../src/wire/hello.js';
import type { SocketMessage } from '../sockets.js';
import { closeClient, greetingTimer, hintLeader, sendFrame } from './answering.js';
import { type ClientConnection, createClientConnection } from './client-connection.js';
import { countRefusal, type GatewayContext } from './context.js';

/** A connection opened; its hello must come in time. */
export function connectionOpened(
  context: GatewayContext,
  { connection, address }: Extract<SocketMessage, { type: 'connectionOpened' }>,
): void {
  context.open.add(connection);
  if (context.stopping || isCrowded(context, address)) {
    const reason = context.stopping ? 'stopping' : 'tooManyConnections';
    countRefusal(context, reason, address);
    context.effects.push({ type: 'closeConnection', connection, reason });
    return;
  }
  const share = context.pace.join(address, context.now);
  const client = createClientConnection({ connection, address, share }, context.limits);
  context.connections.set(connection, client);
  context.effects.push({
    type: 'startTimer',
    timer: greetingTimer(client),
    delayMs: context.limits.greetingMs,
    message: { type: 'greetingExpired', connection },
  });
}

function isCrowded({ connections, limits }: GatewayContext, address: string): boolean {
  let clients = 0;
  let strangers = 0;
  for (const client of connections.values()) {
    if (client.address !== address) continue;
    clients += 1;
    if (!client.greeted) strangers += 1;
  }
  return strangers >= limits.strangersPerAddress || clients >= limits.clientConnectionsPerAddress;
}

/** The first frame of a client: a hello, answered in kind or with the reason why not. */
export function strangerSpoke(context: GatewayContext, client: ClientConnection, bytes: Uint8Array): void {
  const frame = decodeFrame(bytes);
  if (!frame.ok || frame.kind !== 'hello') {
    refuse(context, client, frame.ok ? 'helloExpected' : frame.reason);
    return;
  }
  const { cluster, id } = context;
  const { clusterId, epoch, replicas } = cluster;
  const hello = decodeHello(frame.payload);
  const expected = { clusterId, epoch, role: 'client', replicas: replicas.length } as const;
  const refusal: HelloRefusal | null = hello === null ? 'malformedHello' : helloRefusal(hello, expected);
  if (refusal !== null) {
    sendFrame(context, client, encodeFrame('helloAnswer', encodeHelloAnswer({ accepted: false, reason: refusal })));
    refuse(context, client, refusal);
    return;
  }
  client.greeted = true;
  context.tally.accepted += 1;
  context.effects.push({ type: 'cancelTimer', timer: greetingTimer(client) });
  const answer = { accepted: true, hello: ownHello(cluster, id) } as const;
  sendFrame(context, client, encodeFrame('helloAnswer', encodeHelloAnswer(answer)));
  hintLeader(context, client);
}

/** The hello did not come in time. */
export function greetingExpired(context: GatewayContext, connection: number): void {
  const client = context.connections.get(connection);
  if (client !== undefined && !client.greeted) refuse(context, client, 'greetingTimeout');
}

function refuse(context: GatewayContext, client: ClientConnection, reason: string): void {
  countRefusal(context, reason, client.address);
  closeClient(context, client, reason);
}
