/** A client's side of the wire: what it says as frames, and what a replica's frames mean. */
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';

/** What one frame of a replica meant. */
export type Heard =
  /** The replica's own greeting, of this cluster and of the identity that was dialled. */
  | { readonly type: 'greeted' }
  | { readonly type: 'answer'; readonly answer: ClientAnswer }
  /** A part of a longer message. */
  | { readonly type: 'incomplete' }
  | { readonly type: 'unreadable'; readonly reason: string };

/** Reads the frames of one connection, in order. */
export interface AnswerReader {
  read(frame: Uint8Array): Heard;
}

export interface Speech {
  hello(): Uint8Array;
  encode(request: ClientRequest): readonly Uint8Array[];
  reader(replica: ReplicaId): AnswerReader;
}
