import type { Credit, CreditReturned } from './behaviour.js';

interface Tally {
  account: string;
  messages: number;
  units: number;
}

/**
 * The credit that consumers owe to one sender. It waits outside the sender's lanes and grows only by distinct accounts,
 * so that a return is neither refused nor dropped: a lost one would keep a peer's socket paused for ever.
 */
export class CreditsOwed {
  readonly #consumers = new Map<string, Map<string, Tally>>();

  get empty(): boolean {
    return this.#consumers.size === 0;
  }

  add(consumer: string, credit: Credit): void {
    this.#addTo(this.#accountsOf(consumer), credit.account, 1, credit.units);
  }

  /** Adds what another thread has summed up. */
  addAll({ from, accounts }: CreditReturned): void {
    const own = this.#accountsOf(from);
    for (const { account, messages, units } of accounts) this.#addTo(own, account, messages, units);
  }

  /** Takes out all that one consumer owes, as one message; undefined when nobody owes anything. */
  take(): CreditReturned | undefined {
    for (const [from, accounts] of this.#consumers) {
      this.#consumers.delete(from);
      return { type: 'creditReturned', from, accounts: [...accounts.values()] };
    }
    return undefined;
  }

  #addTo(accounts: Map<string, Tally>, account: string, messages: number, units: number): void {
    const tally = accounts.get(account);
    if (tally === undefined) {
      accounts.set(account, { account, messages, units });
    } else {
      tally.messages += messages;
      tally.units += units;
    }
  }

  #accountsOf(consumer: string): Map<string, Tally> {
    const known = this.#consumers.get(consumer);
    if (known !== undefined) return known;
    const fresh = new Map<string, Tally>();
    this.#consumers.set(consumer, fresh);
    return fresh;
  }
}
