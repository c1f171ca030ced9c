import { startThreads } from '../src/adapters/start-threads.js';
import { type Body, type CrossingEffect, crossingSystem, mailbox, type Near, type Vote } from './crossing-actors.js';

/** What it costs to say something to an actor of another thread, in microseconds of the wall clock. */
export interface CrossingCost {
  /** Rounds of so many votes, posted together; the last one is answered. */
  readonly rounds: readonly { readonly messages: number; readonly roundUs: number; readonly messageUs: number }[];
  /** One body and its answer, by the ways that there are for bytes. */
  readonly bodies: readonly BodyCost[];
}

/** What one body costs that goes to another thread and is answered, in microseconds. */
export interface BodyCost {
  readonly bytes: number;
  /** As structured cloning does it by itself. */
  readonly clonedUs: number;
  /** As the runtime sends it: from some size on as a copy that is moved. */
  readonly sentUs: number;
  /** Copied into fresh memory that both threads see; and memory that they see already. */
  readonly sharedUs: number;
  readonly sharedAgainUs: number;
}

const ROUNDS = [1, 16, 256];
const MIB = 1024 * 1024;
const BODIES = [1024, 64 * 1024, MIB, 8 * MIB, 64 * MIB];

/**
 * Measures crossings between this thread and a fresh one; `milliseconds` for each figure, after as much again. Null when it is
 * `stopping` before the end.
 */
export async function measureCrossing(milliseconds: number, stopping: AbortSignal): Promise<CrossingCost | null> {
  const [link] = await startThreads([
    { name: 'far', module: new URL('./crossing-thread.js', import.meta.url), data: null },
  ]);
  if (link === undefined) throw new Error('no thread was started');
  let answered: () => void = () => undefined;
  let failed: (error: unknown) => void = () => undefined;
  const system = crossingSystem(({ error }) => failed(error)).connect(link, { far: mailbox });
  const receive = (message: Near): readonly CrossingEffect<Near>[] => {
    if (message.type === 'go') return message.messages.map((each) => ({ type: 'send', to: 'far', message: each }));
    answered();
    return [];
  };
  system.add('near', { behaviour: { receive }, mailbox });
  system.start();
  const round = (messages: readonly (Vote | Body)[]): Promise<void> =>
    new Promise((resolve, reject) => {
      answered = resolve;
      failed = reject;
      system.post('near', { type: 'go', messages });
    });
  const cost = async (make: () => readonly (Vote | Body)[]): Promise<number> => {
    await repeated(() => round(make()), milliseconds, stopping);
    return repeated(() => round(make()), milliseconds, stopping);
  };
  try {
    const rounds = [];
    for (const messages of ROUNDS) {
      const votes = votesOf(messages);
      const roundUs = await cost(() => votes);
      rounds.push({ messages, roundUs, messageUs: roundUs / messages });
    }
    const bodyCost = (bytes: () => Body['bytes']) => cost(() => [{ type: 'body', bytes: bytes() }]);
    const bodies: BodyCost[] = [];
    for (const bytes of BODIES) {
      if (stopping.aborted) return null;
      const body = new Uint8Array(bytes).fill(7);
      const inMap = new Map([[0, body]]);
      const once = shared(body);
      bodies.push({
        bytes,
        clonedUs: await bodyCost(() => inMap),
        sentUs: await bodyCost(() => body),
        sharedUs: await bodyCost(() => shared(body)),
        sharedAgainUs: await bodyCost(() => once),
      });
    }
    return stopping.aborted ? null : { rounds, bodies };
  } finally {
    await system.stop();
  }
}

/** Microseconds of one run; of few runs when it is `stopping`, and of no use then. */
async function repeated(run: () => Promise<void>, milliseconds: number, stopping: AbortSignal): Promise<number> {
  const started = performance.now();
  const goesOn = () => !stopping.aborted && performance.now() - started < milliseconds;
  let runs = 0;
  for (; runs === 0 || goesOn(); runs += 1) await run();
  return ((performance.now() - started) * 1000) / runs;
}

function votesOf(count: number): readonly Vote[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'vote',
    block: 'ab'.repeat(32),
    signature: new Uint8Array(64).fill(index),
    last: index === count - 1,
  }));
}

function shared(body: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(body.length));
  copy.set(body);
  return copy;
}
