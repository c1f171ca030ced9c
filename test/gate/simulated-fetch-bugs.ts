import type { SimulatedBug } from './planted-bug.js';

/** Blocks that are looked for in vain, or in the wrong order: they show where crashes have taken some from every disk. */
export const simulatedFetchBugs: readonly SimulatedBug[] = [
  {
    bug: 'while a block that may be lost is looked for, none of a lower view is',
    file: 'actors/consensus/proposals',
    find: 'askForParent(context);',
    replace: '',
    options: { rule: 'three-chain', liarsProbability: 0 },
  },
];
