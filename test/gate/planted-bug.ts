/** A small change of a compiled file. */
export interface Plant {
  /** The compiled file, relative to `dist/`, without `.js`. */
  readonly file: string;
  /** Stands in that file exactly once; the gate refuses it otherwise, so that no plant rots in silence. */
  readonly find: string;
  readonly replace: string;
}

/** A bug to plant in the compiled code, and the tests that must notice it. */
export interface PlantedBug extends Plant {
  /** What is broken, as a claim that is false of the sound code. */
  readonly bug: string;
  /** The test file that must fail, relative to `dist/test/`, without `.test.js`. */
  readonly caughtBy: string;
  /** Other code that would keep the bug harmless, and is taken away with it. */
  readonly guards?: readonly Plant[];
  /** Which of its tests are run, as ava's `--match`; all of them where it is left out. */
  readonly match?: string;
}

/** A bug that the simulator must find, and the seeds among which it does. */
export interface SimulatedBug extends Plant, Pick<PlantedBug, 'bug'> {
  /** Guards that stand before what is broken, and are taken away too. */
  readonly guards?: readonly Plant[];
  /** As of `hotstuff simulate`; by default `vopr`. */
  readonly mode?: string;
  /** What the seeds do not draw. */
  readonly options?: {
    readonly rule?: 'three-chain' | 'two-chain';
    readonly tenure?: number;
    readonly replicas?: number;
    /** Ways to lie, in every run where the probability is 1. */
    readonly strategies?: readonly string[];
    readonly liarsProbability?: number;
    /** Limits that may be tight, in place of all of them. */
    readonly tightLimits?: readonly string[];
    /** Of those that came later, one of which one run in four has. */
    readonly laterTightLimits?: readonly string[];
    readonly speculative?: boolean;
  };
}
