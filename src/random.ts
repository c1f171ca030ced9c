/** A source of random numbers as the rest of the code sees it: seeded in tests, so that a run can be repeated. */
export interface RandomSource {
  /** Uniform in 0 ≤ x < 1. */
  next(): number;
}
