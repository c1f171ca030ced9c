/** What the client actor is told and what it asks for. Its roles, sockets and answers stand in one union each. */
import type { Height, ReplicaId } from '../../src/protocol/numbers.js';
import type { RuntimeEffect } from '../../src/runtime/behaviour.js';
import type { BlockSummary, RefusalReason, ReplicaStatus } from '../../src/wire/client-messages.js';
import type { SocketEffect, SocketMessage } from '../sockets.js';

/** One command of the application. `ticket` is the facade's name for it, never used again. */
export interface Submission {
  readonly ticket: number;
  readonly bytes: Uint8Array;
}

/** What one replica said of itself, or that it did not answer in time. */
export type StatusAnswer =
  | ({ readonly reachable: true } & ReplicaStatus)
  | {
      readonly reachable: false;
      readonly id: ReplicaId;
      /** A sentence: what is wrong with it, where more is known than that it does not answer. */
      readonly problem?: string;
    };

/** What the client's actor takes. */
export type ClientMessage =
  /** Start to dial. */
  | { readonly type: 'openClient' }
  /** The submissions of one turn of the application, in its order. */
  | { readonly type: 'commandsSubmitted'; readonly commands: readonly Submission[] }
  /** The application no longer waits for these; they may still be committed. */
  | { readonly type: 'submissionsAbandoned'; readonly tickets: readonly number[] }
  | { readonly type: 'statusAsked'; readonly ticket: number; readonly withinMs: number }
  | {
      readonly type: 'logAsked';
      readonly ticket: number;
      readonly replica: ReplicaId;
      readonly fromHeight: Height;
      readonly maxBlocks: number;
      readonly withinMs: number;
    }
  | {
      readonly type: 'evidenceAsked';
      readonly ticket: number;
      readonly replica: ReplicaId;
      readonly accused: ReplicaId;
      readonly withinMs: number;
    }
  | { readonly type: 'queryExpired'; readonly ticket: number }
  | { readonly type: 'retryDue' }
  | { readonly type: 'dialDue'; readonly replica: ReplicaId }
  | { readonly type: 'greetingExpired'; readonly replica: ReplicaId }
  | SocketMessage
  | { readonly type: 'stopRequested' };

/** Told to the facade, which settles the application's promises. */
export type ClientReport =
  | {
      readonly type: 'answerCommands';
      readonly height: Height;
      /** Replies are copies: the application may keep them. */
      readonly answers: readonly { readonly ticket: number; readonly reply: Uint8Array }[];
    }
  | { readonly type: 'rejectCommand'; readonly ticket: number; readonly reason: RefusalReason }
  /** Too many replicas are not who they should be for the rest to prove any reply. */
  | {
      readonly type: 'rejectUntrusted';
      readonly tickets: readonly number[];
      readonly replicas: readonly ReplicaId[];
      /** A sentence for each of them. */
      readonly problems: readonly string[];
    }
  | { readonly type: 'answerStatus'; readonly ticket: number; readonly replicas: readonly StatusAnswer[] }
  | {
      readonly type: 'answerLog';
      readonly ticket: number;
      readonly blocks: readonly BlockSummary[];
      readonly committedHeight: Height;
    }
  /** As the replica gave them; nothing of it is checked. */
  | { readonly type: 'answerEvidence'; readonly ticket: number; readonly proofs: readonly Uint8Array[] }
  | {
      readonly type: 'rejectLog' | 'rejectEvidence';
      readonly ticket: number;
      readonly replica: ReplicaId;
      /** As in {@link StatusAnswer}. */
      readonly problem?: string;
    };

/** The one actor of a client. */
export type ClientRoles = { readonly client: ClientMessage };
/** What the client's actor may ask for. */
export type ClientEffect = RuntimeEffect<ClientRoles, ClientMessage> | SocketEffect | ClientReport;
