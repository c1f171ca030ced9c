import type { CommandMachine, CommandPosition } from 'hotstuff';

const text = new TextEncoder();
const fromText = new TextDecoder();

/** Blocks for which a ticket is held for whoever reserved it. */
export const HELD_BLOCKS = 5;

/**
 * Sells the seats of one hall: `RESERVE seat name` holds a seat for a while, `BUY seat name` makes it theirs, `WHO seat` tells
 * whose it is. Time is counted in blocks, which is the one clock that all replicas share.
 */
export class TicketMachine implements CommandMachine {
  readonly name = 'tickets';
  /** By seat: for whom, until when, and whether it is sold. */
  #seats = new Map<string, { readonly holder: string; readonly until: number; readonly sold: boolean }>();

  apply(command: Uint8Array, at: CommandPosition): Uint8Array {
    const [verb, seat = '', holder = ''] = fromText.decode(command).split(' ');
    return text.encode(this.#answer(verb ?? '', seat, holder, this.now(at)));
  }

  /** What time it is, for a command in a block of this height. */
  protected now({ height }: CommandPosition): number {
    return height;
  }

  /** How long a seat is held, by the same clock. */
  protected readonly holdsFor: number = HELD_BLOCKS;

  #answer(verb: string, seat: string, holder: string, now: number): string {
    const found = this.#seats.get(seat);
    const taken = found !== undefined && (found.sold || found.until > now) ? found : null;
    switch (verb) {
      case 'RESERVE':
        if (taken !== null && taken.holder !== holder) return `taken by ${taken.holder}`;
        if (taken?.sold) return 'sold';
        this.#seats.set(seat, { holder, until: now + this.holdsFor, sold: false });
        return `held until ${now + this.holdsFor}`;
      case 'BUY':
        if (taken === null || taken.holder !== holder) return 'not reserved';
        this.#seats.set(seat, { ...taken, sold: true });
        return 'sold';
      case 'WHO':
        return taken === null ? 'nobody' : taken.holder;
      default:
        return 'no such command';
    }
  }

  /** Small enough to be hashed whole: 32 bytes that name every seat and its holder. */
  stateHash(): Uint8Array {
    const hash = new Uint8Array(32);
    for (const [index, byte] of text.encode(this.#json()).entries()) {
      const place = index % 32;
      hash[place] = Math.imul((hash[place] as number) ^ byte, 31) + index;
    }
    return hash;
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    yield text.encode(this.#json());
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let json = '';
    for await (const chunk of chunks) json += fromText.decode(chunk);
    this.#seats = new Map(JSON.parse(json));
  }

  #json(): string {
    return JSON.stringify([...this.#seats].sort());
  }
}
