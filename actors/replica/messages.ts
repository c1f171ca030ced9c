import type { Height, ReplicaId, View } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { SubmissionAnswer } from '../gateway/messages.js';
import type { RequestAnswer } from '../pacemaker/requests.js';
import type { ProposalBuffer } from '../proposal-generator/messages.js';
import type { ReplicaPart } from './stop-order.js';

/** The actor that owns the replica's life: it starts and stops the others in order, and tells the application. */
export type ReplicaMessage =
  | { readonly type: 'startRequested' }
  | { readonly type: 'storeRecovered'; readonly committedHeight: Height }
  | { readonly type: 'machineReady'; readonly height: Height }
  | { readonly type: 'listening'; readonly role: 'network' | 'gateway'; readonly port: number }
  /** Consensus holds every block below its high QC (`behind` false), or misses some (`behind` true). */
  | { readonly type: 'syncChanged'; readonly behind: boolean }
  | { readonly type: 'viewEntered'; readonly view: View; readonly leader: ReplicaId }
  | { readonly type: 'blocksCommitted'; readonly blocks: readonly Block[] }
  /** The pacemaker's answer to a request of the application. */
  | { readonly type: 'requestAnswered'; readonly request: number; readonly answer: RequestAnswer }
  /** The gateway's answers to commands that the application has submitted here. */
  | { readonly type: 'submissionsAnswered'; readonly answers: readonly SubmissionAnswer[] }
  | { readonly type: 'proposalBufferChanged'; readonly buffer: ProposalBuffer }
  | { readonly type: 'operationFailed'; readonly code: string; readonly detail: string }
  | { readonly type: 'stopRequested' }
  /** One part of the ordered stop is done. */
  | { readonly type: 'partStopped'; readonly role: ReplicaPart };

/** Told to the application by the facade. */
export type ReplicaEffect =
  | { readonly type: 'reportPhase'; readonly phase: string }
  | { readonly type: 'reportRecovered'; readonly committedHeight: Height }
  | { readonly type: 'reportListening'; readonly peerPort: number; readonly clientPort: number }
  | { readonly type: 'reportCommitted'; readonly blocks: readonly Block[] }
  | { readonly type: 'reportView'; readonly view: View; readonly leader: ReplicaId }
  | { readonly type: 'reportAnswer'; readonly request: number; readonly answer: RequestAnswer }
  | { readonly type: 'reportSubmissions'; readonly answers: readonly SubmissionAnswer[] }
  | { readonly type: 'reportProposalBuffer'; readonly buffer: ProposalBuffer }
  | { readonly type: 'reportFailure'; readonly code: string; readonly detail: string }
  | { readonly type: 'reportStopped' };
