/** The committed log across a thread's border: the store is open on one thread only, and the machine is on another. */
import { firstHeight } from '../config/first-height.js';
import { limits } from '../config/limits.js';
import { OperationalError } from '../errors.js';
import type { CommittedLog } from '../protocol/committed-log.js';
import { asHeight, type BlockHash, type Height } from '../protocol/numbers.js';
import type { Block } from '../protocol/types.js';
import { type ErrorData, errorData, errorFrom } from '../runtime/crossing-error.js';
import type { ThreadPort } from './thread-port.js';
import { nextTurn } from './turn-scheduler.js';

type Question =
  | { readonly ask: 'open' }
  /** Some blocks from a height upwards, at least one where there is one. */
  | { readonly ask: 'read'; readonly from: Height }
  | { readonly ask: 'load'; readonly hash: BlockHash };

interface Asked {
  readonly id: number;
  readonly question: Question;
}

type Answered = { readonly id: number } & (
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly error: ErrorData }
);

/** Gives the thread at the other end of `port` the log that `open` opens when it is asked for. */
export function serveCommittedLog(port: ThreadPort, open: () => CommittedLog | Promise<CommittedLog>): void {
  let log: CommittedLog | null = null;
  const answerTo = async (question: Question): Promise<unknown> => {
    if (question.ask === 'open') {
      log = await open();
      return log.committedHeight;
    }
    if (log === null) throw closed();
    return question.ask === 'load' ? await log.loadBlock(question.hash) : await readPage(log, question.from);
  };
  port.on('message', ({ id, question }: Asked) => {
    answerTo(question).then(
      (answer) => port.postMessage({ id, ok: true, answer } satisfies Answered),
      (error: unknown) => port.postMessage({ id, ok: false, error: errorData(error) } satisfies Answered),
    );
  });
  port.unref();
}

/** Returns what opens the log that the thread at the other end of `port` serves. Whoever waits for it when that thread ends is told. */
export function committedLogAt(port: ThreadPort): () => Promise<CommittedLog> {
  const asker = new Asker(port);
  return async () => {
    const committedHeight = (await asker.ask({ ask: 'open' })) as Height;
    return {
      committedHeight,
      blocks: (from) => readPages(asker, { from: firstHeight(from), to: committedHeight }),
      loadBlock: async (hash) => (await asker.ask({ ask: 'load', hash })) as Block | null,
    };
  };
}

async function readPage(log: CommittedLog, from: Height): Promise<readonly Block[]> {
  const page: Block[] = [];
  let bytes = 0;
  for await (const block of log.blocks(from)) {
    page.push(block);
    bytes += block.body.length;
    if (page.length >= limits.storagePortion.blocks || bytes >= limits.storagePortion.bytes) break;
  }
  return page;
}

async function* readPages(
  asker: Asker,
  { from, to }: { readonly from: Height; readonly to: Height },
): AsyncGenerator<Block, void, undefined> {
  let height: number = from;
  while (height <= to) {
    const page = (await asker.ask({ ask: 'read', from: asHeight(height) })) as readonly Block[];
    if (page.length === 0) return;
    for (const block of page) {
      if (height > to) return;
      yield block;
      // As with the log itself: whoever replays a long one can be stopped between two blocks.
      await nextTurn();
      height += 1;
    }
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Asker {
  readonly #port: ThreadPort;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isClosed = false;

  constructor(port: ThreadPort) {
    this.#port = port;
    port.on('message', (answered: Answered) => this.#settle(answered));
    port.on('close', () => this.#close());
    // A machine that keeps its log open does not keep the process alive.
    port.unref();
  }

  ask(question: Question): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, question } satisfies Asked);
    });
  }

  #settle(answered: Answered): void {
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    if (answered.ok) waiting?.resolve(answered.answer);
    else waiting?.reject(errorFrom(answered.error));
  }

  #close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.values()) reject(closed());
    this.#waiting.clear();
  }
}

function closed(): OperationalError {
  return new OperationalError(
    'STORE_CLOSED',
    'the store is not open: the thread that has it is gone, or was not asked to',
  );
}
