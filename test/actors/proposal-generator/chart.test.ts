import assert from 'node:assert/strict';
import ava from 'ava';
import { compile } from '../../../machines/index.js';
import { proposalGeneratorMachine } from '../../../machines/proposal-generator.machine.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate, type ChartScenario } from '../../support/charts.js';
import { batchOf, blockOf, range } from '../../support/command-blocks.js';
import { GeneratorHarness } from '../../support/generator-harness.js';
import { onBothHosts as test } from '../../support/hosts.js';

type Scenario = ChartScenario<typeof proposalGeneratorMachine>;

const STOPPED = [{ type: 'partStopped', role: 'proposalGenerator' }];
const BATCH = { commands: 3, ms: 20 };

/** A leader with a block in flight, so that a body may wait for company. */
function busyLeader(chart: Parameters<Scenario>[0]): { actor: GeneratorHarness; ancestor: ReturnType<typeof blockOf> } {
  const actor = GeneratorHarness.ready({ chart, leading: true, batch: BATCH });
  const ancestor = blockOf({ height: 1, proposer: 2, batches: [batchOf(9, [1])] });
  actor.tell({ type: 'blockAdded', block: ancestor });
  actor.want(ancestor.hash, [ancestor.hash]);
  return { actor, ancestor };
}

function execute(actor: GeneratorHarness, height: number, done: ReturnType<typeof batchOf>): void {
  actor.commit(blockOf({ height, batches: [done] }), [done]);
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'readiness is told when the machine stands, and only then': (chart) => {
    const actor = new GeneratorHarness({ chart });
    actor.tell({ type: 'logRecovered', committedHeight: asHeight(7) });
    assert.deepEqual(actor.effects, [{ type: 'initializeMachine', committedHeight: 7 }]);
    actor.tell({ type: 'machineInitialized', height: asHeight(7) });
    assert.deepEqual(actor.sent('consensus'), [{ type: 'machineReady' }]);
    assert.deepEqual(actor.sent('replica'), [{ type: 'machineReady', height: 7 }]);
  },
  'a stop while the machine is rebuilt is done at once, and its late answer changes nothing': (chart) => {
    const actor = new GeneratorHarness({ chart });
    actor.tell({ type: 'logRecovered', committedHeight: asHeight(7) });
    actor.tell({ type: 'stopRequested' });
    assert.deepEqual(actor.sent('replica'), STOPPED);
    actor.tell({ type: 'machineInitialized', height: asHeight(7) });
    assert.deepEqual(actor.effects, []);
  },
  'a log that cannot be read fails the replica, which can still be stopped': (chart) => {
    const actor = new GeneratorHarness({ chart });
    actor.tell({ type: 'logRecovered', committedHeight: asHeight(7) });
    actor.tell({ type: 'logFailed', code: 'STORE_DAMAGED', detail: 'block 3 is missing' });
    assert.deepEqual(actor.sent('replica'), [
      { type: 'operationFailed', code: 'STORE_DAMAGED', detail: 'block 3 is missing' },
    ]);
    actor.tell({ type: 'machineInitialized', height: asHeight(7) });
    assert.deepEqual(actor.effects, []);
    actor.tell({ type: 'stopRequested' });
    assert.deepEqual(actor.sent('replica'), STOPPED);
  },
  'a machine that throws is not called again, whoever leads, and the replica hears which call it was': (chart) => {
    for (const leading of [true, false]) {
      const actor = GeneratorHarness.ready({ chart, leading });
      actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 1 }), blockOf({ height: 2 })] });
      actor.tell({ type: 'machineThrew', call: 'apply', error: 'Error: boom' });
      const detail = 'the state machine threw in apply at height 1: Error: boom';
      assert.deepEqual(actor.sent('replica'), [{ type: 'operationFailed', code: 'APPLICATION_THREW', detail }]);
      assert.deepEqual(actor.machineCalls(), []);
      actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 3 })] });
      actor.submit(batchOf(1, [1]));
      assert.deepEqual(
        actor.sent('gateway').map((message) => message.type === 'commandsRefused' && message.reason),
        ['stopping'],
      );
      actor.tell({ type: 'stopRequested' });
      assert.deepEqual(actor.sent('replica'), STOPPED);
    }
  },
  'a stop waits for what is committed, refuses what comes, and ends once': (chart) => {
    for (const leading of [true, false]) {
      const actor = GeneratorHarness.ready({ chart, leading });
      const [first, second] = [blockOf({ height: 1 }), blockOf({ height: 2 })];
      actor.tell({ type: 'blocksCommitted', blocks: [first, second] });
      actor.tell({ type: 'stopRequested' });
      assert.deepEqual(
        actor.effects.map(({ type }) => type),
        ['startTimer'],
      );
      actor.submit(batchOf(1, [1]));
      assert.deepEqual(
        actor.sent('gateway').map((message) => message.type === 'commandsRefused' && message.reason),
        ['stopping'],
      );
      actor.executed(first, []);
      assert.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block: second }]);
      actor.executed(second, []);
      assert.deepEqual(actor.sent('replica'), STOPPED);
      actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 3 })] });
      assert.deepEqual(actor.effects, []);
    }
  },
  'a machine that throws while the replica stops fails it': (chart) => {
    const actor = GeneratorHarness.ready({ chart, leading: false });
    actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 1 }), blockOf({ height: 2 })] });
    actor.tell({ type: 'stopRequested' });
    actor.tell({ type: 'machineThrew', call: 'apply', error: 'Error: boom' });
    assert.equal(actor.sent('replica')[0]?.type, 'operationFailed');
    actor.tell({ type: 'stopRequested' });
    assert.deepEqual(actor.sent('replica'), STOPPED);
  },
  'a leader that becomes a follower forwards, one that becomes leader again does not': (chart) => {
    const actor = GeneratorHarness.ready({ chart, leading: true });
    actor.submit(batchOf(1, [1]));
    assert.deepEqual(actor.forwarded(), []);
    actor.lead(false);
    assert.deepEqual(actor.forwarded(), [{ to: 1, commands: ['1:1'] }]);
    actor.lead(true);
    actor.submit(batchOf(1, [2]));
    assert.deepEqual(actor.forwarded(), []);
  },
  'a body waits for company while a block is in flight, until the timer': (chart) => {
    const { actor, ancestor } = busyLeader(chart);
    actor.submit(batchOf(1, [1]));
    assert.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: true, oldestSince: null }]);
    assert.equal(actor.want(ancestor.hash, [ancestor.hash]), null);
    assert.deepEqual(
      actor.effects.filter(({ type }) => type === 'startTimer'),
      [{ type: 'startTimer', timer: 'batch', delayMs: 20, message: { type: 'batchTimerExpired' } }],
    );
    actor.tell({ type: 'batchTimerExpired' });
    assert.deepEqual(actor.body(), ['1:1']);
  },
  'a body that waits goes when it is full': (chart) => {
    const { actor, ancestor } = busyLeader(chart);
    actor.submit(batchOf(1, [1]));
    assert.equal(actor.want(ancestor.hash, [ancestor.hash]), null);
    actor.submit(batchOf(1, [2, 3]));
    assert.deepEqual(actor.body(), ['1:1', '1:2', '1:3']);
    assert.deepEqual(
      actor.effects.filter(({ type }) => type === 'cancelTimer'),
      [{ type: 'cancelTimer', timer: 'batch' }],
    );
  },
  'a body that waits goes when what it waited with is executed elsewhere, or nothing is in flight any more': (
    chart,
  ) => {
    const { actor, ancestor } = busyLeader(chart);
    actor.submit(batchOf(1, [1]));
    assert.equal(actor.want(ancestor.hash, [ancestor.hash]), null);
    execute(actor, 1, batchOf(1, [1]));
    assert.deepEqual(actor.body(), []);
    assert.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: false, oldestSince: null }]);
    actor.submit(batchOf(1, [2]));
    assert.equal(actor.want(ancestor.hash, [ancestor.hash]), null);
    actor.tell({ type: 'blocksAbandoned', hashes: [ancestor.hash] });
    assert.deepEqual(actor.body(), ['1:2']);
  },
  'a full body does not wait; what is left over may': (chart) => {
    const { actor, ancestor } = busyLeader(chart);
    actor.submit(batchOf(1, range(1, 4)));
    assert.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: true, oldestSince: null }]);
    assert.deepEqual(actor.want(ancestor.hash, [ancestor.hash]), ['1:1', '1:2', '1:3']);
    const own = blockOf({ height: 2, view: actor.view, parent: ancestor.hash, batches: [batchOf(1, [1, 2, 3])] });
    actor.tell({ type: 'blockAdded', block: own });
    assert.equal(actor.want(own.hash, [ancestor.hash, own.hash]), null);
  },
  'a full pool that is executed elsewhere is drained': (chart) => {
    const actor = GeneratorHarness.ready({ chart, leading: true, batch: BATCH });
    actor.submit(batchOf(1, [1, 2, 3]));
    execute(actor, 1, batchOf(1, [1, 2, 3]));
    assert.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: false, oldestSince: null }]);
  },
  'a drained pool that fills at once is full': (chart) => {
    const { actor, ancestor } = busyLeader(chart);
    actor.submit(batchOf(1, [1, 2, 3]));
    assert.deepEqual(actor.want(ancestor.hash, [ancestor.hash]), ['1:1', '1:2', '1:3']);
  },
};

