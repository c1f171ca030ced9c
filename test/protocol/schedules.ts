/** Arbitrary schedules for the model: how a fast-check property chooses the adversary's steps. */
import fc from 'fast-check';
import type { Action, Setup } from './model.js';

const EVERYBODY = 31;

/** n = 4 … 7 with tenures of 1 … 3 views: f is 1, or 2 at n = 7, and n = 5, 6 have more replicas than 3f + 1. */
export const setups: fc.Arbitrary<Setup> = fc.record({
  replicas: fc.constantFrom(4, 4, 4, 5, 6, 7),
  tenureLength: fc.constantFrom(1, 1, 2, 3),
});

/** Mostly what makes progress (the highest certificate, everybody reached), so that there is something to fork from. */
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.oneof(
    weighted('propose', 6),
    weighted('proposeAfterTc', 4),
    weighted('proposeAhead', 1),
    weighted('showAgain', 1),
    weighted('giveUp', 4),
    weighted('restart', 1),
  ),
  pick: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
  reached: mask(),
  informed: mask(),
});

export const actions: fc.Arbitrary<Action[]> = fc.array(action, { minLength: 10, maxLength: 40, size: 'max' });

function mask(): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(EVERYBODY), fc.nat(EVERYBODY), fc.nat(EVERYBODY));
}

function weighted(kind: Action['kind'], weight: number): { arbitrary: fc.Arbitrary<Action['kind']>; weight: number } {
  return { arbitrary: fc.constant(kind), weight };
}
