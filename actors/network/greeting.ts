/** The hello on both sides: who the other one claims to be, and whether that is to be believed and wanted. */
import type { ReplicaId } from '../../src/protocol/numbers.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import {
  decodeHello,
  decodeHelloAnswer,
  encodeHelloAnswer,
  type Hello,
  type HelloRefusal,
  helloRefusal,
  ownHello,
} from '../../src/wire/hello.js';
import type { SocketMessage } from '../sockets.js';
import { countRefusal, type NetworkContext, type Stranger } from './context.js';
import { greetingTimer, startGreetingTimer, stepLink, transmitDirectly } from './link-steps.js';
import { accuseLink, accuseStranger, closeStranger } from './misbehaviour.js';
import { bindConnection, type PeerLink } from './peer-link.js';

type Opened = Extract<SocketMessage, { type: 'connectionOpened' }>;

/** A connection opened: greet whom we dialed, wait for the hello of who dialed us. */
export function connectionOpened(context: NetworkContext, opened: Opened): void {
  const { connection, peer, address } = opened;
  context.open.add(connection);
  if (opened.direction === 'dialed') dialed(context, opened);
  else if (context.stopping) close(context, connection, 'stopping');
  else if (strangersOf(context, address) >= context.limits.strangersPerAddress) {
    countRefusal(context, 'stranger', 'tooManyStrangers', address);
    close(context, connection, 'tooManyConnections');
  } else {
    context.strangers.set(connection, { connection, peer, address });
    startGreetingTimer(context, connection);
  }
}

function dialed(context: NetworkContext, { connection, peer }: Opened): void {
  const link = peer === null ? undefined : context.links.get(peer);
  if (link === undefined || link.phase !== 'dialing') {
    close(context, connection, 'stopping');
    return;
  }
  bindConnection(link, connection, context.limits, context.now);
  context.bound.set(connection, link);
  stepLink(context, link, { event: { type: 'connected' } });
}

function close(context: NetworkContext, connection: number, reason: string): void {
  context.effects.push({ type: 'closeConnection', connection, reason });
}

function strangersOf(context: NetworkContext, address: string): number {
  let count = 0;
  for (const stranger of context.strangers.values()) if (stranger.address === address) count += 1;
  return count;
}

/** The first frame of an accepted connection. It must be a hello that we like; any other ends the connection. */
export function strangerSpoke(context: NetworkContext, stranger: Stranger, bytes: Uint8Array): void {
  const frame = decodeFrame(bytes);
  if (!frame.ok) accuseStranger(context, stranger, frame.reason);
  else if (frame.kind !== 'hello') accuseStranger(context, stranger, 'helloExpected');
  else {
    const hello = decodeHello(frame.payload);
    if (hello === null) accuseStranger(context, stranger, 'malformedHello');
    else judgeHello(context, stranger, hello);
  }
}

function judgeHello(context: NetworkContext, stranger: Stranger, hello: Hello): void {
  const refusal = refusalOf(context, stranger, hello);
  const link = hello.replica === null ? undefined : context.links.get(hello.replica);
  if (refusal !== null || link === undefined) {
    refuseHello(context, stranger, refusal ?? 'unknownReplica');
    return;
  }
  const { connection } = stranger;
  context.strangers.delete(connection);
  bindConnection(link, connection, context.limits, context.now);
  context.bound.set(connection, link);
  const answer = { accepted: true, hello: ownHello(context.cluster, context.id) } as const;
  transmitDirectly(context, link, encodeFrame('helloAnswer', encodeHelloAnswer(answer)));
  stepLink(context, link, { event: { type: 'greeted' } });
}

/** Whether: why this hello is refused, or null. The present connection of an identity is kept as long as it lives. */
function refusalOf(context: NetworkContext, stranger: Stranger, hello: Hello): HelloRefusal | null {
  const refusal = judge(context, hello);
  if (refusal !== null) return refusal;
  const replica = hello.replica as ReplicaId;
  if (replica === context.id) return 'ownIdentity';
  if (stranger.peer !== null && stranger.peer !== replica) return 'identityMismatch';
  if (replica > context.id) return 'wrongDirection';
  switch (context.links.get(replica)?.phase) {
    case 'awaiting':
      return null;
    case 'ready':
      // A second process with the same identity must not push out the first, nor the first then the second, for ever.
      // A connection whose other end is gone without a word is noticed by its silence, and makes room.
      return 'duplicateConnection';
    case 'banned':
      return 'banned';
    default:
      return 'stopping';
  }
}

function judge({ cluster }: NetworkContext, hello: Hello): HelloRefusal | null {
  const { clusterId, epoch, replicas } = cluster;
  return helloRefusal(hello, { clusterId, epoch, role: 'replica', replicas: replicas.length });
}

function refuseHello(context: NetworkContext, stranger: Stranger, reason: HelloRefusal): void {
  countRefusal(context, stranger.peer ?? 'stranger', reason, stranger.address);
  const frame = encodeFrame('helloAnswer', encodeHelloAnswer({ accepted: false, reason }));
  context.effects.push({ type: 'transmit', connection: stranger.connection, frame });
  closeStranger(context, stranger, reason);
}

/** What whom we dialed says first: its own hello, or why it does not want us. */
export function dialedPeerSpoke(context: NetworkContext, link: PeerLink, bytes: Uint8Array): void {
  const frame = decodeFrame(bytes);
  if (!frame.ok) {
    accuseLink(context, link, frame.reason);
    return;
  }
  const answer = frame.kind === 'helloAnswer' ? decodeHelloAnswer(frame.payload) : null;
  if (answer === null) {
    accuseLink(context, link, 'malformedHello');
    return;
  }
  const refusal = answer.accepted ? refusalOfAnswer(context, link, answer.hello) : `refusedUs ${answer.reason}`;
  if (refusal === null) {
    stepLink(context, link, { event: { type: 'greeted' } });
    return;
  }
  countRefusal(context, link.peer, refusal);
  stepLink(context, link, { event: { type: 'dropped', dials: link.dials }, reason: refusal });
}

function refusalOfAnswer(context: NetworkContext, link: PeerLink, hello: Hello): HelloRefusal | null {
  return judge(context, hello) ?? (hello.replica === link.peer ? null : 'identityMismatch');
}

/** The hello, or the answer to ours, did not come in time. */
export function greetingExpired(context: NetworkContext, connection: number): void {
  const stranger = context.strangers.get(connection);
  const link = context.bound.get(connection);
  if (stranger !== undefined) {
    countRefusal(context, stranger.peer ?? 'stranger', 'greetingTimeout', stranger.address);
    closeStranger(context, stranger, 'greetingTimeout');
  } else if (link?.phase === 'greeting') {
    countRefusal(context, link.peer, 'greetingTimeout');
    stepLink(context, link, { event: { type: 'dropped', dials: link.dials }, reason: 'greetingTimeout' });
  }
}

/** A stranger hung up. */
export function strangerLeft(context: NetworkContext, { connection }: Stranger): void {
  context.strangers.delete(connection);
  context.effects.push({ type: 'cancelTimer', timer: greetingTimer(connection) });
}
