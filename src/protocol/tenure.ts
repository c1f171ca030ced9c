/**
 * Views and tenures: tenure k is the views k·T .. k·T + T − 1, all led by one replica (DESIGN section 4).
 * `length` is T, the cluster's `tenure`, at least 1. T = 1 is the paper's rotation at every view.
 */
import { asTenure, asView, type Tenure, type View } from './numbers.js';

/** Returns the tenure that `view` lies in. */
export function tenureOf(view: View, length: number): Tenure {
  return asTenure(Math.floor(view / length));
}

/** Returns the first view of `tenure`. */
export function firstViewOf(tenure: Tenure, length: number): View {
  return asView(tenure * length);
}

/** Returns the last view of `tenure`. */
export function lastViewOf(tenure: Tenure, length: number): View {
  return asView(tenure * length + length - 1);
}

/** Returns the view after `view`. */
export function nextView(view: View): View {
  return asView(view + 1);
}

/** Returns the tenure after `tenure`: the one that a TC for `tenure` enters. */
export function nextTenure(tenure: Tenure): Tenure {
  return asTenure(tenure + 1);
}
