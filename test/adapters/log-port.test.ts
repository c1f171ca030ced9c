/** The committed log as others than its store give it: across a thread's border, and from a simulated disk. */
import test, { type ExecutionContext } from 'ava';
import { diskLog } from '../../actors/simulation/disk-log.js';
import { committedLogAt, serveCommittedLog } from '../../src/adapters/log-port.js';
import { threadPorts } from '../../src/adapters/thread-port.js';
import type { CommittedLog } from '../../src/protocol/committed-log.js';
import { asHeight, asReplicaId } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { SimulatedDisk } from '../../src/simulation/disk.js';
import { stream } from '../../src/simulation/random.js';
import { blockOf, range } from '../support/command-blocks.js';

const chain = range(1, 5).map((height) => blockOf({ height }));

/** The log as it is across a border, and from which heights it was asked. Both ends are on this thread. */
async function crossing(t: ExecutionContext) {
  const asked: number[] = [];
  const [near, far] = threadPorts();
  serveCommittedLog(far, () => ({
    committedHeight: asHeight(chain.length),
    async *blocks(from) {
      asked.push(from);
      yield* chain.slice(from - 1);
    },
    loadBlock: async () => null,
  }));
  const open = committedLogAt(near);
  // Neither end keeps a process alive: this one is to see the answers.
  near.ref();
  t.teardown(() => near.close());
  return { asked, log: await open() };
}

const NO_HEIGHTS = [undefined, Number.NaN, 'x', -1, 1.5];

async function blocksOf(log: CommittedLog, from: unknown): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for await (const block of log.blocks(from as never)) blocks.push(block);
  return blocks;
}

test('a log across a border gives the blocks from a height on, and from the first where genesis is asked for', async (t) => {
  const { log } = await crossing(t);
  for (const from of [0, 1, 4, 6])
    t.deepEqual(await blocksOf(log, from), chain.slice(Math.max(0, from - 1)), `${from}`);
});

const SAID = /^the height from which blocks are asked for is \S+; it must be a whole number from 0 to \d+$/;

test('what is no height is refused before it crosses', async (t) => {
  const { asked, log } = await crossing(t);
  for (const from of NO_HEIGHTS) {
    await t.throwsAsync(blocksOf(log, from), {
      name: 'ConfigurationError',
      code: 'OPTION_OUT_OF_RANGE',
      message: SAID,
    });
  }
  t.deepEqual(asked, []);
});

test('a simulated disk refuses it as the real one does', async (t) => {
  const clusterId = 'ab'.repeat(32);
  const conditions = { latencyMs: [1, 1], failing: false } as const;
  const log = diskLog(
    new SimulatedDisk({ clusterId, replica: asReplicaId(0) }, stream(1, 'disk'), conditions),
    clusterId,
  );
  t.deepEqual(await blocksOf(log, 0), []);
  for (const from of NO_HEIGHTS) await t.throwsAsync(blocksOf(log, from), { message: SAID });
});
