import type { Equivocation } from '../../src/protocol/evidence.js';
import type { ConsensusContext } from './context.js';

/**
 * Keeps a proof that a replica signed two different messages of one view, and has it written; says so in the log at the
 * first of its kind against that replica, in all lives of this one (DESIGN section 4, Evidence).
 */
export function keepEvidence({ evidence, durability, settings }: ConsensusContext, proof: Equivocation): void {
  const { kind, replica, view } = proof;
  const outcome = evidence.record(proof);
  if (outcome === 'recorded') durability.writeEvidence(proof);
  const counted = outcome === 'recorded' || outcome === 'full';
  if (counted && evidence.countOf(replica, kind) === 1)
    settings.log.warn('equivocationProved', { accused: replica, kind, view });
}
