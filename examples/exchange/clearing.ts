/**
 * Finding a batch, which is dear: prices at which of each asset about as much is sold as is wanted, and then the offers
 * that trade at them. Source: tâtonnement, as in SPEEDEX (arXiv:2111.02719), section 5; departures: whole numbers, and
 * offers that trade in full or not at all, so that some give way where an asset runs out: those that sell what there is most of.
 */
import type { Holdings } from './holdings.js';
import { ASSETS, agrees, type Offer, PRICE_MAX, type Prices, priceOf, proceeds, quotient } from './market.js';

/** The step of a price is made smaller so many times in a search. */
const SLOWDOWNS = 8;
const RATIO_ONE = 1024;

/**
 * Returns what the prices come to in so many rounds that begin at `start`, with steps that get smaller. Each round is a
 * pass over all offers.
 */
export function clearingPrices(offers: readonly Offer[], start: Prices, rounds: number): Prices {
  let prices = start;
  for (let round = 0; round < rounds; round += 1) {
    const { sold, wanted } = worths(offers, prices);
    const slowness = 2 ** (1 + quotient(round * SLOWDOWNS, rounds));
    prices = scaled(prices.map((price, asset) => nextPrice(price, sold[asset] ?? 0, wanted[asset] ?? 0, slowness)));
  }
  return prices;
}

/** Returns the offers, in their order, that can trade at these prices all together. */
export function tradesAt(prices: Prices, offers: readonly Offer[], holdings: Holdings): readonly Offer[] {
  const trades = covered(offers, holdings).filter((offer) => agrees(offer, prices));
  const spare = spareUnits(trades, prices);
  for (let place = givesWay(trades, prices, spare); place !== null; place = givesWay(trades, prices, spare)) {
    for (const offer of trades.splice(place, 1)) {
      spare[offer.buy] = (spare[offer.buy] ?? 0) + proceeds(offer, prices);
      spare[offer.sell] = (spare[offer.sell] ?? 0) - offer.quantity;
    }
  }
  return trades;
}

/** What the offers that agree would sell, and get, of each asset, in worth. */
function worths(offers: readonly Offer[], prices: Prices): { readonly sold: number[]; readonly wanted: number[] } {
  const sold = Array.from({ length: ASSETS }, () => 0);
  const wanted = Array.from({ length: ASSETS }, () => 0);
  for (const offer of offers) {
    if (!agrees(offer, prices)) continue;
    const worth = offer.quantity * priceOf(prices, offer.sell);
    sold[offer.sell] = (sold[offer.sell] ?? 0) + worth;
    wanted[offer.buy] = (wanted[offer.buy] ?? 0) + worth;
  }
  return { sold, wanted };
}

/** What is wanted more than it is sold gets dearer. */
function nextPrice(price: number, sold: number, wanted: number, slowness: number): number {
  if (sold === wanted) return price;
  const ratio = quotient((wanted - sold) * RATIO_ONE, sold + wanted);
  const step = quotient(price * ratio, RATIO_ONE * slowness) || Math.sign(wanted - sold);
  return price + step;
}

/** The same prices to each other, as fine as they can be told: the highest is the highest that there is. */
function scaled(prices: Prices): Prices {
  const highest = Math.max(...prices);
  return prices.map((price) => Math.max(1, quotient(price * PRICE_MAX, highest)));
}

/** The offers that their accounts can serve together, first come first served. */
function covered(offers: readonly Offer[], holdings: Holdings): readonly Offer[] {
  const left = new Map<number, number>();
  return offers.filter(({ account, sell, quantity }) => {
    const key = account * ASSETS + sell;
    const rest = (left.get(key) ?? holdings.of(account, sell)) - quantity;
    if (rest >= 0) left.set(key, rest);
    return rest >= 0;
  });
}

/** By asset: the units that more are sold than paid out; below zero where some are missing. */
function spareUnits(trades: readonly Offer[], prices: Prices): number[] {
  const spare = Array.from({ length: ASSETS }, () => 0);
  for (const offer of trades) {
    spare[offer.sell] = (spare[offer.sell] ?? 0) + offer.quantity;
    spare[offer.buy] = (spare[offer.buy] ?? 0) - proceeds(offer, prices);
  }
  return spare;
}

/** Which offer gives way: of those that buy what is missing most, the one that leaves most of what it sells; null for none. */
function givesWay(trades: readonly Offer[], prices: Prices, spare: readonly number[]): number | null {
  const worth = spare.map((units, asset) => units * priceOf(prices, asset));
  const scarcest = worth.indexOf(Math.min(...worth));
  if ((worth[scarcest] ?? 0) >= 0) return null;
  let best: { readonly place: number; readonly leaves: number } | null = null;
  for (const [place, { sell, buy, quantity }] of trades.entries()) {
    const leaves = (worth[sell] ?? 0) - quantity * priceOf(prices, sell);
    if (buy === scarcest && leaves >= (best?.leaves ?? leaves)) best = { place, leaves };
  }
  return best?.place ?? null;
}
