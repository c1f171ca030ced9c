import { ACCOUNTS, ASSETS } from './market.js';

/** The account of the exchange itself, beside those of the traders. */
export const HOUSE = ACCOUNTS;
/** What each trader begins with of each asset. All units of an asset together stay below 2^31. */
export const ENDOWMENT = 1_000_000;

/** Places and what was added there, in turn. Taking it off again undoes a batch, whatever the order. */
export type Changes = readonly number[];

/** Who holds how much of what. Everything that is done can be undone. */
export class Holdings {
  /** By account, then by asset. */
  readonly #units = new Int32Array((ACCOUNTS + 1) * ASSETS).fill(ENDOWMENT, 0, ACCOUNTS * ASSETS);
  #changes: number[] = [];

  of(account: number, asset: number): number {
    return this.#units[account * ASSETS + asset] ?? 0;
  }

  add(account: number, asset: number, units: number): void {
    const place = account * ASSETS + asset;
    this.#units[place] = (this.#units[place] ?? 0) + units;
    this.#changes.push(place, units);
  }

  /** Returns what was changed since it was called last. */
  takeChanges(): Changes {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  undo(changes: Changes): void {
    revert(this.#units, changes);
  }

  /** Returns all units without these changes. */
  unitsWithout(changes: readonly Changes[]): Int32Array {
    const units = this.#units.slice();
    for (const each of changes) revert(units, each);
    return units;
  }
}

function revert(units: Int32Array, changes: Changes): void {
  for (let at = 0; at < changes.length; at += 2) {
    const place = changes[at] ?? 0;
    units[place] = (units[place] ?? 0) - (changes[at + 1] ?? 0);
  }
}
