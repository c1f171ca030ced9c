import { clientBugs } from './client-bugs.js';
import { consensusBugs } from './consensus-bugs.js';
import { corpusBugs } from './corpus-bugs.js';
import { harnessBugs } from './harness-bugs.js';
import { leaderBugs } from './leader-bugs.js';
import { networkBugs } from './network-bugs.js';
import type { PlantedBug } from './planted-bug.js';
import { protocolBugs } from './protocol-bugs.js';
import { regressionBugs } from './regression-bugs.js';
import { runtimeBugs } from './runtime-bugs.js';
import { speculationBugs } from './speculation-bugs.js';
import { storageBugs } from './storage-bugs.js';
import { twinsBugs } from './twins-bugs.js';

/** Every bug that the gate plants, in its order. */
export const plantedBugs: readonly PlantedBug[] = [
  ...consensusBugs,
  ...leaderBugs,
  ...protocolBugs,
  ...storageBugs,
  ...clientBugs,
  ...networkBugs,
  ...runtimeBugs,
  ...speculationBugs,
  ...twinsBugs,
  ...corpusBugs,
  ...harnessBugs,
  ...regressionBugs,
];

/** How often the text that `bug` replaces stands in `compiled`, its file: a bug can be planted where that is once. */
export function placesOf({ find }: Pick<PlantedBug, 'find'>, compiled: string): number {
  return compiled.split(find).length - 1;
}
