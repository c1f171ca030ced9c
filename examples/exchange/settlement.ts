/** A batch trades as a whole or not at all, and whoever looks at it sees in one pass whether it may. */
import { type Changes, HOUSE, type Holdings } from './holdings.js';
import { ASSETS, agrees, type Batch, proceeds } from './market.js';

/**
 * Lets the offers of a batch trade, and returns what that changed; null, with nothing changed, where one of them does not
 * agree to the prices or is not covered by what its account held before, or where the exchange would pay out more of an
 * asset than it takes in. How the prices were found is of no importance: nobody gets less than his limit, and nothing is
 * made out of nothing.
 */
export function settle(holdings: Holdings, { prices, offers }: Batch): Changes | null {
  const house = Array.from({ length: ASSETS }, () => 0);
  let isFair = true;
  for (const offer of offers) {
    isFair &&= agrees(offer, prices) && holdings.of(offer.account, offer.sell) >= offer.quantity;
    if (!isFair) break;
    holdings.add(offer.account, offer.sell, -offer.quantity);
    house[offer.sell] = (house[offer.sell] ?? 0) + offer.quantity;
    house[offer.buy] = (house[offer.buy] ?? 0) - proceeds(offer, prices);
  }
  if (!isFair || house.some((units) => units < 0)) {
    holdings.undo(holdings.takeChanges());
    return null;
  }
  for (const offer of offers) holdings.add(offer.account, offer.buy, proceeds(offer, prices));
  for (const [asset, units] of house.entries()) holdings.add(HOUSE, asset, units);
  return holdings.takeChanges();
}
