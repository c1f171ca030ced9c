/** Where random bytes come from. Only hosts and composition call it; behaviours are deterministic. */
export interface RandomSource {
  /** `count` fresh bytes that nobody can predict. */
  bytes(count: number): Uint8Array;
}
