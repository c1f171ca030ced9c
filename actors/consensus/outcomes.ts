/** What became of blocks that the application asked after: certified, or left behind. */
import type { BlockHash, View } from '../../src/protocol/numbers.js';
import type { QcOutcome } from '../pacemaker/requests.js';
import type { ConsensusContext } from './context.js';

/** Follows a block until it is decided what becomes of it. One that is neither held nor still to be executed is unknown. */
export function watch(context: ConsensusContext, hash: BlockHash): void {
  const block = context.tree.get(hash);
  if (block !== undefined) context.watched.set(hash, block.header.view);
  else tell(context, hash, context.lives.phaseOf(hash) === undefined ? 'unknown' : 'certified');
}

/** Tells what is decided by now, once for each block that is watched. */
export function tellOutcomes(context: ConsensusContext): void {
  for (const [hash, view] of context.watched) {
    const outcome = outcomeOf(context, hash, view);
    if (outcome === null) continue;
    context.watched.delete(hash);
    tell(context, hash, outcome);
  }
}

/**
 * A block that was held has left the tree undecided when a conflicting one was committed, or it made room. Otherwise it is
 * superseded when this replica goes on to a later view without a certificate for it, once it holds the block that the
 * highest certificate names: until then that may stand on this one, and certify it.
 */
function outcomeOf({ lives, view, heldQc, safety }: ConsensusContext, hash: BlockHash, own: View): QcOutcome | null {
  const phase = lives.phaseOf(hash);
  if (phase === undefined) return 'superseded';
  if (phase !== 'undecided.proposed') return 'certified';
  return view > own && heldQc.view >= safety.state.highQc.view ? 'superseded' : null;
}

function tell(context: ConsensusContext, block: BlockHash, outcome: QcOutcome | 'unknown'): void {
  context.effects.push({ type: 'send', to: 'pacemaker', message: { type: 'qcDecided', block, outcome } });
}
