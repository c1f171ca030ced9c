/** A pipeline of three actors, the slow one on a thread of its own: who is too fast is held back, and nothing is lost. */
import { argv } from 'node:process';
import { ActorSystem, type CountersOf, startThreads, systemHost } from 'hotstuff/runtime';
import type { DigesterData } from './digester-thread.js';
import { createReader, readerPort } from './reader.js';
import { mailbox, type PipelineRoles, roles } from './roles.js';
import { createTally, type Report, tallyPort } from './tally.js';

const [, , count = '3000', rounds = '200'] = argv;

async function* texts(): AsyncGenerator<string> {
  for (let index = 0; index < Number(count); index += 1) yield `text ${index}`;
}

const data: DigesterData = { rounds: Number(rounds) };
const threads = await startThreads([
  { name: 'digester', module: new URL('./digester-thread.js', import.meta.url), data },
]);
let resolve: (last: Report) => void;
let reject: (error: Error) => void;
const ended = new Promise<Report>((...settle) => {
  [resolve, reject] = settle;
});
const system = new ActorSystem<PipelineRoles>({
  ...systemHost,
  roles,
  onFailure: ({ role, error }) => reject(new Error(`${role} has failed`, { cause: error })),
});
for (const link of threads) system.connect(link, { digester: mailbox });
system.add('reader', { behaviour: createReader(), mailbox, port: readerPort(texts()) });
system.add('tally', { behaviour: createTally(), mailbox, port: tallyPort(show) });
system.start();
system.post('reader', { type: 'readingWanted' });
try {
  const { digested, outOfOrder, texts } = await ended;
  console.log(say(await system.allCounters()));
  console.log(`${texts} texts read, ${digested} digested, ${outOfOrder} out of order`);
} finally {
  await system.stop();
}

function show(report: Report): void {
  if (report.texts !== null) resolve(report);
  else system.allCounters().then((counters) => console.log(say(counters)), reject);
}

/** What waits for the digester, and how long; how far the reader is ahead, and how often it was held back. */
function say({ reader, digester, tally }: CountersOf<PipelineRoles>): string {
  const { depth, highWater, waitedMs, handled, heldBack } = digester.lanes.bulk;
  const { read } = reader.own as { readonly read: number };
  const { digested } = tally.own as { readonly digested: number };
  const waited = (waitedMs / Math.max(1, handled)).toFixed(1);
  return `read ${read}, digested ${digested}: ${depth} wait (at most ${highWater}), ${waited} ms each; reader held back ${heldBack} times`;
}
