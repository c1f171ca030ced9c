/** The simulator's ledger as tests look at it. */
import { entryIn, LedgerMachine } from '../../actors/simulation/ledger-machine.js';

/** What a plain replay of committed bodies comes to. */
export function replay(bodies: readonly Uint8Array[]): readonly string[] {
  return bodies.flatMap((body) => entryIn(body)?.value ?? []);
}

/** A ledger that keeps what it was asked for against the contract, and counts. */
export class WatchedLedger extends LedgerMachine {
  readonly violations: string[];
  rewinds = 0;

  constructor(author = 'ledger') {
    const violations: string[] = [];
    super(author, (problem) => violations.push(problem));
    this.violations = violations;
  }

  override rewind(): void {
    this.rewinds += 1;
    super.rewind();
  }
}
