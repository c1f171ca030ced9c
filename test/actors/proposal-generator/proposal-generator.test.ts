import { asHeight, asReplicaId, asSequence } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { batchOf, blockOf, clientOf, range } from '../../support/command-blocks.js';
import { GeneratorHarness, testLimits } from '../../support/generator-harness.js';
import { onBothHosts as test } from '../../support/hosts.js';

test('one command goes into the next body at once: it never waits for company', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1]));
  t.deepEqual(actor.want(), ['1:1']);
});

test('a body leaves out the commands of its uncommitted ancestors, whoever proposed them', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, range(1, 6)));
  const foreign = blockOf({ height: 1, proposer: 2, batches: [batchOf(1, [2, 3])] });
  actor.tell({ type: 'blockAdded', block: foreign });
  t.deepEqual(actor.want(foreign.hash, [foreign.hash]), ['1:1', '1:4', '1:5', '1:6']);
});

test('commands of a block on another branch go into the body, though nobody abandoned that block yet', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1, 2]));
  const fork = blockOf({ height: 1, proposer: 2, batches: [batchOf(1, [1])] });
  actor.tell({ type: 'blockAdded', block: fork });
  t.deepEqual(actor.want(fork.hash, [fork.hash]), ['1:2']);
  t.deepEqual(actor.want(), ['1:1', '1:2']);
});

test('a command forwarded after the ancestor that holds it is left out too', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  const ancestor = blockOf({ height: 1, proposer: 2, batches: [batchOf(1, [1])] });
  actor.tell({ type: 'blockAdded', block: ancestor });
  actor.want(ancestor.hash, [ancestor.hash]);
  actor.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(1, [1, 2])] });
  t.deepEqual(actor.want(ancestor.hash, [ancestor.hash]), ['1:2']);
});

test('commands of an abandoned block return to the pool', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1, 2]));
  t.deepEqual(actor.want(), ['1:1', '1:2']);
  const own = blockOf({ height: 1, view: actor.view, batches: [batchOf(1, [1, 2])] });
  actor.tell({ type: 'blockAdded', block: own });
  t.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: false, oldestSince: null }]);
  t.deepEqual(actor.want(own.hash, [own.hash]), []);
  actor.tell({ type: 'blocksAbandoned', hashes: [own.hash] });
  t.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: true, oldestSince: null }]);
  t.deepEqual(actor.want(), ['1:1', '1:2']);
});

test('commands of a body that consensus made no block of count as waiting and come back', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1]));
  t.deepEqual(actor.want(), ['1:1']);
  t.deepEqual(actor.sent('pacemaker'), [], 'the pacemaker is still told that a command waits');
  t.deepEqual(actor.want(), ['1:1']);
});

test('committed commands that are not executed yet are not proposed again', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1, 2]));
  const block = blockOf({ height: 1, proposer: 2, batches: [batchOf(1, [1])] });
  actor.tell({ type: 'blocksCommitted', blocks: [block] });
  t.deepEqual(actor.want(block.hash, []), ['1:2']);
});

test('a follower forwards what it accepted in one message, and again to each new leader until it is executed', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  actor.submit(batchOf(1, [1, 2]));
  const due = actor.effects;
  actor.submit(batchOf(2, [1]));
  t.deepEqual(actor.sent('proposalGenerator'), [], 'one forwarding is due for both');
  actor.effects = due;
  t.deepEqual(actor.forwarded(), [{ to: 1, commands: ['1:1', '1:2', '2:1'] }]);
  const block = blockOf({ height: 1, proposer: 1, batches: [batchOf(1, [1])] });
  actor.commit(block, [batchOf(1, [1])]);
  actor.lead(false, 2);
  t.deepEqual(actor.forwarded(), [{ to: 2, commands: ['1:2', '2:1'] }]);
});

test('a follower has at most half of what the leader keeps for it on the way, and sends more as commands are executed', (t) => {
  const actor = GeneratorHarness.ready({ leading: false, limits: { peerPoolCommands: 8 } });
  actor.submit(batchOf(1, range(1, 6)));
  t.deepEqual(actor.forwarded(), [{ to: 1, commands: ['1:1', '1:2', '1:3', '1:4'] }]);
  actor.commit(blockOf({ height: 1 }), [batchOf(1, [1])]);
  t.deepEqual(actor.forwarded(), [{ to: 1, commands: ['1:5'] }]);
});

