/** The headers of all blocks that anybody, liars too, has sent to anybody: what the checkers know of chains. */
import type { Block } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';

/** Of a header, what says where its block stands. */
export interface SeenBlock {
  readonly hash: string;
  readonly view: number;
  readonly height: number;
  readonly bodyBytes: number;
  /** The block that its justify certifies, on which it stands, and the view of that. */
  readonly justifyBlock: string;
  readonly justifyView: number;
}

/** Remembers of every block that was sent, valid or not, what its header says, by hash. */
export class SeenBlocks {
  readonly #blocks = new Map<string, SeenBlock>();
  readonly #onNew: (block: SeenBlock) => void;

  /** `onNew` is told of each block once. */
  constructor(onNew: (block: SeenBlock) => void) {
    this.#onNew = onNew;
  }

  get(hash: string): SeenBlock | undefined {
    return this.#blocks.get(hash);
  }

  /** Called for each message that is sent. */
  sent(message: PeerMessage): void {
    if (message.type === 'proposal') this.#add(message.proposal.block);
    else if (message.type === 'fetchAnswer') for (const block of message.answer.blocks) this.#add(block);
  }

  #add({ hash, header: { view, height, justify }, body }: Block): void {
    if (this.#blocks.has(hash)) return;
    const at = { hash, view, height, bodyBytes: body.length };
    const seen = { ...at, justifyBlock: justify.block, justifyView: justify.view };
    this.#blocks.set(hash, seen);
    this.#onNew(seen);
  }
}
