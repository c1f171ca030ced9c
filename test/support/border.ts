/** The border between a test and the one actor that it drives by hand. */
import type { AnyEffect } from '../../src/runtime/actor.js';
import type { Behaviour, Message, Turn } from '../../src/runtime/behaviour.js';
import { OutgoingBytes } from '../../src/runtime/outgoing-bytes.js';
import { type HostRun, presentRun } from './host-runs.js';

type AnyBehaviour = Behaviour<never, AnyEffect>;
type Receive = (message: Message, turn: Turn) => readonly AnyEffect[];

/** How those behind a border are told without one. */
const direct = new WeakMap<AnyBehaviour, Receive>();

function crossed<Sent extends Message>(sent: Sent, run: HostRun): Sent {
  if (run.host === 'inline') return sent;
  const bytes = new OutgoingBytes();
  const prepared = bytes.prepare(sent);
  const arrived = structuredClone(prepared, { transfer: bytes.moved }) as Sent;
  if (arrived !== sent) run.crossed += 1;
  return arrived;
}

/**
 * Answers with what arrives of a message, or of an effect with its messages, on the host of the running test: itself, or
 * across threads a copy, made as a border makes it.
 */
export function asCrossed<Sent extends Message>(sent: Sent): Sent {
  return crossed(sent, presentRun());
}

/**
 * The same behaviour, that from now on handles what arrives of each message, and answers with what arrives of each effect.
 * All that it is told counts in the run of the test that makes it.
 */
export function behindBorder<Made extends AnyBehaviour>(behaviour: Made): Made {
  const run = presentRun();
  const receive = behaviour.receive.bind(behaviour) as Receive;
  direct.set(behaviour, receive);
  const behind: Receive = (message, turn) => {
    run.told += 1;
    return receive(crossed(message, run), turn).map((effect) => crossed(effect, run));
  };
  return Object.defineProperty(behaviour, 'receive', { value: behind });
}

/** A behaviour for a system of the running test: the links between its threads are the border, so it has none of its own. */
export function inSystem<Own extends Message, Effect extends AnyEffect>(
  behaviour: Behaviour<Own, Effect>,
): Behaviour<Own, Effect> {
  const run = presentRun();
  const receive = (direct.get(behaviour as AnyBehaviour) ?? behaviour.receive) as typeof behaviour.receive;
  const told: Behaviour<Own, Effect> = {
    receive: (message, turn) => {
      run.told += 1;
      return receive.call(behaviour, message, turn);
    },
  };
  const { counters } = behaviour;
  return counters === undefined ? told : { ...told, counters: () => counters.call(behaviour) };
}
