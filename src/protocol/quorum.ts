/**
 * Returns how many of `n` replicas may be faulty: f = ⌊(n−1)/3⌋.
 * Source: HotStuff, arXiv:1803.05069, section 3 (n = 3f + 1); with n between two such sizes f is that of the smaller.
 */
export function faultBound(n: number): number {
  return Math.floor((n - 1) / 3);
}

/**
 * Returns how many replicas make a quorum: q = n − f.
 * Two quorums share at least n − 2f ≥ f + 1 replicas, one correct among them, and the correct ones alone are a quorum.
 * Source: HotStuff, arXiv:1803.05069, section 3. Departure: n − f and not 2f + 1, which is too few when n > 3f + 1.
 */
export function quorumSize(n: number): number {
  return n - faultBound(n);
}
