/** What one peer may have waiting at the consumers of its messages (DESIGN section 3, Back-pressure). */
import { invariant } from '../../src/errors.js';
import type { CommandBatch, PeerMessage } from '../../src/wire/peer-messages.js';
import { type Space, sizeOf } from '../proposal-generator/pending-command.js';
import { perClass, TRAFFIC_CLASSES, type TrafficClass } from './traffic.js';

/** A consumer's grant to one peer for one class of traffic. */
export interface Allowance {
  readonly messages: number;
  readonly bytes: number;
}

/** A decoded message and the size of its encoding, which is what it is charged. */
export interface Arrival {
  readonly message: PeerMessage;
  readonly bytes: number;
}

interface Balance {
  messages: number;
  bytes: number;
  /** Arrived without credit: what the socket had read before it was paused. */
  readonly held: Arrival[];
  heldBytes: number;
}

/** The credit of one peer. It outlives connections: reconnecting grants nothing anew. */
export interface ReceiveCredit {
  /** True: charged, hand it on. False: held back in its order; the peer's socket must not be read. */
  admit(trafficClass: TrafficClass, arrival: Arrival, now: number): boolean;
  /** Takes back what a consumer has handled. */
  restore(trafficClass: TrafficClass, returned: Allowance): void;
  /** Takes note that forwarded commands take no room any more: executed, or never taken. */
  consumed(space: Space): void;
  /** Whether the peer leads now, and so has use for the window of a leader's proposals. */
  setLeading(leading: boolean): void;
  /** Returns the held messages that may go on by now, charged. */
  release(trafficClass: TrafficClass, now: number): readonly Arrival[];
  /** When the present window ends; what is held for it may go on then. */
  readonly windowEndsAt: number;
  /** Forgets what is held; the connection that it came over is gone. */
  dropHeld(): number;
  readonly heldMessages: number;
  readonly heldBytes: number;
  /** Of these, bytes of messages with forwarded commands. */
  readonly heldCommandBytes: number;
  /** Forwarded commands that were handed on and are not consumed. */
  readonly unconsumed: Space;
}

export interface ReceiveCreditOptions {
  readonly allowances: Readonly<Record<TrafficClass, Allowance>>;
  /** Milliseconds in which the messages of each allowance are used once at most. */
  readonly windowMs: number;
  /** Bytes of each class in a window. One message may exceed it, and is made up for in the windows that follow. */
  readonly windowBytes: number;
  /** Of proposals, while the peer does not lead: it has few reasons to send any. */
  readonly strayProposalBytes: number;
  /** Forwarded commands, and their bytes, that may be handed on and not yet consumed. One message may exceed it alone. */
  readonly commandSpace: Space;
}

/**
 * Makes the credit of one peer, with all of its allowances unused. Credit that is returned bounds what a peer has waiting;
 * the window bounds the work that it makes, where consumers are quick to see that a message is worth nothing. Forwarded
 * commands are charged besides until they are consumed: reading them is not what they cost.
 */
