import { checkOptions, checkValue } from '../../src/config/check-options.js';
import { type OptionTable, whole } from '../../src/config/option-kinds.js';
import type { Logger } from '../../src/logger.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import { GROUP_HEADER_BYTES } from '../../src/wire/command-batch.js';
import { ENTRY_HEADER_BYTES } from '../../src/wire/sequenced-entries.js';
import type { ForwardWindow } from './forward-pace.js';
import type { SessionLimits } from './session-table.js';
import { checkSpeculation, type SpeculationOptions } from './speculation-options.js';

/** The rows of the table of limits that bound this actor. */
export interface ProposalGeneratorLimits extends SessionLimits {
  readonly commandBytes: number;
  readonly poolCommands: number;
  readonly poolBytes: number;
  readonly poolClients: number;
  readonly peerPoolCommands: number;
  readonly peerPoolBytes: number;
  readonly forwardedShare: number;
  readonly forwardBytes: number;
  readonly forwardWindow: ForwardWindow;
  readonly forwardAgainMs: number;
  readonly peerCreditWindowMs: number;
  readonly bodyBytes: number;
  readonly bodyCommands: number;
  readonly executionBacklogBlocks: number;
  readonly executionBacklogBytes: number;
  readonly stoppingCallMs: number;
}

/** When a body is full, and how long one that is not may wait. */
export interface BatchOptions {
  /** Commands in a body, at most. */
  readonly commands: number;
  /** Bytes of a body, at most. */
  readonly bytes: number;
  /** Milliseconds that a body may wait for company while another block is in flight; 0: it never waits. */
  readonly ms: number;
}

/** What `createProposalGenerator` takes. */
export interface ProposalGeneratorOptions {
  readonly id: ReplicaId;
  /** n. */
  readonly replicas: number;
  readonly limits: ProposalGeneratorLimits;
  readonly batch: BatchOptions;
  /** The machine's own: asked before a command enters the pool. It is called with this actor, on its thread. */
  readonly validate?: (command: Uint8Array) => boolean;
  /** Given for a speculative machine, with the views of a tenure; left out for one that takes commands. */
  readonly speculation?: SpeculationOptions & { readonly tenureLength: number };
  readonly log: Logger;
}

/** What each bound of a batch may be. */
export function batchTable(
  limits: Pick<ProposalGeneratorLimits, 'bodyBytes' | 'bodyCommands' | 'commandBytes'>,
): OptionTable<BatchOptions> {
  return {
    commands: whole(1, limits.bodyCommands),
    bytes: whole(oneCommand(limits), limits.bodyBytes),
    ms: whole(0, 60_000),
  };
}

/** The bytes of a body, or of a message to a peer, that holds one command of full size. */
function oneCommand({ commandBytes }: Pick<ProposalGeneratorLimits, 'commandBytes'>): number {
  return commandBytes + ENTRY_HEADER_BYTES + GROUP_HEADER_BYTES;
}

/** @throws ConfigurationError for a batch or a message that could not hold one command of full size, or a buffer that cannot be. */
export function checkGeneratorOptions({ batch, limits, speculation }: ProposalGeneratorOptions): void {
  if (speculation !== undefined) checkSpeculation(speculation);
  checkOptions(batchTable(limits), batch, { call: 'createProposalGenerator', place: 'batch.', complete: true });
  const most = Number.MAX_SAFE_INTEGER;
  checkValue('limits.forwardBytes', limits.forwardBytes, whole(oneCommand(limits), limits.bodyBytes));
  checkValue('limits.peerPoolBytes', limits.peerPoolBytes, whole(2 * oneCommand(limits), most));
  checkValue('limits.peerPoolCommands', limits.peerPoolCommands, whole(2, most));
}
