import test from 'ava';
import fc from 'fast-check';
import { HistoryRecovery } from '../../../actors/consensus/history-recovery.js';
import type { ConsensusSettings } from '../../../actors/consensus/settings.js';
import { CommittedActivity } from '../../../src/protocol/committed-activity.js';
import { reputation, roundRobin } from '../../../src/protocol/leader-schedule.js';
import { asHeight, asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { genesisBlock } from '../../../src/wire/block.js';

const GENESIS = genesisBlock('c5'.repeat(32));

interface Shape {
  readonly n: number;
  readonly T: number;
}

const settingsOf = ({ n, T }: Shape, schedule = reputation({ replicas: n, tenureLength: T })) =>
  ({ replicas: n, tenureLength: T, schedule, limits: { historyReadBytes: 1000 } }) as unknown as ConsensusSettings;

/** Blocks from genesis on; each step says how many views further, and who took part. */
function chainOf({ n }: Shape, script: readonly { readonly skip: number; readonly who: number }[]): readonly Block[] {
  const chain: Block[] = [GENESIS];
  for (const { skip, who } of script) {
    const below = chain.at(-1) as Block;
    const signers = Array.from({ length: n }, (_, id) => asReplicaId(id)).filter((id) => ((who >> id) & 1) === 1);
    const justify = { ...below.header.justify, signatures: signers.map((signer) => ({ signer, signature: NO_BYTES })) };
    const height = asHeight(below.header.height + 1);
    const view = asView(below.header.view + skip);
    chain.push({ ...below, header: { ...below.header, height, view, justify, proposer: asReplicaId(who % n) } });
  }
  return chain;
}
const NO_BYTES = new Uint8Array(0);

/** Reads back with at most `atOnce` blocks an answer; says what was read, and by how many requests. */
function readBack(shape: Shape, chain: readonly Block[], atOnce: number, schedule?: ConsensusSettings['schedule']) {
  const tip = (chain.at(-1) as Block).header;
  const history = new HistoryRecovery(settingsOf(shape, schedule), tip);
  let requests = 0;
  let blocks = 0;
  for (let asked = history.request(); asked.length > 0; asked = history.request()) {
    const [effect] = asked;
    if (effect?.type !== 'send' || effect.message.type !== 'readRange') throw new Error('nothing else is asked for');
    const { fromHeight, maxBlocks, token } = effect.message;
    if (fromHeight < 1 || fromHeight + maxBlocks > tip.height) throw new Error(`asks for ${fromHeight}, ${maxBlocks}`);
    const answer = chain.slice(fromHeight, fromHeight + Math.min(atOnce, maxBlocks));
    requests += 1;
    blocks += answer.length;
    history.answered({ type: 'blocksRead', token, blocks: answer, certificate: null, committedHeight: tip.height });
  }
  return { activity: history.result as CommittedActivity, requests, blocks };
}

function lived({ n, T }: Shape, chain: readonly Block[]): CommittedActivity {
  const { memory } = reputation({ replicas: n, tenureLength: T });
  const activity = new CommittedActivity({ ...memory, replicas: n, tenureLength: T });
  for (const { header } of chain.slice(1)) activity.committed(header);
  return activity;
}

test('what is read back answers as in a replica that never stopped, now and after more commits', (t) => {
  const shapes = fc.record({ n: fc.constantFrom(1, 2, 4), T: fc.constantFrom(1, 3, 40, 150, 700) });
  const skip = fc.oneof(
    { weight: 20, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 900 }) },
  );
  const steps = fc.array(fc.record({ skip, who: fc.nat(15) }), { maxLength: 1500, size: 'max' });
  t.notThrows(() =>
    fc.assert(
      fc.property(shapes, steps, fc.integer({ min: 1, max: 70 }), fc.nat(), (shape, script, atOnce, cut) => {
        const chain = chainOf(shape, script);
        const stopped = 1 + (cut % chain.length);
        const { activity } = readBack(shape, chain.slice(0, stopped), atOnce);
        const whole = lived(shape, chain.slice(0, stopped));
        for (const block of [null, ...chain.slice(stopped)]) {
          if (block !== null) for (const each of [activity, whole]) each.committed(block.header);
          const tenure = Math.floor(whole.view / shape.T);
          const back = reputation({ replicas: shape.n, tenureLength: shape.T }).memory.tenures;
          for (let asked = tenure - back; asked <= tenure + 1; asked += 1) {
            const [read, remembered] = [activity, whole].map((each) => each.activeBefore(asTenure(asked))?.join());
            if (read !== remembered) return false;
          }
        }
        return true;
      }),
      { numRuns: 60 },
    ),
  );
});

