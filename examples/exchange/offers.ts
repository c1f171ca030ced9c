import { ACCOUNTS, ASSETS, LIMIT_ONE, type Offer, quotient } from './market.js';

/** Where a leader's offers come from: those for the batch of a number. */
export type OfferSource = (batch: number) => readonly Offer[];

/** What a unit of each asset is worth to those who make offers, about. */
const WORTH = [100, 150, 80, 240, 60, 120, 200, 90] as const;

/**
 * Returns a source of `count` offers a batch, which follow from `seed` and the batch's number alone. Traders differ about
 * what things are worth by a tenth up or down. An exchange for people would gather their offers here instead.
 */
export function seededOffers({ seed, count }: { readonly seed: number; readonly count: number }): OfferSource {
  return (batch) => {
    const draw = xorshift32(Math.imul(seed, 0x9e3779b1) ^ Math.imul(batch, 0x85ebca6b));
    return Array.from({ length: count }, () => {
      const sell = draw(ASSETS);
      const buy = (sell + 1 + draw(ASSETS - 1)) % ASSETS;
      const ratio = quotient((WORTH[sell] ?? 1) * LIMIT_ONE * (90 + draw(21)), (WORTH[buy] ?? 1) * 100);
      return { account: draw(ACCOUNTS), sell, buy, quantity: 1 + draw(1000), limit: ratio };
    });
  };
}

/** Source: Marsaglia, Xorshift RNGs, 2003. Draws whole numbers from 0 to below a bound. */
function xorshift32(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
