/**
 * Messages whose bodies are hashed in the pool. Those of their class that came after them wait behind them, so that no
 * proposal overtakes the one that it stands on; votes and timeouts are of another class, and go on.
 */
import type { HashedBodies } from '../../src/crypto/heavy-tasks.js';
import type { TaskResult } from '../../src/runtime/behaviour.js';
import type { PeerDecoding, UnhashedMessage } from '../../src/wire/peer-codec.js';
import type { NetworkContext } from './context.js';
import { accountOf, handOn } from './hand-on.js';
import { accuseLink } from './misbehaviour.js';
import type { PeerLink } from './peer-link.js';
import type { Arrival } from './receive-credit.js';
import type { TrafficClass } from './traffic.js';

/** Hands a message on whose credit is charged, once its bodies are hashed and all before it of its class have gone. */
export function takeInOrder(
  context: NetworkContext,
  link: PeerLink,
  trafficClass: TrafficClass,
  arrival: Arrival,
): void {
  const { message, bytes } = arrival;
  const before = link.hashing.get(trafficClass);
  if (before !== undefined) before.push(arrival);
  else if (message.type !== 'unhashed') handOn(context, link, message, bytes);
  else {
    link.hashing.set(trafficClass, [arrival]);
    offload(context, link, trafficClass, message);
  }
}

/** The pool's answer for the first message of a class: it goes on, or its sender lied, and then those behind it. */
export function bodiesHashed(context: NetworkContext, id: number, result: TaskResult<HashedBodies>): void {
  const hashed = context.hashing.get(id);
  if (hashed === undefined) return;
  context.hashing.delete(id);
  const { link, trafficClass } = hashed;
  const waiting = link.hashing.get(trafficClass) ?? [];
  const first = waiting.shift();
  if (first !== undefined && !context.stopping) finish(context, link, trafficClass, first, result);
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    if (next.message.type === 'unhashed') return offload(context, link, trafficClass, next.message);
    waiting.shift();
    if (!context.stopping) handOn(context, link, next.message, next.bytes);
  }
  link.hashing.delete(trafficClass);
}

function finish(
  context: NetworkContext,
  link: PeerLink,
  trafficClass: TrafficClass,
  { message, bytes }: Arrival,
  result: TaskResult<HashedBodies>,
): void {
  if (message.type !== 'unhashed') return;
  const decoding = decodingOf(message, result);
  if (decoding?.ok === true) return handOn(context, link, decoding.message, bytes);
  // Nobody will handle it, and give its credit back in his turn.
  const account = accountOf(link, trafficClass);
  const accounts = [{ account, messages: 1, units: bytes }];
  context.effects.push({ type: 'send', to: 'network', message: { type: 'creditReturned', from: 'network', accounts } });
  if (decoding !== null) accuseLink(context, link, decoding.reason);
  else context.refusals.countQuietly('lostInPool');
}

/** Null where the bodies are lost with a thread of the pool: what was in them comes again, or is asked for. */
function decodingOf({ complete }: UnhashedMessage, result: TaskResult<HashedBodies>): PeerDecoding | null {
  return result.ok ? complete(result.bodies, result.hashes) : null;
}

function offload(
  context: NetworkContext,
  link: PeerLink,
  trafficClass: TrafficClass,
  { bodies }: UnhashedMessage,
): void {
  context.lastTask += 1;
  const id = context.lastTask;
  context.hashing.set(id, { link, trafficClass });
  const transfer = [...new Set(bodies.map(({ buffer }) => buffer as ArrayBuffer))];
  context.effects.push({ type: 'offload', task: 'hashBodies', id, input: { bodies }, transfer });
}