test('while the leader has no room for more, nothing is due', (t) => {
  const actor = GeneratorHarness.ready({ leading: false, limits: { peerPoolCommands: 8 } });
  actor.submit(batchOf(1, range(1, 4)));
  actor.forwarded();
  actor.submit(batchOf(1, [5]));
  t.deepEqual(actor.sent('proposalGenerator'), []);
});

test('a pending command does not keep the frame alive that it came in, from a client or from a peer', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  const frame = new Uint8Array(100_000);
  const view = { sequence: asSequence(1), bytes: frame.subarray(0, 10) };
  actor.submit({ client: clientOf(1), commands: [view] });
  actor.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [{ client: clientOf(2), commands: [view] }] });
  frame.fill(9);
  actor.want();
  const [answer] = actor.sent('consensus').filter((message) => message.type === 'bodyReady');
  t.false(answer?.body.includes(9));
});

test('a command that its client asks after is forwarded again, since the leader may have had no room, but not soon', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  const ask = () => {
    actor.submit(batchOf(1, [1]));
    return actor.forwarded();
  };
  const sent = [{ to: 1, commands: ['1:1'] }];
  t.deepEqual(ask(), sent);
  actor.now = testLimits.forwardAgainMs - 1;
  t.deepEqual(ask(), []);
  actor.now += 1;
  t.deepEqual(ask(), sent);
  t.deepEqual(ask(), []);
  actor.lead(false, 2);
  t.deepEqual(actor.forwarded(), [{ to: 2, commands: ['1:1'] }], 'another leader has not been asked yet');
});

test('a leader to which a new connection is made is sent all commands that are not executed again; others are not', (t) => {
  const actor = GeneratorHarness.ready({ leading: false, limits: { peerPoolCommands: 8 } });
  actor.submit(batchOf(1, range(1, 5)));
  actor.forwarded();
  actor.commit(blockOf({ height: 1 }), [batchOf(1, [1])]);
  actor.forwarded();
  actor.tell({ type: 'peerConnected', peer: asReplicaId(2) });
  t.deepEqual(actor.forwarded(), []);
  actor.tell({ type: 'peerConnected', peer: asReplicaId(1) });
  t.deepEqual(actor.forwarded(), [{ to: 1, commands: ['1:2', '1:3', '1:4', '1:5'] }]);
  const leader = GeneratorHarness.ready({ leading: true });
  leader.submit(batchOf(1, [1]));
  leader.tell({ type: 'peerConnected', peer: asReplicaId(1) });
  t.deepEqual(leader.forwarded(), []);
});

const paces = {
  messages: { window: { messages: 2, commands: 100, bytes: 10_000 }, each: [1, 1] },
  commands: { window: { messages: 100, commands: 2, bytes: 10_000 }, each: [2] },
  bytes: { window: { messages: 100, commands: 100, bytes: 100 }, each: [1, 1] },
};
for (const [bound, { window, each }] of Object.entries(paces)) {
  test(`a follower forwards no faster than its leader reads: ${bound}`, (t) => {
    const windowMs = testLimits.peerCreditWindowMs;
    const actor = GeneratorHarness.ready({ leading: false, limits: { forwardWindow: window, forwardBytes: 132 } });
    actor.now = 7;
    actor.submit(batchOf(1, [1, 2, 3, 4], bound === 'commands' ? '' : 'x'.repeat(60)));
    const sizes = () => actor.forwarded().map(({ commands }) => commands.length);
    t.deepEqual(sizes(), each);
    const timer = { type: 'startTimer', timer: 'forward', delayMs: windowMs, message: { type: 'forwardDue' } } as const;
    t.deepEqual(
      actor.effects.filter(({ type }) => type === 'startTimer'),
      [timer],
    );
    actor.submit(batchOf(1, [5], ''));
    t.deepEqual(actor.forwarded(), [], 'it is due at the end of the window');
    actor.now += windowMs;
    actor.tell({ type: 'forwardDue' });
    const next = actor.sent('network').filter(({ type }) => type === 'sendTo');
    t.is(next.length, each.length);
  });
}

