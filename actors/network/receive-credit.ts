/** What one peer may have waiting at the consumers of its messages (DESIGN section 3, Back-pressure). */
import type { PeerMessage } from '../../src/wire/peer-messages.js';
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
}

/** The credit of one peer. It outlives connections: reconnecting grants nothing anew. */
export interface ReceiveCredit {
  /** True: charged, hand it on. False: held back in its order; the peer's socket must not be read. */
  admit(trafficClass: TrafficClass, arrival: Arrival, now: number): boolean;
  /** Takes back what a consumer has handled. */
  restore(trafficClass: TrafficClass, returned: Allowance): void;
  /** Returns the held messages that may go on by now, charged. */
  release(trafficClass: TrafficClass, now: number): readonly Arrival[];
  /** When the present window ends; what is held for it may go on then. */
  readonly windowEndsAt: number;
  /** Forgets what is held; the connection that it came over is gone. */
  dropHeld(): number;
  readonly heldMessages: number;
  readonly heldBytes: number;
}

export interface ReceiveCreditOptions {
  readonly allowances: Readonly<Record<TrafficClass, Allowance>>;
  /** Milliseconds in which the messages of each allowance are used once at most. */
  readonly windowMs: number;
  /** Bytes of each class in a window. One message may exceed it, and is made up for in the windows that follow. */
  readonly windowBytes: number;
}

/**
 * Makes the credit of one peer, with all of its allowances unused. Credit that is returned bounds what a peer has waiting;
 * the window bounds the work that it makes, where consumers are quick to see that a message is worth nothing.
 */
export function createReceiveCredit({ allowances, windowMs, windowBytes }: ReceiveCreditOptions): ReceiveCredit {
  const balances = perClass<Balance>((trafficClass) => ({ ...allowances[trafficClass], held: [] }));
  /** Of the present window; bytes may be below zero. */
  const left = perClass((trafficClass) => ({ messages: allowances[trafficClass].messages, bytes: windowBytes }));
  let windowEndsAt = 0;
  let heldMessages = 0;
  let heldBytes = 0;

  /** A message larger than the whole allowance passes when nothing else of its class is on the way. */
  function affords(trafficClass: TrafficClass, bytes: number): boolean {
    const { messages, bytes: rest } = balances[trafficClass];
    const window = left[trafficClass];
    if (window.messages <= 0 || window.bytes <= 0) return false;
    return messages > 0 && (rest >= bytes || rest === allowances[trafficClass].bytes);
  }

  function charge(trafficClass: TrafficClass, bytes: number): void {
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
      window.bytes = Math.min(windowBytes, window.bytes + windows * windowBytes);
    }
  }

  return {
    admit(trafficClass, arrival, now) {
      enterWindow(now);
      const { held } = balances[trafficClass];
      if (held.length === 0 && affords(trafficClass, arrival.bytes)) {
        charge(trafficClass, arrival.bytes);
        return true;
      }
      held.push(arrival);
      heldMessages += 1;
      heldBytes += arrival.bytes;
      return false;
    },
    restore(trafficClass, returned) {
      const balance = balances[trafficClass];
      balance.messages += returned.messages;
      balance.bytes += returned.bytes;
    },
    release(trafficClass, now) {
      enterWindow(now);
      const { held } = balances[trafficClass];
      let released = 0;
      for (const arrival of held) {
        if (!affords(trafficClass, arrival.bytes)) break;
        charge(trafficClass, arrival.bytes);
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
      for (const trafficClass of TRAFFIC_CLASSES) balances[trafficClass].held.length = 0;
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
  };
}
