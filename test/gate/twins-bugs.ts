import type { PlantedBug } from './planted-bug.js';

const TWINS = 'simulation/twins';
const THREE_CHAIN = 'three-chain: four replicas, one with a twin*';
const IN_TURN = '*never in consecutive views*';

/** What two copies of a replica in a parted network bring to light, without anybody who lies. */
export const twinsBugs: readonly PlantedBug[] = [
  {
    bug: 'twins: two-chain commits without consecutive views',
    file: 'src/protocol/rules/two-chain',
    find: 'first !== undefined && second.view === first.view + 1',
    replace: 'first !== undefined',
    caughtBy: TWINS,
    match: IN_TURN,
  },
  {
    bug: 'twins: three-chain commits without consecutive views',
    file: 'src/protocol/rules/three-chain',
    find: `third.view !== second.view + 1)
        return null;
    const first = headerOf(second.justify.block);
    return first !== undefined && second.view === first.view + 1 ?`,
    replace: `false)
        return null;
    const first = headerOf(second.justify.block);
    return first !== undefined ?`,
    caughtBy: TWINS,
    match: IN_TURN,
  },
  {
    bug: 'twins: three-chain has no lock',
    file: 'src/protocol/rules/three-chain',
    find: "proposal.extendsLock || unlocks ? null : 'conflictsWithLock'",
    replace: 'null',
    caughtBy: TWINS,
    match: THREE_CHAIN,
  },
  {
    bug: 'twins: a quorum is 2f',
    file: 'src/protocol/quorum',
    find: 'return n - faultBound(n);',
    replace: 'return Math.max(1, 2 * faultBound(n));',
    caughtBy: TWINS,
    match: THREE_CHAIN,
  },
];
