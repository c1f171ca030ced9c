/** The statechart of one block's life at one replica. */
import { setup } from 'xstate';
import { compile, type EventOf, type StateOf } from './compile.js';

/**
 * A block's life in the phases of the paper: `proposed`, `prepared` by a quorum certificate of its own, `preCommitted` by
 * one of a child (three-chain locks it then), `committed` when the commit rule decides it or a descendant, `executed` by
 * the state machine, and `pruned` once a later block is the last committed one. Until it is decided it may be `abandoned`:
 * a conflicting block was committed, or it made room in a full tree. A certificate may come again, and late.
 * Source: HotStuff, arXiv:1803.05069, Alg. 2 (prepare, pre-commit, commit, decide) and section 5 (the same phases, in a
 * chain).
 */
export const blockMachine = setup({
  types: {
    events: {} as
      | { type: 'certified' }
      | { type: 'childCertified' }
      | { type: 'decided' }
      | { type: 'executed' }
      /** A later block is the last committed one. */
      | { type: 'overtaken' }
      | { type: 'abandoned' },
  },
  actions: { forget: () => {} },
}).createMachine({
  id: 'block',
  initial: 'undecided',
  on: { certified: {}, childCertified: {} },
  states: {
    undecided: {
      initial: 'proposed',
      on: { abandoned: 'abandoned' },
      states: {
        proposed: { on: { certified: 'prepared' } },
        prepared: { on: { childCertified: 'preCommitted' } },
        preCommitted: { on: { decided: '#block.committed' } },
      },
    },
    committed: { on: { executed: 'executed', overtaken: {} } },
    executed: { on: { overtaken: 'pruned' } },
    pruned: { type: 'final', entry: 'forget' },
    abandoned: { type: 'final', entry: 'forget' },
  },
});

/** What steps blocks through {@link blockMachine}. It keeps no state: one chart serves every block. */
export const blockChart = compile(blockMachine);
/** How far a block has come: `undecided.proposed`, `committed` and so on. */
export type BlockPhase = StateOf<typeof blockMachine>;
/** The name of something that happens to a block; none of them carries data. */
export type BlockEvent = EventOf<typeof blockMachine>['type'];
