/** What network, gateway and client ask of a host of sockets, and what it tells them. One frame is one binary ws message. */
import type { ReplicaId } from '../protocol/numbers.js';

/** Numbers the connections of one host, never used again. */
export type ConnectionId = number;

/** What network, gateway and client ask of the host of their sockets. */
export type SocketEffect =
  | { readonly type: 'listen' }
  | { readonly type: 'dial'; readonly peer: ReplicaId }
  | { readonly type: 'transmit'; readonly connection: ConnectionId; readonly frame: Uint8Array }
  | { readonly type: 'pauseReading'; readonly connection: ConnectionId }
  | { readonly type: 'resumeReading'; readonly connection: ConnectionId }
  | { readonly type: 'closeConnection'; readonly connection: ConnectionId; readonly reason: string }
  | { readonly type: 'closeListener' };

/** What the host of sockets tells them. */
export type SocketMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'listenFailed'; readonly code: string; readonly detail: string }
  | {
      readonly type: 'connectionOpened';
      readonly connection: ConnectionId;
      readonly direction: 'dialed' | 'accepted';
      /**
       * Dialed: whom we dialed; on TLS it has proved its key. Accepted: whose transport key the other side proved to
       * hold; null on a plain transport and for clients.
       */
      readonly peer: ReplicaId | null;
      readonly address: string;
    }
  | { readonly type: 'dialFailed'; readonly peer: ReplicaId; readonly reason: string }
  | { readonly type: 'frameReceived'; readonly connection: ConnectionId; readonly frame: Uint8Array }
  /** The bytes of one earlier `transmit` left the process's buffers, or never will. */
  | { readonly type: 'transmitted'; readonly connection: ConnectionId; readonly bytes: number }
  | { readonly type: 'connectionClosed'; readonly connection: ConnectionId; readonly reason: string };
