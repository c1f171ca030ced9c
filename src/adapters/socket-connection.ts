/** One ws connection: its events as messages, and the few things that a behaviour may ask of it. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { limits } from '../config/limits.js';
import type { ConnectionId, SocketMessage } from '../wire/sockets.js';

/** What may be asked of one connection; its owner lets go of it when `onClosed` is called. */
export interface SocketConnection {
  /** Gathers a frame; it leaves with the next {@link flush}, or before. */
  transmit(frame: Uint8Array): void;
  /** Writes what was gathered. */
  flush(): void;
  /** The behaviour's wish; a full mailbox stops reading besides. */
  setPaused(paused: boolean): void;
  setHeld(held: boolean): void;
  /** Flushes what was transmitted, says why, and ends within the close timeout. Later frames are not delivered. */
  close(reason: string): void;
}

interface ConnectionOptions {
  readonly id: ConnectionId;
  readonly ws: WebSocket;
  /** What `ws` writes to: corked until a turn's end, so that small frames share a write and a TLS record. */
  readonly stream: Duplex;
  readonly held: boolean;
  readonly closeTimeoutMs: number;
  /** `taken` is called when the message has left the mailbox, to be handled. */
  readonly deliver: (message: SocketMessage, taken?: () => void) => void;
  readonly onClosed: () => void;
}

/** A close frame has room for 123 bytes of reason. */
const REASON_BYTES_MAX = 120;
const CLOSED_NORMALLY = 1000;
/** Reasons are words of ours; anything else that a stranger writes into a close frame stays out of the log. */
const OUR_REASON = /^[A-Za-z]{1,40}$/;

/**
 * Follows a connection that is open until its one `connectionClosed`. Frames that were not delivered by then are lost
 * with it, like those still on the wire.
 */
export function followConnection(options: ConnectionOptions): SocketConnection {
  const { id, ws, stream, closeTimeoutMs, deliver } = options;
  let paused = false;
  let held = options.held;
  let corked = false;
  let gatheredBytes = 0;
  let closeReason: string | null = null;
  let closeTimer: NodeJS.Timeout | null = null;
  let inbox: Uint8Array[] = [];
  let framesThisRound = 0;
  let bytesThisRound = 0;
  /** Frames that wait in the mailbox. */
  let unhandled = 0;
  let delivering = false;
  let round: NodeJS.Immediate | null = null;
  if (held) ws.pause();

  function applyReading(): void {
    if (closeReason !== null || !(paused || held || inbox.length > 0)) ws.resume();
    else ws.pause();
  }

  function nextRound(): void {
    round = null;
    framesThisRound = 0;
    bytesThisRound = 0;
    deliverInbox();
  }

  function deliverInbox(): void {
    // Told of a frame that was taken while it was delivered: the loop goes on by itself.
    if (delivering) return;
    delivering = true;
    let delivered = 0;
    for (const frame of inbox) {
      if (!mayDeliver()) break;
      deliverFrame(frame);
      delivered += 1;
    }
    inbox = inbox.slice(delivered);
    delivering = false;
    applyReading();
  }

  function mayDeliver(): boolean {
    const fits = framesThisRound < limits.framesPerRound && bytesThisRound < limits.bytesPerRound;
    return fits && unhandled < limits.framesUnhandled && !paused && !held && closeReason === null;
  }

  function deliverFrame(frame: Uint8Array): void {
    framesThisRound += 1;
    bytesThisRound += frame.byteLength;
    round ??= setImmediate(nextRound);
    unhandled += 1;
    deliver({ type: 'frameReceived', connection: id, frame }, frameTaken);
  }

  function frameTaken(): void {
    unhandled -= 1;
    if (unhandled === limits.framesUnhandled - 1 && inbox.length > 0) deliverInbox();
  }

  function receive(frame: Uint8Array): void {
    if (inbox.length === 0 && mayDeliver()) {
      deliverFrame(frame);
      return;
    }
    inbox.push(frame);
    if (inbox.length === 1) applyReading();
  }

  function close(reason: string): void {
    if (closeReason !== null) return;
    closeReason = reason;
    closeTimer = setTimeout(() => ws.terminate(), closeTimeoutMs);
    applyReading();
    flush();
    ws.close(CLOSED_NORMALLY, reason.slice(0, REASON_BYTES_MAX));
  }

  /** Small frames of a turn leave together; their `transmitted` comes when all of them have left. */
  function gather(bytes: number): void {
    if (!corked) {
      corked = true;
      stream.cork();
    }
    if (gatheredBytes + bytes > limits.gatheredBytes) {
      stream.uncork();
      stream.cork();
      gatheredBytes = 0;
    }
    gatheredBytes += bytes;
  }

  function flush(): void {
    if (!corked) return;
    corked = false;
    gatheredBytes = 0;
    stream.uncork();
  }

  ws.on('message', (data: Buffer, isBinary: boolean) => {
    if (closeReason !== null) return;
    if (isBinary) receive(ownBytes(data));
    else close('textFrame');
  });
  // Our keepalive is a frame of the wire format; ws's own control frames are only a way to keep us busy.
  ws.on('ping', () => close('unexpectedPing'));
  ws.on('pong', () => close('unexpectedPong'));
  ws.on('error', (error: NodeJS.ErrnoException) => {
    closeReason ??= errorReason(error);
    ws.terminate();
  });
  ws.on('close', (code: number, text: Buffer) => {
    if (closeTimer !== null) clearTimeout(closeTimer);
    if (round !== null) clearImmediate(round);
    inbox = [];
    options.onClosed();
    deliver({ type: 'connectionClosed', connection: id, reason: closeReason ?? remoteReason(code, text.toString()) });
  });

  return {
    close,
    flush,
    transmit(frame) {
      const bytes = frame.byteLength;
      gather(bytes);
      ws.send(frame, () => deliver({ type: 'transmitted', connection: id, bytes }));
    },
    setPaused(wanted) {
      paused = wanted;
      deliverInbox();
    },
    setHeld(wanted) {
      held = wanted;
      deliverInbox();
    },
  };
}

/**
 * The frame as a Uint8Array that is safe to keep and to clone. ws gives views into what the socket read, up to 64 KiB,
 * or into Node's pool: a clone copies the whole of that, and keeping a vote keeps it all. So a frame that is less than
 * half of its memory is copied out.
 */
function ownBytes(data: Buffer): Uint8Array {
  if (data.byteLength * 2 < data.buffer.byteLength) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const ERROR_REASONS: Readonly<Record<string, string>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'frameTooLarge',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'frameTooLarge',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'tooManyParts',
  ECONNRESET: 'connectionReset',
  EPIPE: 'connectionReset',
  ETIMEDOUT: 'timedOut',
};

function errorReason(error: NodeJS.ErrnoException): string {
  const code = error.code ?? 'unknown';
  return ERROR_REASONS[code] ?? (code.startsWith('WS_ERR_') ? 'malformedWebSocket' : `socketError ${code}`);
}

const CODE_ABNORMAL = 1006;

function remoteReason(code: number, text: string): string {
  if (code === CODE_ABNORMAL) return 'connectionLost';
  return OUR_REASON.test(text) ? `closedByPeer ${text}` : `closedByPeer ${code}`;
}
