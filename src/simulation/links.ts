/**
 * Directed links: what a frame meets on its way from one node to another. Delay, width and cuts, and an adversary who loses,
 * doubles, reorders and replays frames. That is more than TCP allows; it is done to proposals, votes, Timeouts and certificates
 * alone, each of which must stand it.
 */
import { decodeFrame } from '../wire/frames.js';
import { isConsensusMessage } from '../wire/peer-codec.js';
import type { Random } from './random.js';

/** Numbers what stands at the ends of links: replica i is node i, clients come after them. */
export type NodeId = number;

/** How a directed link is at a time. */
export interface LinkConditions {
  /** One way, milliseconds: least and most. */
  readonly delayMs: readonly [number, number];
  /** Of a frame of the protocol, 0 .. 1. */
  readonly loss: number;
  readonly duplicate: number;
  /** That it is overtaken by those after it. */
  readonly reorder: number;
  /** That an older frame of the link comes once more behind it. */
  readonly replay: number;
  /** Nothing is let in: it waits for the end of the cut, or of its connection. What is under way arrives. */
  readonly cut: boolean;
  /** Bytes a millisecond; null for as many as there are. */
  readonly bytesPerMs: number | null;
}

/** A frame that comes out of a link. */
export interface Arrival {
  readonly frame: Uint8Array;
  readonly at: number;
  /** It was carried before: a copy by the adversary. */
  readonly again: boolean;
}

/** What becomes of a frame on its way. */
export interface Carried {
  readonly arrivals: readonly Arrival[];
  /** When the frame arrives, where those after it may not come earlier. */
  readonly inOrderAt: number | null;
  readonly lost: boolean;
}

/** How many frames the adversary has had a hand in. */
export interface Disturbed {
  framesLost: number;
  framesDoubled: number;
  framesReordered: number;
  framesReplayed: number;
}

interface Way {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly now: number;
  /** When the frame before it on its connection arrives. */
  readonly notBefore: number;
  /** Added by a slow receiver. */
  readonly slowMs: number;
}

/** More than any simulated network has. */
const NODES_MAX = 2 ** 16;
/** Frames of a link that the adversary remembers. */
const REMEMBERED = 16;

/** Holds the conditions of every directed link and draws the fate of each frame by them. */
export class SimulatedLinks {
  readonly disturbed: Disturbed = { framesLost: 0, framesDoubled: 0, framesReordered: 0, framesReplayed: 0 };
  readonly #random: Random;
  readonly #conditions = new Map<number, LinkConditions>();
  readonly #remembered = new Map<number, Uint8Array[]>();
  /** Until when the frames of a narrow link are leaving. */
  readonly #busyUntil = new Map<number, number>();
  #default: LinkConditions;

  /** `conditions`: of every link until it is changed. */
  constructor(random: Random, conditions: LinkConditions) {
    this.#random = random;
    this.#default = conditions;
  }

  /** What was leaving by the old conditions leaves anew: whoever holds frames hands them in again. */
  set(from: NodeId, to: NodeId, changes: Partial<LinkConditions>): void {
    this.#busyUntil.delete(linkOf(from, to));
    this.#conditions.set(linkOf(from, to), { ...this.#of(from, to), ...changes });
  }

  setAll(changes: Partial<LinkConditions>): void {
    this.#busyUntil.clear();
    this.#default = { ...this.#default, ...changes };
    for (const [link, conditions] of this.#conditions) this.#conditions.set(link, { ...conditions, ...changes });
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#of(from, to).cut;
  }

  /** How long the next thing takes on its way, milliseconds. */
  delay(from: NodeId, to: NodeId): number {
    const [least, most] = this.#of(from, to).delayMs;
    return most > least ? this.#random.between(least, most) : least;
  }

  /** When a frame that is handed to the link now has left, behind those before it; a wide link takes it at once. */
  leaves(from: NodeId, to: NodeId, now: number, bytes: number): number {
    const { bytesPerMs } = this.#of(from, to);
    if (bytesPerMs === null) return now;
    const leaves = Math.max(now, this.#busyUntil.get(linkOf(from, to)) ?? 0) + bytes / bytesPerMs;
    this.#busyUntil.set(linkOf(from, to), leaves);
    return leaves;
  }

  /** Decides what becomes of a frame that has left. */
  carry(frame: Uint8Array, { from, to, now, notBefore, slowMs }: Way): Carried {
    const { loss, duplicate, reorder, replay } = this.#of(from, to);
    // Not even the adversary lets a frame overtake the greeting of its connection; nor does who was slow when it was sent.
    const arrives = Math.max(now + this.delay(from, to) + slowMs, notBefore);
    const copies: Arrival[] = [];
    if (loss + duplicate + reorder + replay > 0 && isProtocol(frame)) {
      if (this.#random.chance(loss)) {
        this.disturbed.framesLost += 1;
        return { arrivals: [], inOrderAt: null, lost: true };
      }
      if (this.#random.chance(duplicate)) {
        this.disturbed.framesDoubled += 1;
        copies.push({ frame, at: arrives + this.delay(from, to), again: true });
      }
      if (replay > 0) {
        const older = this.#remember(linkOf(from, to), frame, replay);
        if (older !== null) copies.push({ frame: older, at: arrives, again: true });
        if (older !== null) this.disturbed.framesReplayed += 1;
      }
      if (this.#random.chance(reorder)) {
        this.disturbed.framesReordered += 1;
        const late = { frame, at: arrives + 2 * this.delay(from, to), again: false };
        return { arrivals: [...copies, late], inOrderAt: null, lost: false };
      }
    }
    return { arrivals: [...copies, { frame, at: arrives, again: false }], inOrderAt: arrives, lost: false };
  }

  #of(from: NodeId, to: NodeId): LinkConditions {
    return this.#conditions.get(linkOf(from, to)) ?? this.#default;
  }

  /** An older frame of the link, with that probability; the present one is remembered. */
  #remember(link: number, frame: Uint8Array, probability: number): Uint8Array | null {
    const frames = this.#remembered.get(link) ?? [];
    const older = frames.length > 0 && this.#random.chance(probability) ? this.#random.pick(frames) : null;
    frames.push(frame);
    if (frames.length > REMEMBERED) frames.shift();
    this.#remembered.set(link, frames);
    return older;
  }
}

function isProtocol(bytes: Uint8Array): boolean {
  const frame = decodeFrame(bytes);
  return frame.ok && frame.kind === 'message' && isConsensusMessage(frame.payload);
}

const linkOf = (from: NodeId, to: NodeId): number => from * NODES_MAX + to;
