import { checkValue } from '../../src/config/check-options.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { limits } from '../../src/config/limits.js';
import { type OptionTable, oneOf, whole } from '../../src/config/option-kinds.js';
import { ConfigurationError } from '../../src/errors.js';

/** How far a speculative machine runs ahead of consensus while its replica leads. */
export interface SpeculationOptions {
  /**
   * Proposals that wait for a block of their own, at most. 0: none is built before consensus wants one, which then waits
   * for it, so that building never overlaps with consensus.
   */
  readonly proposalBufferTarget: number;
  /** Whether the buffer is filled up at once when it is below its target, or only when it is empty. */
  readonly refillProposalBuffer: 'immediately' | 'whenEmpty';
}

/** Three proposals, as in the seed: one round trip of building ahead for each phase of a block. */
export const DEFAULT_SPECULATION: SpeculationOptions = {
  proposalBufferTarget: 3,
  refillProposalBuffer: 'immediately',
};

/** The fewest views of a tenure in which a speculative machine gets anywhere, by commit rule. */
const TENURE_MIN = { 'three-chain': 8, 'two-chain': 6 } as const;

/** What each of them may be. */
export const SPECULATION_TABLE: OptionTable<SpeculationOptions> = {
  proposalBufferTarget: whole(0, limits.proposalBuffer),
  refillProposalBuffer: oneOf('immediately', 'whenEmpty'),
};

/** @throws ConfigurationError for a buffer that cannot be, and for a policy that there is not. */
export function checkSpeculation(options: SpeculationOptions): void {
  checkValue('proposalBufferTarget', options.proposalBufferTarget, SPECULATION_TABLE.proposalBufferTarget);
  checkValue('refillProposalBuffer', options.refillProposalBuffer, SPECULATION_TABLE.refillProposalBuffer);
}

/**
 * Checks that the tenures of a cluster are long enough to speculate in.
 * @throws ConfigurationError that says why they are not.
 */
export function checkTenureForSpeculation({ rule, tenure }: Pick<ClusterConfig, 'rule' | 'tenure'>): void {
  const min = TENURE_MIN[rule];
  if (tenure >= min) return;
  const message =
    `a speculative machine needs a tenure of at least ${min} views under the ${rule} rule; this cluster has ${tenure}. ` +
    'A new leader proposes empty blocks until what its predecessor left uncommitted is committed, and in so short a ' +
    `tenure that leaves it hardly a view for its own. Make the cluster with --tenure ${min} or more, or use commands().`;
  throw new ConfigurationError('TENURE_TOO_SHORT', message, { rule, tenure, min });
}