test('forwarded messages hold no more than their bound', (t) => {
  const actor = GeneratorHarness.ready({ leading: false, limits: { forwardBytes: 132 } });
  actor.submit(batchOf(1, [1, 2, 3], 'x'.repeat(60)));
  t.deepEqual(
    actor.forwarded().map(({ commands }) => commands),
    [['1:1'], ['1:2'], ['1:3']],
  );
});

test('a leader that loses its tenure forwards what it has accepted itself', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1]));
  actor.tell({ type: 'commandsForwarded', from: asReplicaId(3), batches: [batchOf(2, [1])] });
  t.deepEqual(actor.forwarded(), []);
  actor.lead(false, 1);
  t.deepEqual(actor.forwarded(), [{ to: 1, commands: ['1:1'] }]);
});

test('a full pool refuses, and a peer that fills its space is counted', (t) => {
  const actor = GeneratorHarness.ready({ leading: true, limits: { poolCommands: 2 } });
  actor.submit(batchOf(1, [1, 2, 3]));
  t.deepEqual(actor.sent('gateway'), [
    {
      type: 'commandsRefused',
      client: clientOf(1),
      sequences: batchOf(1, [3]).commands.map((c) => c.sequence),
      reason: 'poolFull',
    },
  ]);
  actor.tell({ type: 'commandsForwarded', from: asReplicaId(3), batches: [batchOf(2, range(1, 25))] });
  t.like(actor.generator.counters(), { refused: 1, turnedAway: 5 });
});

test('one address that keeps asking keeps no other one out of the pool', (t) => {
  const leader = GeneratorHarness.ready({ leading: true });
  let parent: Block | null = null;
  for (let height = 1; height <= 30; height += 1) {
    leader.submit(batchOf(66, range(1 + (height - 1) * 10, 200 + height * 10)), '10.6.6.6');
    t.true(leader.sent('gateway').some((message) => message.type === 'commandsRefused'));
    leader.submit(batchOf(1, [height]), '10.0.0.1');
    t.deepEqual(leader.sent('gateway'), [], `${height}`);
    const names = leader.want(parent?.hash) ?? [];
    const sequencesOf = (client: number) =>
      names.flatMap((name) => (name.startsWith(`${client}:`) ? [Number(name.split(':')[1])] : []));
    const batches = [batchOf(1, sequencesOf(1)), batchOf(66, sequencesOf(66))];
    const block: Block = blockOf({ height, batches, ...(parent === null ? {} : { parent: parent.hash }) });
    leader.tell({ type: 'blockAdded', block });
    leader.commit(block, batches);
    parent = block;
  }
});

test('commands are counted as waiting until a leader’s branch holds them, and as executed once, their blocks as backlog between', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  const batch = batchOf(1, [1, 2, 3]);
  actor.submit(batch);
  t.like(actor.generator.counters(), { waiting: 3, executed: 0, backlogBlocks: 0, backlogBytes: 0 });
  const block = blockOf({ height: 1, batches: [batch] });
  actor.tell({ type: 'blockAdded', block });
  t.deepEqual(actor.want(block.hash, [block.hash]), []);
  actor.tell({ type: 'blocksCommitted', blocks: [block] });
  t.like(actor.generator.counters(), { waiting: 0, executed: 0, backlogBlocks: 1, backlogBytes: block.body.length });
  actor.executed(block, [batch]);
  t.like(actor.generator.counters(), { waiting: 0, executed: 3, backlogBlocks: 0, backlogBytes: 0 });
});

test('commands that are too large or invalid are refused before the pool', (t) => {
  const validate = (bytes: Uint8Array) => bytes[0] !== 0x62;
  const actor = GeneratorHarness.ready({ leading: true, validate });
  const reasons = (text: string) => {
    actor.submit(batchOf(1, [1], text));
    return actor.sent('gateway').map((message) => (message.type === 'commandsRefused' ? message.reason : message.type));
  };
  t.deepEqual(reasons('x'.repeat(101)), ['tooLarge']);
  t.deepEqual(reasons('bad'), ['invalid']);
  t.deepEqual(reasons('x'.repeat(100)), []);
});

