/** What is traded, by whom, and what an offer is worth at a batch's prices. Whole numbers only, all far below 2^53. */

/** Assets are 0 .. 7, accounts 0 .. 511. */
export const ASSETS = 8;
export const ACCOUNTS = 512;
/** A price is 1 to this; only ratios of prices mean anything. */
export const PRICE_MAX = 65_535;
/** Of what an offer is worth the exchange keeps a 64th part: what is left over where prices do not clear to the unit. */
const KEPT = { parts: 1, of: 64 };
/** A limit of so much says: at least one unit for a unit. */
export const LIMIT_ONE = 1024;

/** Sells `quantity` units of one asset for another, all or none, in its batch or never. */
export interface Offer {
  readonly account: number;
  readonly sell: number;
  readonly buy: number;
  /** 1 .. 65,535. */
  readonly quantity: number;
  /** For a unit sold at least so many 1024ths of a unit bought; 0 .. 65,535. */
  readonly limit: number;
}

/** By asset. */
export type Prices = readonly number[];

/** A batch of offers that all trade at one set of prices: the block of this machine. */
export interface Batch {
  /** Batches count from 1, without gaps. */
  readonly number: number;
  readonly prices: Prices;
  readonly offers: readonly Offer[];
}

/** Returns the price of an asset. */
export function priceOf(prices: Prices, asset: number): number {
  return prices[asset] ?? 1;
}

/** Returns what an offer gets at these prices, in units of the asset that it buys, rounded down. */
export function proceeds({ sell, buy, quantity }: Offer, prices: Prices): number {
  const worth = quantity * priceOf(prices, sell) * (KEPT.of - KEPT.parts);
  return quotient(worth, priceOf(prices, buy) * KEPT.of);
}

/** Whether an offer agrees to trade at these prices. */
export function agrees(offer: Offer, prices: Prices): boolean {
  const units = proceeds(offer, prices);
  return units > 0 && units * LIMIT_ONE >= offer.limit * offer.quantity;
}

/** Returns a ÷ b in whole numbers, towards zero: exact for all whole numbers, which `Math.trunc(a / b)` is not. */
export function quotient(a: number, b: number): number {
  return (a - (a % b)) / b;
}
