import { createHash } from 'node:crypto';
import { asHeight, type CommittedLog, type StateMachine } from 'hotstuff';
import { parseBatch, serializeBatch } from './batch-bytes.js';
import { clearingPrices, tradesAt } from './clearing.js';
import { type Changes, Holdings } from './holdings.js';
import { ASSETS, type Batch, type Prices } from './market.js';
import type { OfferSource } from './offers.js';
import { settle } from './settlement.js';

export interface ExchangeOptions {
  /** What this replica proposes to trade while it leads. */
  readonly offers: OfferSource;
  /** Rounds of the search for prices: what a proposal costs. */
  readonly rounds: number;
}

/** Where the exchange stands between two batches. */
interface Standing {
  /** Of the last batch that traded. */
  readonly number: number;
  readonly prices: Prices;
}

/** A batch that is applied and not committed. */
interface Pending {
  readonly id: Uint8Array;
  readonly before: Standing;
  readonly changes: Changes;
}

const START: Standing = { number: 0, prices: Array.from({ length: ASSETS }, () => 4096) };

/**
 * An exchange that trades in batches, each at one set of prices. A leader searches for the prices, which takes long, ahead
 * of consensus; whoever executes its batch only sees that everybody in it gets what he asked for. A batch that is not fair,
 * or not the next one, changes nothing, on all replicas alike.
 */
export class Exchange implements StateMachine<Batch> {
  readonly name = 'exchange';
  readonly holdings = new Holdings();
  readonly #options: ExchangeOptions;
  #standing = START;
  readonly #pending: Pending[] = [];

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** The last batch that traded, and the last one that is final. */
  get speculated(): number {
    return this.#standing.number;
  }

  get committed(): number {
    return this.#committedStanding.number;
  }

  async initialize(log: CommittedLog | null): Promise<void> {
    if (log === null) return;
    for await (const { body } of log.blocks(asHeight(1))) {
      const batch = this.parse(body);
      if (batch === null) continue;
      this.execute(batch);
      this.#pending.length = 0;
    }
  }

  /** Null while there is nothing that could trade. */
  propose(): Batch | null {
    const number = this.#standing.number + 1;
    const offers = this.#options.offers(number);
    const prices = clearingPrices(offers, this.#standing.prices, this.#options.rounds);
    const batch = { number, prices, offers: tradesAt(prices, offers, this.holdings) };
    if (batch.offers.length === 0) return null;
    this.execute(batch);
    return batch;
  }

  parse(body: Uint8Array): Batch | null {
    return parseBatch(body);
  }

  serialize(batch: Batch): Uint8Array {
    return serializeBatch(batch);
  }

  idOf(batch: Batch): Uint8Array {
    return createHash('sha256').update(serializeBatch(batch)).digest();
  }

  execute(batch: Batch): void {
    const before = this.#standing;
    const changes = batch.number === before.number + 1 ? settle(this.holdings, batch) : null;
    if (changes !== null) this.#standing = { number: batch.number, prices: batch.prices };
    this.#pending.push({ id: this.idOf(batch), before, changes: changes ?? [] });
  }

  commit(id: Uint8Array): void {
    const place = this.#pending.findIndex((pending) => Buffer.compare(pending.id, id) === 0);
    this.#pending.splice(0, place + 1);
  }

  rewind(): void {
    this.#standing = this.#committedStanding;
    for (const { changes } of this.#pending) this.holdings.undo(changes);
    this.#pending.length = 0;
  }

  /** Worked out when it is asked for: a batch costs nothing for it. */
  stateHash(): Uint8Array {
    const { number, prices } = this.#committedStanding;
    const units = this.holdings.unitsWithout(this.#pending.map(({ changes }) => changes));
    return createHash('sha256').update(`${number} ${prices.join()} ${units.join()}`).digest();
  }

  get #committedStanding(): Standing {
    return this.#pending[0]?.before ?? this.#standing;
  }
}
