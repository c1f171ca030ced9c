import type { PlantedBug } from './planted-bug.js';

const CORPUS = 'simulation/corpus';

/** What the cases of the corpus that broke by a bug of the actors must still show: a case whose run has changed may have lost it. */
export const corpusBugs: readonly PlantedBug[] = [
  {
    bug: 'corpus: a quorum is 2f',
    file: 'src/protocol/quorum',
    find: 'return n - faultBound(n);',
    replace: 'return Math.max(1, 2 * faultBound(n));',
    caughtBy: CORPUS,
    match: 'quorum-of-2f.json*',
  },
  {
    bug: 'corpus: what is signed is sent before its record is durable',
    file: 'actors/consensus/durability',
    find: 'this.#durable.bound >= needs.bound',
    replace: 'this.#record.bound >= needs.bound',
    caughtBy: CORPUS,
    match: 'signed-before-durable.json*',
  },
  {
    bug: 'corpus: a restart tells the generator of certified blocks alone',
    file: 'actors/consensus/recovery',
    find: 'for (const block of context.tree.uncommitted)',
    replace: 'for (const block of certified)',
    caughtBy: CORPUS,
    match: 'uncertified-block-recovered.json*',
  },
  {
    bug: 'corpus: a replica that its leader leaves out is told by nobody',
    file: 'actors/consensus/timeouts',
    find: 'if (timeout.highQcView < safety.state.highQc.view)',
    replace: 'if (false)',
    caughtBy: CORPUS,
    match: 'left-out-for-a-tenure.json*',
  },
  {
    bug: 'corpus: a commit resets the view timer, however long views take',
    file: 'src/protocol/view-timer',
    find: 'viewTimeoutMs(baseMs, kept) < neededMs',
    replace: 'false',
    caughtBy: CORPUS,
    match: 'far-away-and-ahead.json*',
  },
];
