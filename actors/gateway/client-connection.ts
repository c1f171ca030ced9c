/** One client's connection: what it may ask for, what waits to be sent to it. */
import type { ClientId } from '../../src/protocol/numbers.js';
import type { ClientRequest } from '../../src/wire/client-messages.js';
import { Reassembler } from '../../src/wire/fragments.js';
import type { ConnectionId } from '../sockets.js';
import type { ClientShare } from './client-pace.js';
import type { GatewayLimits } from './limits.js';
import { type Credit, createCredit } from './request-credit.js';

/** A request, and what it takes in memory: its encoding, and what its commands take besides. */
export interface HeldRequest {
  readonly request: ClientRequest;
  readonly bytes: number;
}

/** What the gateway knows of one client's connection, from its opening to its closing. */
export interface ClientConnection {
  readonly connection: ConnectionId;
  readonly address: string;
  greeted: boolean;
  readonly attached: Set<ClientId>;
  readonly reassembler: Reassembler;
  /** When its last fragment came, or it was read again after that. */
  wentOnAt: number;
  /** Whether the timer of its half requests runs. */
  halfTimed: boolean;
  readonly credit: Credit;
  /** Of the work that clients may make. */
  readonly share: ClientShare;
  /** Questions passed on and not yet answered. */
  questions: number;
  /** A request that waits for credit or for answers; behind it all wait. */
  blocked: HeldRequest | null;
  /** Frames in order of arrival that nobody has looked into: they wait for the share, or behind a request. */
  readonly held: Uint8Array[];
  heldBytes: number;
  readonly outbox: Outbox;
  /** Bytes of the outbox that the gateway's sum of what is unread holds. */
  unreadBytes: number;
  /** A leader hint is due as soon as nothing else is under way. */
  hintDue: boolean;
}

/** Makes the record of a connection that has just opened: no hello has come, and all of its credit is left. */
export function createClientConnection(
  { connection, address, share }: Pick<ClientConnection, 'connection' | 'address' | 'share'>,
  limits: GatewayLimits,
): ClientConnection {
  return {
    connection,
    address,
    greeted: false,
    attached: new Set(),
    reassembler: new Reassembler({
      messageBytes: limits.clientMessageBytes,
      openMessages: limits.clientOpenMessages,
      reassemblyBytes: limits.clientReassemblyBytes,
    }),
    wentOnAt: 0,
    halfTimed: false,
    credit: createCredit(limits.clientCredit),
    share,
    questions: 0,
    blocked: null,
    held: [],
    heldBytes: 0,
    outbox: createOutbox(limits.sendWindowBytes),
    unreadBytes: 0,
    hintDue: false,
  };
}

/** Frames in order, with a window of bytes under way. */
export interface Outbox {
  push(frame: Uint8Array): void;
  /** The next frame, or null when there is none or the window is full. */
  next(): Uint8Array | null;
  transmitted(bytes: number): void;
  /** Bytes that wait, each frame counted with what it costs to keep one. */
  readonly waitingBytes: number;
  readonly idle: boolean;
}

const FRAME_OVERHEAD_BYTES = 128;
/** Taken frames are cut off the list in lots, since removing the first of a long list moves all others. */
const LOT = 1024;

function createOutbox(windowBytes: number): Outbox {
  let frames: Uint8Array[] = [];
  let head = 0;
  let waitingBytes = 0;
  let inFlightBytes = 0;
  return {
    push(frame) {
      frames.push(frame);
      waitingBytes += frame.byteLength + FRAME_OVERHEAD_BYTES;
    },
    next() {
      const frame = frames[head];
      if (frame === undefined || inFlightBytes >= windowBytes) return null;
      head += 1;
      if (head === frames.length || head >= LOT) {
        frames = frames.slice(head);
        head = 0;
      }
      waitingBytes -= frame.byteLength + FRAME_OVERHEAD_BYTES;
      inFlightBytes += frame.byteLength;
      return frame;
    },
    transmitted(bytes) {
      inFlightBytes -= bytes;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get idle() {
      return inFlightBytes === 0 && head === frames.length;
    },
  };
}
