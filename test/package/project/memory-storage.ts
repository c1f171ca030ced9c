import { type ActorParts, genesisBlock, type StorageActorEffect, type StorageMessage } from 'hotstuff/actors';
import { asHeight } from 'hotstuff/protocol';
import type { Behaviour } from 'hotstuff/runtime';

/** A storage that keeps nothing and calls everything durable at once: for a replica that lives once. */
export class MemoryStorage implements Behaviour<StorageMessage, StorageActorEffect> {
  readonly #clusterId: string;
  /** Requests that it was asked to make durable. */
  persisted = 0;

  constructor({ cluster }: ActorParts<'storage'>) {
    this.#clusterId = cluster.clusterId;
  }

  receive = (message: StorageMessage): readonly StorageActorEffect[] => {
    switch (message.type) {
      case 'openStore':
        return this.#begin();
      case 'persist': {
        this.persisted += 1;
        const { number } = message.request;
        return [{ type: 'send', to: 'consensus', message: { type: 'writesDurable', number } }];
      }
      case 'readRange':
      case 'readBranch': {
        const nothing = { blocks: [], certificate: null, committedHeight: asHeight(0) };
        return [
          { type: 'send', to: message.reader, message: { type: 'blocksRead', token: message.token, ...nothing } },
        ];
      }
      case 'stopRequested':
        return [{ type: 'send', to: 'replica', message: { type: 'partStopped', role: 'storage' } }];
      default:
        return [];
    }
  };

  counters = () => ({ persisted: this.persisted });

  #begin(): readonly StorageActorEffect[] {
    const store = { record: null, committed: genesisBlock(this.#clusterId), uncommitted: [], evidence: [] };
    const committedHeight = asHeight(0);
    return [
      { type: 'send', to: 'consensus', message: { type: 'recovered', store } },
      { type: 'send', to: 'proposalGenerator', message: { type: 'logRecovered', committedHeight } },
      { type: 'send', to: 'replica', message: { type: 'storeRecovered', committedHeight } },
    ];
  }
}
