import type { AnyChart } from '../../machines/chart.js';

/** Who decides when to propose: the pacemaker, by the work that there is, or the application. */
export type PacemakerMode = 'automatic' | 'manual';

/** What `createPacemaker` takes. */
export interface PacemakerOptions {
  /** Base of the view timer, milliseconds. */
  readonly baseTimeoutMs: number;
  /** By default `automatic`. */
  readonly mode?: PacemakerMode;
  /** Another compiled chart, for tests that leave out a transition. */
  readonly chart?: AnyChart;
}