test('a command that ran is answered from what is remembered, under its own height, and does not run again', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1]));
  actor.commit(blockOf({ height: 1, batches: [batchOf(1, [1])] }), [batchOf(1, [1])]);
  const [first] = actor.sent('gateway');
  t.is(first?.type, 'commandsExecuted');
  actor.commit(blockOf({ height: 2 }), []);
  actor.submit(batchOf(1, [1]));
  t.like(actor.sent('gateway'), [{ type: 'commandsExecuted', height: 1 }]);
  actor.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(1, [1])] });
  t.deepEqual(actor.want(), []);
});

test('a client hears of its command when the block is committed and executed, and of nothing before', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  const batch = batchOf(1, [1]);
  const block = blockOf({ height: 1, view: actor.view + 1, batches: [batch] });
  const steps: readonly (() => unknown)[] = [
    () => actor.submit(batch),
    () => actor.want(),
    () => actor.tell({ type: 'blockAdded', block }),
    () => actor.want(block.hash, [block.hash]),
    () => actor.tell({ type: 'blocksCommitted', blocks: [block] }),
  ];
  for (const step of steps) {
    t.deepEqual(actor.machineCalls(), [], 'the machine is not called for what may yet be abandoned');
    step();
    t.deepEqual(actor.sent('gateway'), []);
  }
  t.is(actor.machineCalls().length, 1);
  actor.executed(block, [batch]);
  t.like(actor.sent('gateway'), [{ type: 'commandsExecuted', height: 1 }]);
});

test('the pacemaker hears of work when it changes: whether some waits, and since when the leader is waited for', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  actor.now = 5;
  actor.submit(batchOf(1, [1]));
  t.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: true, oldestSince: 5 }]);
  actor.now = 7;
  actor.submit(batchOf(1, [2]));
  t.deepEqual(actor.sent('pacemaker'), []);
  actor.now = 9;
  const block = blockOf({ height: 1, proposer: 2, batches: [batchOf(1, [1])] });
  actor.commit(block, [batchOf(1, [1])]);
  t.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: true, oldestSince: 9 }]);
  actor.commit(blockOf({ height: 2, batches: [batchOf(1, [2])] }), [batchOf(1, [2])]);
  t.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: false, oldestSince: null }]);
  actor.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(2, [1])] });
  t.deepEqual(actor.sent('pacemaker'), [{ type: 'workChanged', waiting: true, oldestSince: null }]);
});

test('the machine is called once at a time and in order', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  const blocks = range(1, 3).map((height) => blockOf({ height }));
  const [first, second, third] = blocks as [(typeof blocks)[0], (typeof blocks)[0], (typeof blocks)[0]];
  actor.tell({ type: 'blocksCommitted', blocks: [first, second] });
  t.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block: first }]);
  actor.tell({ type: 'stateHashWanted', token: 9 });
  t.deepEqual(actor.machineCalls(), []);
  actor.tell({ type: 'blocksCommitted', blocks: [third] });
  actor.executed(first, []);
  t.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block: second }]);
  actor.executed(second, []);
  t.deepEqual(actor.machineCalls(), [{ type: 'hashState', token: 9 }]);
  const answer = { type: 'stateHashed', token: 9, height: asHeight(2), stateHash: 'ab' } as const;
  actor.tell(answer);
  t.deepEqual(actor.sent('gateway'), [answer]);
  t.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block: third }]);
});

test('consensus hears of each block that the machine has executed', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  const block = blockOf({ height: 1 });
  actor.tell({ type: 'blocksCommitted', blocks: [block] });
  t.deepEqual(actor.sent('consensus'), []);
  actor.executed(block, []);
  t.deepEqual(actor.sent('consensus'), [{ type: 'blocksExecuted', height: asHeight(1) }]);
});

test('a gap in the committed heights, or a height told twice, is a bug that stops the replica', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 1 })] });
  const rule = { message: 'committed heights follow one another without gaps' };
  t.throws(() => actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 3 })] }), rule);
  t.throws(() => actor.tell({ type: 'blocksCommitted', blocks: [blockOf({ height: 1 })] }), rule);
});

