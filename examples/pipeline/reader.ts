import type { Behaviour, PortFactory, RuntimeEffect } from 'hotstuff/runtime';
import type { PipelineRoles, ReaderMessage } from './roles.js';

/** Texts that are read at once. */
export const BATCH = 100;

interface ReadBatch {
  readonly type: 'readBatch';
}

type Effect = RuntimeEffect<PipelineRoles, ReaderMessage> | ReadBatch;

/**
 * Sends on what was read, and then asks for more. Effects are performed in their order, and one that finds no room waits
 * with all those after it: so nothing more is read before the digester's mailbox has taken the last text of the batch.
 */
export function createReader(): Behaviour<ReaderMessage, Effect> {
  let read = 0;
  return {
    receive: (message) => {
      if (message.type === 'readingWanted') return [{ type: 'readBatch' }];
      const texts = message.texts.map((text): Effect => {
        read += 1;
        return { type: 'send', to: 'digester', message: { type: 'text', index: read - 1, text } };
      });
      const ended: Effect = { type: 'send', to: 'digester', message: { type: 'ended', texts: read } };
      return [...texts, message.last ? ended : { type: 'readBatch' }];
    },
    counters: () => ({ read }),
  };
}

/** Reads from whatever gives texts one by one: a file's lines, a socket, a generator. */
export function readerPort(source: AsyncIterator<string>): PortFactory<ReadBatch, ReaderMessage> {
  return (deliver) => {
    let reading = Promise.resolve();
    const readBatch = async (): Promise<void> => {
      const texts: string[] = [];
      let last = false;
      while (!last && texts.length < BATCH) {
        const next = await source.next();
        if (next.done) last = true;
        else texts.push(next.value);
      }
      deliver({ type: 'batchRead', texts, last });
    };
    return {
      perform: () => {
        reading = readBatch();
      },
      close: async () => {
        await source.return?.();
        await reading;
      },
    };
  };
}
