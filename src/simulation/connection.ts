/** Connections of the simulated network: what an endpoint holds, what stands at both ends, and how frames are read. */
import type { ReplicaId } from '../protocol/numbers.js';
import type { ConnectionId, SocketMessage } from '../wire/sockets.js';
import type { NodeId } from './links.js';
import type { SimulatedProcess } from './process.js';

/** What a checker is told of each frame. */
export interface ObservedFrame {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Between two replicas, or between a client and a replica. */
  readonly side: 'peer' | 'client';
  readonly frame: Uint8Array;
}

/** Whose sockets they are: a replica's toward its peers, a replica's toward clients, or a client's. */
export type Side = 'peer' | 'gateway' | 'client';

/** What a process has on one side: its connections, and whether it listens for more. */
export interface Endpoint {
  readonly node: NodeId;
  readonly side: Side;
  /** Whom its connections prove it to be; null for a client. */
  readonly identity: ReplicaId | null;
  readonly process: SimulatedProcess;
  readonly deliver: (message: SocketMessage) => void;
  /** Told of each of its connections that is no more. */
  readonly onClosed: () => void;
  listening: boolean;
  closed: boolean;
  readonly ends: Map<ConnectionId, End>;
}

/** One side of a connection. */
export interface End {
  readonly endpoint: Endpoint;
  readonly id: ConnectionId;
  other: End | null;
  open: boolean;
  paused: boolean;
  /** Arrived and not read. */
  readonly inbox: Uint8Array[];
  /** When the last frame sent from here arrives. */
  lastArrival: number;
  /** Sent from here and not read there, bytes. */
  unread: number;
  /** Sent while there were too many unread bytes: their `transmitted` is still to come. */
  readonly unreported: number[];
}

/** Bytes that a connection holds before its writer is told of no more room. */
const WINDOW_BYTES = 1024 * 1024;

/** Two ends that know each other, with the next two numbers from `id` on; neither is open yet. */
export function connect(dialing: Endpoint, accepting: Endpoint, id: ConnectionId): readonly [End, End] {
  const [dialer, acceptor] = [newEnd(dialing, id), newEnd(accepting, id + 1)];
  dialer.other = acceptor;
  acceptor.other = dialer;
  return [dialer, acceptor];
}

function newEnd(endpoint: Endpoint, id: ConnectionId): End {
  const nothing = { inbox: [], lastArrival: 0, unread: 0, unreported: [] };
  return { endpoint, id, other: null, open: false, paused: false, ...nothing };
}

/** Counts a frame that is sent; its writer learns that it has left while there is room, and else when there is again. */
export function writeFrame(end: End, frame: Uint8Array): void {
  const { endpoint, id } = end;
  end.unread += frame.length;
  if (end.unread > WINDOW_BYTES) {
    end.unreported.push(frame.length);
    return;
  }
  // At the same instant: the writer's own buffers are empty again.
  endpoint.process.schedule(() => {
    if (end.open) endpoint.deliver({ type: 'transmitted', connection: id, bytes: frame.length });
  });
}

/** Takes a frame that is lost on its way out of the count: its writer has the room again, as if it had been read. */
export function loseFrame(end: End, frame: Uint8Array): void {
  end.unread -= frame.length;
  reportRoom(end);
}

/** Reads what has arrived, unless reading is paused. */
export function readFrames(end: End, onArrived: ((frame: ObservedFrame) => void) | undefined): void {
  const writer = end.other as End;
  while (end.open && !end.paused && end.inbox.length > 0) {
    const frame = end.inbox.shift() as Uint8Array;
    writer.unread -= frame.length;
    onArrived?.({ from: writer.endpoint.node, to: end.endpoint.node, side: sideOf(end), frame });
    // A view for each: observers know a frame that goes to many by its one array.
    end.endpoint.deliver({ type: 'frameReceived', connection: end.id, frame: frame.subarray() });
  }
  reportRoom(writer);
}

function reportRoom(writer: End): void {
  while (writer.open && writer.unreported.length > 0 && writer.unread <= WINDOW_BYTES) {
    const bytes = writer.unreported.shift() as number;
    writer.endpoint.process.later(0, 'connection', () => {
      if (writer.open) writer.endpoint.deliver({ type: 'transmitted', connection: writer.id, bytes });
    });
  }
}

/** This side has no such connection any more. */
export function closeEnd(end: End): void {
  end.open = false;
  end.endpoint.ends.delete(end.id);
  end.endpoint.onClosed();
}

/** The connection is no more, and this side learns it now. */
export function breakEnd(end: End, reason: string): void {
  if (!end.open) return;
  closeEnd(end);
  const connection = end.id;
  end.endpoint.process.enter(() => end.endpoint.deliver({ type: 'connectionClosed', connection, reason }));
}

/** Returns whom a connection is between, as observers are told; both of its ends give the same. */
export function sideOf(end: End): ObservedFrame['side'] {
  return end.endpoint.side === 'peer' ? 'peer' : 'client';
}