test('a block whose body cannot be read claims nothing and breaks nothing', (t) => {
  const actor = GeneratorHarness.ready({ leading: true });
  actor.submit(batchOf(1, [1]));
  const block = blockOf({ height: 1, proposer: 2, body: Uint8Array.of(1, 2, 3) });
  actor.tell({ type: 'blockAdded', block });
  t.deepEqual(actor.want(block.hash, [block.hash]), ['1:1']);
});

test('a validate that throws is the application’s bug and fails the replica', (t) => {
  const validate = () => {
    throw new Error('no such table');
  };
  const actor = GeneratorHarness.ready({ leading: true, validate });
  actor.submit(batchOf(1, [1]));
  t.like(actor.sent('replica'), [{ type: 'operationFailed', code: 'APPLICATION_THREW' }]);
});

for (const [what, validate] of [
  ['a promise', async () => false],
  ['neither true nor false', () => undefined],
] as const) {
  test(`a validate that answers ${what} is the application’s bug and fails the replica`, (t) => {
    const actor = GeneratorHarness.ready({ leading: true, validate: validate as never });
    actor.submit(batchOf(1, [1]));
    t.deepEqual(actor.sent('replica'), [
      {
        type: 'operationFailed',
        code: 'APPLICATION_THREW',
        detail: `the state machine threw in validate: it returned ${what}`,
      },
    ]);
  });
}

test('bounds that could not hold one command are refused with the option, its value and the range', (t) => {
  const error = t.throws(() => new GeneratorHarness({ batch: { bytes: 131 } }), { name: 'ConfigurationError' });
  t.is(error?.message, 'batch.bytes is 131; it must be a whole number from 132 to 1000000');
  t.notThrows(() => new GeneratorHarness({ batch: { bytes: 132 } }).lead(false));
  t.throws(() => new GeneratorHarness({ batch: { commands: 0 } }), { name: 'ConfigurationError' });
  t.throws(() => new GeneratorHarness({ batch: { ms: -1 } }), { name: 'ConfigurationError' });
  t.throws(() => new GeneratorHarness({ batch: { ms: undefined as never } }), { name: 'ConfigurationError' });
});

test('a machine that falls behind is told to consensus at the bound, in blocks or bytes, until it is below', (t) => {
  const told = (actor: GeneratorHarness) => actor.sent('consensus').filter(({ type }) => type === 'executionBehind');
  for (const [bounds, body] of [
    [{ executionBacklogBlocks: 4 }, 0],
    [{ executionBacklogBytes: 400 }, 100],
  ] as const) {
    const actor = GeneratorHarness.ready({ leading: false, limits: bounds });
    const blocks = range(1, 6).map((height) => blockOf({ height, body: new Uint8Array(body) }));
    const commit = (from: number, to: number) =>
      actor.tell({ type: 'blocksCommitted', blocks: blocks.slice(from - 1, to) });
    commit(1, 3);
    t.deepEqual(told(actor), []);
    commit(4, 4);
    t.deepEqual(told(actor), [{ type: 'executionBehind', behind: true }]);
    commit(5, 6);
    t.deepEqual(told(actor), [], 'what consensus had already still comes');
    for (const block of blocks.slice(0, 2)) {
      t.deepEqual(told(actor), []);
      actor.executed(block, []);
    }
    t.deepEqual(told(actor), [], 'at the bound');
    actor.executed(blocks[2] as (typeof blocks)[0], []);
    t.deepEqual(told(actor), [{ type: 'executionBehind', behind: false }]);
  }
});

test('a machine that hashes in slices is called again after the blocks that wait', (t) => {
  const actor = GeneratorHarness.ready({ leading: false });
  actor.tell({ type: 'stateHashWanted', token: 3 });
  const block = blockOf({ height: 1 });
  actor.tell({ type: 'blocksCommitted', blocks: [block] });
  actor.tell({ type: 'stateHashing', token: 3 });
  t.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block }]);
  actor.executed(block, []);
  t.deepEqual(actor.machineCalls(), [{ type: 'hashState', token: 3 }]);
});
