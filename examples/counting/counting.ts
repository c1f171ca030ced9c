import { createHash } from 'node:crypto';
import { asHeight, type CommittedLog, type StateMachine } from 'hotstuff';

/** The seed's `CountingVM`: each block is the next number, and the state is the last one. */
export class Counting implements StateMachine<number> {
  readonly name = 'counting';
  /** The last number that was built or executed, and the last one that is final. */
  speculated = 0;
  committed = 0;

  async initialize(log: CommittedLog | null): Promise<void> {
    if (log === null) return;
    for await (const { body } of log.blocks(asHeight(1))) this.committed = this.parse(body) ?? this.committed;
    this.speculated = this.committed;
  }

  propose(): number {
    this.speculated += 1;
    return this.speculated;
  }

  /** Null for what no counting machine made: a faulty leader may propose anything. */
  parse(body: Uint8Array): number | null {
    const text = new TextDecoder().decode(body);
    return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
  }

  serialize(number: number): Uint8Array {
    return new TextEncoder().encode(`${number}`);
  }

  idOf(number: number): Uint8Array {
    return this.serialize(number);
  }

  execute(number: number): void {
    this.speculated = number;
  }

  commit(id: Uint8Array): void {
    this.committed = this.parse(id) ?? this.committed;
  }

  rewind(): void {
    this.speculated = this.committed;
  }

  stateHash(): Uint8Array {
    return createHash('sha256').update(`${this.committed}`).digest();
  }
}
