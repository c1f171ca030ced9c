import type { ClientId, Height, Sequence } from '../../src/protocol/numbers.js';
import type { CommandReply, RefusalReason } from '../../src/wire/client-messages.js';
import type { ClientRefusal, ClientReplies, ExecutedBlock, RepeatedReplies } from './messages.js';

/** A reply to a command that ran in an earlier block, or earlier in this one. */
export interface RepeatedReply extends CommandReply {
  readonly height: Height;
}

/** Gathers what a block's commands came to, one group of replies a client, in the order of the block. */
export class BlockResult {
  readonly height: Height;
  readonly #replies = new ReplyGroups();
  readonly #repeated = new RepeatedGroups();
  readonly #refused = new RefusalGroups();

  constructor(height: Height) {
    this.height = height;
  }

  ran(client: ClientId, sequence: Sequence, reply: Uint8Array): void {
    this.#replies.add(client, { sequence, reply });
  }

  repeated(client: ClientId, reply: RepeatedReply): void {
    this.#repeated.add(client, reply);
  }

  refused(client: ClientId, sequence: Sequence, reason: RefusalReason): void {
    this.#refused.add(client, sequence, reason);
  }

  build(): ExecutedBlock {
    return {
      height: this.height,
      replies: this.#replies.build(),
      repeated: this.#repeated.build(),
      refused: this.#refused.build(),
    };
  }
}

/** Replies by client. */
class ReplyGroups {
  readonly #groups = new Map<ClientId, CommandReply[]>();
  #last: { readonly client: ClientId; readonly replies: CommandReply[] } | null = null;

  add(client: ClientId, reply: CommandReply): void {
    if (this.#last?.client !== client) this.#last = { client, replies: this.#groupOf(client) };
    this.#last.replies.push(reply);
  }

  build(): readonly ClientReplies[] {
    return Array.from(this.#groups, ([client, replies]) => ({ client, replies }));
  }

  #groupOf(client: ClientId): CommandReply[] {
    const known = this.#groups.get(client);
    if (known !== undefined) return known;
    const replies: CommandReply[] = [];
    this.#groups.set(client, replies);
    return replies;
  }
}

/** Replies by the height at which their commands ran. */
export class RepeatedGroups {
  readonly #heights = new Map<Height, ReplyGroups>();

  add(client: ClientId, { height, sequence, reply }: RepeatedReply): void {
    let groups = this.#heights.get(height);
    if (groups === undefined) {
      groups = new ReplyGroups();
      this.#heights.set(height, groups);
    }
    groups.add(client, { sequence, reply });
  }

  build(): readonly RepeatedReplies[] {
    return Array.from(this.#heights, ([height, groups]) => ({ height, replies: groups.build() }));
  }
}

/** Refused sequences by client and reason. */
export class RefusalGroups {
  readonly #groups = new Map<string, ClientRefusal & { readonly sequences: Sequence[] }>();

  add(client: ClientId, sequence: Sequence, reason: RefusalReason): void {
    const key = `${client} ${reason}`;
    const known = this.#groups.get(key);
    if (known === undefined) this.#groups.set(key, { client, reason, sequences: [sequence] });
    else known.sequences.push(sequence);
  }

  build(): readonly ClientRefusal[] {
    return [...this.#groups.values()];
  }
}
