/** What one peer may have waiting at the consumers of its messages (DESIGN section 3, Back-pressure). */
import type { UnhashedMessage } from '../../src/wire/peer-codec.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { perClass, TRAFFIC_CLASSES, type TrafficClass } from './traffic.js';

/** A consumer's grant to one peer for one class of traffic. */
export interface Allowance {
  readonly messages: number;
  readonly bytes: number;
}

/** How many forwarded commands may wait, and in how many messages of how many bytes. */
export interface CommandBound extends Allowance {
  readonly commands: number;
}

/** A decoded message and the size of its encoding, which is what it is charged. */
export interface Arrival {
  readonly message: PeerMessage | UnhashedMessage;
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
  /** Whether the peer must not be heard for now: more commands than `bound` are held, or anything else is. */
  holdsTooMuch(bound: CommandBound): boolean;
}

interface ReceiveCreditOptions {
  readonly allowances: Readonly<Record<TrafficClass, Allowance>>;
  /** Milliseconds in which the messages of each allowance are used once at most. */
  readonly windowMs: number;
  /** Bytes of each class in a window. One message may exceed it, and is made up for in the windows that follow. */
  readonly windowBytes: number;
  /** Of proposals in a window, while the peer does not lead: it has few reasons to send any. */
  readonly strayProposals: Allowance;
  /** Forwarded commands in a window. One message may exceed it, and is made up for in the windows that follow. */
  readonly windowCommands: number;
  /** As many at once, after a time with fewer: what is not used of windows adds up to this. */
  readonly burstCommands: number;
}

/**
 * Makes the credit of one peer, with all of its allowances unused. Credit that is returned bounds what a peer has waiting;
 * the window bounds the work that it makes, where consumers are quick to see that a message is worth nothing. All of it
 * comes back with time and with the consumers' turns, never with a commit: what holds a peer back holds back its votes.
 */
export function createReceiveCredit(options: ReceiveCreditOptions): ReceiveCredit {
  const { allowances, windowMs } = options;
  const balances = perClass<Balance>((trafficClass) => ({ ...allowances[trafficClass], held: [], heldBytes: 0 }));
  let leading = false;
  /** Of the present window; bytes may be below zero. */
  const left = perClass((trafficClass) => ({ ...windowOf(trafficClass) }));
  /** Forwarded commands that may be handed on now; may be below zero. */
  let commandsLeft = options.burstCommands;
  let heldCommands = 0;
  let windowEndsAt = 0;
  let heldMessages = 0;
  let heldBytes = 0;

  function windowOf(trafficClass: TrafficClass): Allowance {
    if (trafficClass === 'proposals' && !leading) return options.strayProposals;
    return { messages: allowances[trafficClass].messages, bytes: options.windowBytes };
  }

  /** A message larger than the whole allowance passes when nothing else of its class is on the way. */
  function affords(trafficClass: TrafficClass, { bytes }: Arrival): boolean {
    if (trafficClass === 'commands' && commandsLeft <= 0) return false;
    const { messages, bytes: rest } = balances[trafficClass];
    const window = left[trafficClass];
    if (window.messages <= 0 || window.bytes <= 0) return false;
    return messages > 0 && (rest >= bytes || rest === allowances[trafficClass].bytes);
  }

  function charge(trafficClass: TrafficClass, { message, bytes }: Arrival): void {
    commandsLeft -= commandsIn(message);
    for (const balance of [balances[trafficClass], left[trafficClass]]) {
      balance.messages -= 1;
      balance.bytes -= bytes;
    }
  }

  function enterWindow(now: number): void {
    if (now < windowEndsAt) return;
    const windows = 1 + Math.floor((now - windowEndsAt) / windowMs);
    windowEndsAt = now + windowMs;
    commandsLeft = Math.min(options.burstCommands, commandsLeft + windows * options.windowCommands);
    for (const trafficClass of TRAFFIC_CLASSES) {
      const window = left[trafficClass];
      const { messages, bytes } = windowOf(trafficClass);
      window.messages = messages;
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
      heldCommands += commandsIn(arrival.message);
      return false;
    },
    restore(trafficClass, returned) {
      const balance = balances[trafficClass];
      balance.messages += returned.messages;
      balance.bytes += returned.bytes;
    },
    setLeading(leadsNow) {
      const begins = leadsNow && !leading;
      leading = leadsNow;
      if (begins) left.proposals = { ...windowOf('proposals') };
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
        heldCommands -= commandsIn(arrival.message);
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
      heldCommands = 0;
      return dropped;
    },
    get heldMessages() {
      return heldMessages;
    },
    get heldBytes() {
      return heldBytes;
    },
    holdsTooMuch(bound) {
      const { held, heldBytes: bytes } = balances.commands;
      if (heldMessages > held.length) return true;
      return held.length > bound.messages || heldCommands > bound.commands || bytes > bound.bytes;
    },
  };
}

/** How many commands a message forwards; 0 for one of another kind. */
function commandsIn(message: Arrival['message']): number {
  return message.type === 'commands' ? message.batches.reduce((sum, { commands }) => sum + commands.length, 0) : 0;
}