export function createReceiveCredit(options: ReceiveCreditOptions): ReceiveCredit {
  const { allowances, windowMs, commandSpace } = options;
  const balances = perClass<Balance>((trafficClass) => ({ ...allowances[trafficClass], held: [], heldBytes: 0 }));
  let leading = false;
  /** Of the present window; bytes may be below zero. */
  const left = perClass((trafficClass) => ({
    messages: allowances[trafficClass].messages,
    bytes: bytesOfWindow(trafficClass),
  }));
  const unconsumed = { commands: 0, bytes: 0 };
  let windowEndsAt = 0;
  let heldMessages = 0;
  let heldBytes = 0;

  function bytesOfWindow(trafficClass: TrafficClass): number {
    return trafficClass === 'proposals' && !leading ? options.strayProposalBytes : options.windowBytes;
  }

  /** A message larger than the whole allowance passes when nothing else of its class is on the way. */
  function affords(trafficClass: TrafficClass, { message, bytes }: Arrival): boolean {
    if (message.type === 'commands' && !hasRoomFor(message.batches)) return false;
    const { messages, bytes: rest } = balances[trafficClass];
    const window = left[trafficClass];
    if (window.messages <= 0 || window.bytes <= 0) return false;
    return messages > 0 && (rest >= bytes || rest === allowances[trafficClass].bytes);
  }

  function hasRoomFor(batches: readonly CommandBatch[]): boolean {
    const { commands, bytes } = spaceOf(batches);
    if (unconsumed.commands === 0) return true;
    return unconsumed.commands + commands <= commandSpace.commands && unconsumed.bytes + bytes <= commandSpace.bytes;
  }

  function charge(trafficClass: TrafficClass, { message, bytes }: Arrival): void {
    if (message.type === 'commands') {
      const space = spaceOf(message.batches);
      unconsumed.commands += space.commands;
      unconsumed.bytes += space.bytes;
    }
    for (const balance of [balances[trafficClass], left[trafficClass]]) {
      balance.messages -= 1;
      balance.bytes -= bytes;
    }
  }

  function enterWindow(now: number): void {
    if (now < windowEndsAt) return;
    const windows = 1 + Math.floor((now - windowEndsAt) / windowMs);
    windowEndsAt = now + windowMs;
    for (const trafficClass of TRAFFIC_CLASSES) {
      const window = left[trafficClass];
      window.messages = allowances[trafficClass].messages;
      const bytes = bytesOfWindow(trafficClass);
      window.bytes = Math.min(bytes, window.bytes + windows * bytes);
    }
  }

  return {
    admit(trafficClass, arrival, now) {
      enterWindow(now);
      const balance = balances[trafficClass];
      const { held } = balance;
      if (held.length === 0 && affords(trafficClass, arrival)) {
        charge(trafficClass, arrival);
        return true;
      }
      held.push(arrival);
      balance.heldBytes += arrival.bytes;
      heldMessages += 1;
      heldBytes += arrival.bytes;
      return false;
    },
    restore(trafficClass, returned) {
      const balance = balances[trafficClass];
      balance.messages += returned.messages;
      balance.bytes += returned.bytes;
    },
    consumed({ commands, bytes }) {
      unconsumed.commands -= commands;
      unconsumed.bytes -= bytes;
      const { commands: left, bytes: leftBytes } = unconsumed;
      invariant(left >= 0 && leftBytes >= 0, 'no more commands are consumed than were forwarded');
    },
    setLeading(leadsNow) {
      if (leadsNow && !leading) left.proposals.bytes = options.windowBytes;
      leading = leadsNow;
    },
    release(trafficClass, now) {
      enterWindow(now);
      const balance = balances[trafficClass];
      const { held } = balance;
      let released = 0;
      for (const arrival of held) {
        if (!affords(trafficClass, arrival)) break;
        charge(trafficClass, arrival);
        balance.heldBytes -= arrival.bytes;
        heldMessages -= 1;
        heldBytes -= arrival.bytes;
        released += 1;
      }
      return held.splice(0, released);
    },
    get windowEndsAt() {
      return windowEndsAt;
    },
    dropHeld() {
      const dropped = heldMessages;
      for (const trafficClass of TRAFFIC_CLASSES) {
        balances[trafficClass].held.length = 0;
        balances[trafficClass].heldBytes = 0;
      }
      heldMessages = 0;
      heldBytes = 0;
      return dropped;
    },
    get heldMessages() {
      return heldMessages;
    },
    get heldBytes() {
      return heldBytes;
    },
    get heldCommandBytes() {
      return balances.commands.heldBytes;
    },
    get unconsumed() {
      return { ...unconsumed };
    },
  };
}

/** What forwarded commands take of the space of the peer that forwards them. */
function spaceOf(batches: readonly CommandBatch[]): Space {
  let commands = 0;
  let bytes = 0;
  for (const batch of batches) {
    commands += batch.commands.length;
    for (const command of batch.commands) bytes += sizeOf(command);
  }
  return { commands, bytes };
}