const PROPOSAL = { id: Uint8Array.of(1), body: Uint8Array.of(1) };

/** A leader whose speculative machine has built one proposal, which a block of another replica leaves behind. */
function leftBehind(chart: Parameters<Scenario>[0], leading = true): { actor: GeneratorHarness; block: Block } {
  const actor = GeneratorHarness.ready({ chart, leading: true, speculation: { proposalBufferTarget: 1 } });
  assert.deepEqual(actor.machineCalls(), [{ type: 'buildProposal' }]);
  actor.tell({ type: 'proposalBuilt', proposal: PROPOSAL });
  if (!leading) actor.lead(false);
  const block = blockOf({ height: 1, proposer: 2, body: Uint8Array.of(2) });
  actor.tell({ type: 'blocksCommitted', blocks: [block] });
  assert.deepEqual(actor.machineCalls(), [{ type: 'rewindMachine' }]);
  return { actor, block };
}

const rewinding: Readonly<Record<string, Scenario>> = {
  'a leader left behind rewinds its machine before the block, and builds anew after it': (chart) => {
    const { actor, block } = leftBehind(chart);
    assert.equal(actor.want(block.hash, [])?.length, 0, 'a body that is wanted meanwhile is empty');
    actor.tell({ type: 'machineRewound' });
    assert.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block }]);
    actor.executed(block, []);
    assert.deepEqual(actor.machineCalls(), [{ type: 'buildProposal' }]);
  },
  'a follower left behind rewinds its machine, and builds when it leads again': (chart) => {
    const { actor, block } = leftBehind(chart, false);
    actor.tell({ type: 'machineRewound' });
    assert.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block }]);
    actor.executed(block, []);
    assert.deepEqual(actor.machineCalls(), []);
    actor.lead(true);
    assert.deepEqual(actor.machineCalls(), [{ type: 'buildProposal' }]);
  },
  'who comes to lead while its machine is rewound builds afterwards, who ceases to does not': (chart) => {
    for (const leads of [true, false]) {
      const { actor, block } = leftBehind(chart, !leads);
      actor.lead(leads);
      assert.deepEqual(actor.machineCalls(), []);
      actor.tell({ type: 'machineRewound' });
      actor.executed(block, []);
      assert.deepEqual(actor.machineCalls(), leads ? [{ type: 'buildProposal' }] : []);
    }
  },
  'a stop waits for the rewinding, and a machine that throws there fails the replica': (chart) => {
    for (const leading of [true, false]) {
      const stopping = leftBehind(chart, leading);
      stopping.actor.tell({ type: 'stopRequested' });
      stopping.actor.tell({ type: 'machineRewound' });
      assert.deepEqual(stopping.actor.sent('replica'), []);
      stopping.actor.executed(stopping.block, []);
      assert.deepEqual(stopping.actor.sent('replica'), STOPPED);
      const failing = leftBehind(chart, leading);
      failing.actor.tell({ type: 'machineThrew', call: 'rewind', error: 'boom' });
      assert.equal(failing.actor.sent('replica')[0]?.type, 'operationFailed');
      failing.actor.tell({ type: 'stopRequested' });
      assert.deepEqual(failing.actor.sent('replica'), STOPPED);
    }
  },
  'a machine that is left behind while the replica stops is rewound too': (chart) => {
    const actor = GeneratorHarness.ready({ chart, leading: true, speculation: { proposalBufferTarget: 1 } });
    actor.tell({ type: 'proposalBuilt', proposal: PROPOSAL });
    actor.tell({ type: 'stateHashWanted', token: 1 });
    actor.tell({ type: 'stopRequested' });
    const block = blockOf({ height: 1, proposer: 2, body: Uint8Array.of(2) });
    actor.tell({ type: 'blocksCommitted', blocks: [block] });
    actor.tell({ type: 'stateHashed', token: 1, height: asHeight(0), stateHash: 'ab' });
    assert.deepEqual(actor.machineCalls(), [{ type: 'rewindMachine' }]);
    actor.tell({ type: 'machineRewound' });
    assert.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block }]);
  },
};
const all = { ...scenarios, ...rewinding };

for (const [title, scenario] of Object.entries(all)) {
  test(title, async (t) => {
    await t.notThrowsAsync(async () => scenario(compile(proposalGeneratorMachine)));
  });
}

ava('the table steps as xstate does', (t) => {
  t.notThrows(() => assertTableEqualsXstate(proposalGeneratorMachine));
});

test('an actor test misses each transition that is taken away', async (t) => {
  await t.notThrowsAsync(() => assertEveryTransitionIsUsed(proposalGeneratorMachine, Object.values(all)));
});