test('after a restart in the first tenure, however short a time ago it began, nothing is forgotten', (t) => {
  for (const T of [1, 40, 700]) {
    for (const length of [1, 2, 18, 39, 40, 41, 300, 699]) {
      const shape = { n: 4, T };
      const script = Array.from({ length }, (_, index) => ({ skip: 1, who: index % 50 === 0 ? 15 : 3 }));
      const chain = chainOf(shape, [...script, { skip: T, who: 3 }]);
      const { activity } = readBack(shape, chain.slice(0, -1), 64);
      const whole = lived(shape, chain.slice(0, -1));
      for (const each of [activity, whole]) each.committed((chain.at(-1) as Block).header);
      const tenure = asTenure(Math.floor(whole.view / T));
      t.deepEqual(activity.activeBefore(tenure), whole.activeBefore(tenure), `T = ${T}, ${length} blocks`);
    }
  }
});

test('of long tenures the windows alone are read, and found by few looks', (t) => {
  const shape = { n: 4, T: 1000 };
  const script = Array.from({ length: 20_500 }, (_, index) => ({ skip: index % 1500 === 0 ? 400 : 1, who: 7 }));
  const { requests, blocks } = readBack(shape, chainOf(shape, script), 64);
  // A window of 40 below each of three tenures and a search for each, and the rest up to the tip where that is short.
  t.true(blocks <= 3 * (40 + 13) + 256, `${blocks} blocks`);
  t.true(requests <= 3 * (1 + 13) + 5, `${requests} requests`);
});

test('of short tenures one stretch is read', (t) => {
  const shape = { n: 4, T: 1 };
  const script = Array.from({ length: 5000 }, () => ({ skip: 1, who: 7 }));
  const { requests, blocks } = readBack(shape, chainOf(shape, script), 64);
  t.true(blocks <= 40 + 41 + 1, `${blocks} blocks`);
  t.is(requests, 2);
});

test('for round-robin, and for a store with genesis only, nothing is read', (t) => {
  const shape = { n: 4, T: 1 };
  const chain = chainOf(
    shape,
    Array.from({ length: 100 }, () => ({ skip: 1, who: 7 })),
  );
  t.is(readBack(shape, chain, 64, roundRobin(4)).requests, 0);
  t.is(readBack(shape, [GENESIS], 64).requests, 0);
  t.is(readBack(shape, chain.slice(0, 2), 64).requests, 0, 'the tip is known');
});

test('an answer to an older request, or an empty one, changes nothing', (t) => {
  const shape = { n: 4, T: 1 };
  const chain = chainOf(
    shape,
    Array.from({ length: 100 }, () => ({ skip: 1, who: 7 })),
  );
  const history = new HistoryRecovery(settingsOf(shape), (chain.at(-1) as Block).header);
  history.request();
  const answer = { type: 'blocksRead', certificate: null, committedHeight: asHeight(100) } as const;
  t.false(history.answered({ ...answer, token: 7, blocks: chain.slice(19, 60) }));
  t.false(history.answered({ ...answer, token: 1, blocks: [] }));
  t.is(history.result, null);
});
