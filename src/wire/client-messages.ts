/** What clients and replicas say to each other, once decoded. The codecs stand beside it in this folder. */
import type { BlockHash, ClientId, Height, ReplicaId, Sequence, View } from '../protocol/numbers.js';
import type { Command } from './peer-messages.js';

/** One command's outcome: the machine's reply bytes, identical on every correct replica. */
export interface CommandReply {
  readonly sequence: Sequence;
  readonly reply: Uint8Array;
}

/** Why a command was not taken; the client may send it again. */
export type RefusalReason = 'poolFull' | 'invalid' | 'tooLarge' | 'stopping' | 'sequenceTooOld';

/** A line of `hotstuff log`. */
export interface BlockSummary {
  readonly height: Height;
  readonly view: View;
  readonly hash: BlockHash;
  readonly parent: BlockHash;
  readonly proposer: ReplicaId;
  readonly bodyBytes: number;
  readonly commands: number;
}

/** What a replica says of itself. */
export interface ReplicaStatus {
  readonly id: ReplicaId;
  readonly view: View;
  readonly leader: ReplicaId;
  readonly committedHeight: Height;
  /** Of the state after the block at `committedHeight`: 64 lower-case hex digits. */
  readonly stateHash: string;
}

/** What a client asks of a replica. The answer to a question bears its `token`, which the client chooses. */
export type ClientRequest =
  /**
   * The sessions whose replies and refusals are to come by this connection, from now on and besides others. The first
   * request of a connection: the client tells it to every replica and sends its commands to one of them.
   */
  | { readonly type: 'attach'; readonly clients: readonly ClientId[] }
  | { readonly type: 'submit'; readonly client: ClientId; readonly commands: readonly Command[] }
  | { readonly type: 'status'; readonly token: number }
  | { readonly type: 'log'; readonly token: number; readonly fromHeight: Height; readonly maxBlocks: number }
  /** The proofs of equivocation that the replica keeps against another. */
  | { readonly type: 'evidence'; readonly token: number; readonly accused: ReplicaId };

/** What a replica tells a client: answers to its questions, by `token`, and what becomes of its commands. */
export type ClientAnswer =
  /** One frame per block and client: the replies in the order of the block. */
  | {
      readonly type: 'replies';
      readonly client: ClientId;
      readonly height: Height;
      readonly replies: readonly CommandReply[];
    }
  | {
      readonly type: 'refused';
      readonly client: ClientId;
      readonly reason: RefusalReason;
      readonly sequences: readonly Sequence[];
    }
  /** A hint where to send commands; the client follows it only with f+1 equal ones or when it has no better. */
  | { readonly type: 'leader'; readonly view: View; readonly leader: ReplicaId }
  | { readonly type: 'status'; readonly token: number; readonly status: ReplicaStatus }
  | {
      readonly type: 'log';
      readonly token: number;
      readonly blocks: readonly BlockSummary[];
      readonly committedHeight: Height;
    }
  /** Each as `encodeEquivocation` makes it, which whoever asked has to decode and to check. */
  | { readonly type: 'evidence'; readonly token: number; readonly proofs: readonly Uint8Array[] };
