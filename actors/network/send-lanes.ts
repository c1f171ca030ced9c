/** What waits to be sent to one peer: a bounded lane for each class of traffic, and a window of bytes under way. */
import { invariant } from '../../src/errors.js';
import type { MessageFrames } from '../../src/wire/fragments.js';
import { perClass, TRAFFIC_CLASSES, type TrafficClass } from './traffic.js';

/** The bound of one lane. Beyond either number the oldest message that has not been begun is dropped. */
export interface LaneBound {
  readonly messages: number;
  readonly bytes: number;
}

/** A message: the frames that carry it, shared by all peers of a broadcast and never written to. */
export interface OutgoingMessage {
  readonly frames: MessageFrames;
  readonly bytes: number;
}

interface SendLane {
  readonly waiting: OutgoingMessage[];
  bytes: number;
  /** Begun, and so to be finished on this connection. */
  current: OutgoingMessage | null;
  nextFrame: number;
}

/** Takes whole messages by class, and gives their frames out by priority while the window has room. */
export interface SendLanes {
  /** Returns how many older messages of the class were dropped to make room. */
  enqueue(trafficClass: TrafficClass, message: OutgoingMessage): number;
  /**
   * The next frame by priority, or null when nothing waits or the window is full. A large message goes frame by frame
   * and lets more urgent ones in between, so that a vote waits behind the window at most, never behind a body.
   */
  next(): Uint8Array | null;
  /** Bytes that go to the socket without waiting in a lane: a hello, a sign of life. */
  bypass(bytes: number): void;
  /** Bytes have left the process. */
  transmitted(bytes: number): void;
  /** Forgets everything, for the connection is gone, and returns how many messages that were. */
  clear(): number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inFlightBytes: number;
  /** Nothing waits and nothing is under way. */
  readonly idle: boolean;
}

interface SendLanesOptions {
  readonly bounds: Readonly<Record<TrafficClass, LaneBound>>;
  /** Bytes that may be with the socket, not yet written. One frame may exceed it. */
  readonly windowBytes: number;
  /** Bytes of messages that may be begun and not finished; one message may exceed it. */
  readonly halfSentBytes: number;
}

/** Makes the lanes of one peer, with nothing in them and nothing under way. */
export function createSendLanes({ bounds, windowBytes, halfSentBytes }: SendLanesOptions): SendLanes {
  let lanes = emptyLanes();
  let inFlightBytes = 0;

  function takeNext(lane: SendLane): Uint8Array | undefined {
    const message = lane.current ?? begin(lane);
    const frame = message?.frames.at(lane.nextFrame);
    if (message === null || frame === undefined) return undefined;
    lane.nextFrame += 1;
    if (lane.nextFrame === message.frames.length) {
      lane.bytes -= message.bytes;
      lane.current = null;
    }
    return frame;
  }

  /** The other side puts messages together within a bound, so no long one is begun that would not fit beside the others. */
  function begin(lane: SendLane): OutgoingMessage | null {
    const message = lane.waiting[0];
    if (message === undefined) return null;
    const begunBytes = sum((each) => each.current?.bytes ?? 0);
    if (message.frames.length > 1 && begunBytes > 0 && begunBytes + message.bytes > halfSentBytes) return null;
    lane.waiting.shift();
    lane.current = message;
    lane.nextFrame = 0;
    return message;
  }

  return {
    enqueue(trafficClass, message) {
      const lane = lanes[trafficClass];
      const bound = bounds[trafficClass];
      let dropped = 0;
      while (
        lane.waiting.length > 0 &&
        (lane.waiting.length >= bound.messages || lane.bytes + message.bytes > bound.bytes)
      ) {
        lane.bytes -= lane.waiting.shift()?.bytes ?? 0;
        dropped += 1;
      }
      lane.waiting.push(message);
      lane.bytes += message.bytes;
      return dropped;
    },
    next() {
      if (inFlightBytes >= windowBytes) return null;
      for (const trafficClass of TRAFFIC_CLASSES) {
        const frame = takeNext(lanes[trafficClass]);
        if (frame === undefined) continue;
        inFlightBytes += frame.byteLength;
        return frame;
      }
      return null;
    },
    bypass(bytes) {
      inFlightBytes += bytes;
    },
    transmitted(bytes) {
      invariant(bytes <= inFlightBytes, 'no more bytes leave than were handed to the socket');
      inFlightBytes -= bytes;
    },
    clear() {
      const dropped = sum(messagesIn);
      lanes = emptyLanes();
      inFlightBytes = 0;
      return dropped;
    },
    get queuedMessages() {
      return sum(messagesIn);
    },
    get queuedBytes() {
      return sum((lane) => lane.bytes);
    },
    get inFlightBytes() {
      return inFlightBytes;
    },
    get idle() {
      return inFlightBytes === 0 && sum(messagesIn) === 0;
    },
  };

  function sum(of: (lane: SendLane) => number): number {
    return TRAFFIC_CLASSES.reduce((total, each) => total + of(lanes[each]), 0);
  }
}

function emptyLanes(): Record<TrafficClass, SendLane> {
  return perClass(() => ({ waiting: [], bytes: 0, current: null, nextFrame: 0 }));
}

function messagesIn(lane: SendLane): number {
  return lane.waiting.length + (lane.current === null ? 0 : 1);
}
