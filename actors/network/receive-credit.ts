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
  admit(trafficClass: TrafficClass, arrival: Arrival): boolean;
  /** Takes back what a consumer has handled and returns the held messages that this lets through, charged. */
  restore(trafficClass: TrafficClass, returned: Allowance): readonly Arrival[];
  /** Forgets what is held; the connection that it came over is gone. */
  dropHeld(): number;
  readonly heldMessages: number;
  readonly heldBytes: number;
}

/** Makes the credit of one peer, with all of its allowances unused. */
export function createReceiveCredit(allowances: Readonly<Record<TrafficClass, Allowance>>): ReceiveCredit {
  const balances = perClass<Balance>((trafficClass) => ({ ...allowances[trafficClass], held: [] }));
  let heldMessages = 0;
  let heldBytes = 0;

  /** A message larger than the whole allowance passes when nothing else of its class is on the way. */
  function affords(trafficClass: TrafficClass, bytes: number): boolean {
    const { messages, bytes: left } = balances[trafficClass];
    return messages > 0 && (left >= bytes || left === allowances[trafficClass].bytes);
  }

  function charge(balance: Balance, bytes: number): void {
    balance.messages -= 1;
    balance.bytes -= bytes;
  }

  return {
    admit(trafficClass, arrival) {
      const balance = balances[trafficClass];
      if (balance.held.length === 0 && affords(trafficClass, arrival.bytes)) {
        charge(balance, arrival.bytes);
        return true;
      }
      balance.held.push(arrival);
      heldMessages += 1;
      heldBytes += arrival.bytes;
      return false;
    },
    restore(trafficClass, returned) {
      const balance = balances[trafficClass];
      balance.messages += returned.messages;
      balance.bytes += returned.bytes;
      let released = 0;
      for (const arrival of balance.held) {
        if (!affords(trafficClass, arrival.bytes)) break;
        charge(balance, arrival.bytes);
        heldMessages -= 1;
        heldBytes -= arrival.bytes;
        released += 1;
      }
      return balance.held.splice(0, released);
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
