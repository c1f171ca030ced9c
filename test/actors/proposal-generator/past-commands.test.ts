/** Commands that will not run any more: they ran, or their client went on without them. */
import { CommandExecutor } from '../../../actors/proposal-generator/command-executor.js';
import { sessionBounds } from '../../../actors/proposal-generator/session-table.js';
import { asHeight, asReplicaId } from '../../../src/protocol/numbers.js';
import { batchOf, blockOf, clientOf, range } from '../../support/command-blocks.js';
import { GeneratorHarness, testLimits } from '../../support/generator-harness.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { JournalMachine } from '../../support/journal-machine.js';

const WINDOW = testLimits.sessionWindow;
/** Of an own pool that is else empty. */
const OF_ONE_ADDRESS = (testLimits.poolCommands * 4) / 5;

test('commands that became too old leave a follower: its pool, what is on the way, and what the pacemaker waits for', (t) => {
  const follower = GeneratorHarness.ready({ leading: false });
  const sequences = range(1, OF_ONE_ADDRESS);
  follower.submit(batchOf(1, sequences));
  t.is(follower.forwarded()[0]?.commands.length, 10);
  const high = batchOf(1, [5000]);
  follower.commit(blockOf({ height: 1, proposer: 1, batches: [high] }), [high]);
  t.like(follower.generator.counters(), { waiting: 0, oldest: null });
  t.deepEqual(follower.sent('pacemaker'), [{ type: 'workChanged', waiting: false, oldestSince: null }]);
  t.like(follower.sent('gateway')[1], { type: 'commandsRefused', reason: 'sequenceTooOld', sequences });
  follower.submit(batchOf(2, range(1, 10)));
  t.deepEqual(follower.sent('gateway'), [], 'another has the place');
  t.is(follower.forwarded()[0]?.commands.length, 10, 'and the way to the leader');
});

test('a command is too old with the window below the highest that ran, and not before; that one ran invalid is as good', (t) => {
  for (const outcome of ['reply', 'invalid'] as const) {
    const follower = GeneratorHarness.ready({ leading: false });
    follower.submit(batchOf(1, [1, 2]));
    const high = batchOf(1, [1 + WINDOW]);
    const block = blockOf({ height: 1, proposer: 1, batches: [high] });
    if (outcome === 'reply') follower.commit(block, [high]);
    else {
      follower.tell({ type: 'blocksCommitted', blocks: [block] });
      const sequences = high.commands.map(({ sequence }) => sequence);
      const refused = [{ client: clientOf(1), sequences, reason: 'invalid' as const }];
      follower.tell({ type: 'blockExecuted', height: asHeight(1), replies: [], repeated: [], refused });
    }
    t.like(follower.generator.counters(), { waiting: 1, oldest: { client: clientOf(1), sequence: 2 } }, outcome);
  }
});

test('a leader lets go of what a peer forwarded when it became too old, and tells nobody', (t) => {
  const leader = GeneratorHarness.ready({ leading: true });
  leader.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(1, [1, 2])] });
  const high = batchOf(1, [2 + WINDOW]);
  leader.commit(blockOf({ height: 1, batches: [high] }), [high]);
  t.is(leader.generator.counters().waiting, 0);
  t.deepEqual(
    leader.sent('gateway').map(({ type }) => type),
    ['commandsExecuted'],
  );
});

test('a block of another branch that holds a command which became too old gives it back to nobody', (t) => {
  const leader = GeneratorHarness.ready({ leading: true });
  leader.submit(batchOf(1, [1]));
  leader.want();
  const own = blockOf({ height: 1, view: leader.view, batches: [batchOf(1, [1])] });
  leader.tell({ type: 'blockAdded', block: own });
  const high = batchOf(1, [1 + WINDOW]);
  leader.commit(blockOf({ height: 1, proposer: 2, batches: [high] }), [high]);
  leader.tell({ type: 'blocksAbandoned', hashes: [own.hash] });
  t.is(leader.generator.counters().waiting, 0);
  t.deepEqual(leader.want(), []);
});

/** What a machine remembers that has run sequences 1 and 2 of client 1 at height 1. */
function remembered() {
  const executor = new CommandExecutor(new JournalMachine(), sessionBounds(testLimits));
  const { replies } = executor.execute(blockOf({ height: 1, batches: [batchOf(1, [1, 2])] }));
  return { sessions: executor.sessions(), reply: replies[0]?.replies[0] };
}

test('what ran before a restart is answered, whether its client asks before the machine is rebuilt or after', (t) => {
  const { sessions, reply } = remembered();
  const follower = new GeneratorHarness();
  follower.lead(false);
  follower.submit(batchOf(1, [1, 3]));
  t.deepEqual(follower.forwarded(), [{ to: 1, commands: ['1:1', '1:3'] }]);
  follower.tell({ type: 'logRecovered', committedHeight: asHeight(1) });
  follower.tell({ type: 'machineInitialized', height: asHeight(1), sessions });
  const answer = {
    type: 'commandsExecuted',
    height: asHeight(1),
    replies: [{ client: clientOf(1), replies: [reply] }],
    again: true,
  };
  t.deepEqual(follower.sent('gateway'), [answer] as never);
  t.like(follower.generator.counters(), { waiting: 1, oldest: { client: clientOf(1), sequence: 3 } });
  follower.submit(batchOf(1, [1]));
  t.deepEqual(follower.sent('gateway'), [answer] as never);
  t.is(follower.generator.counters().waiting, 1);
  follower.lead(false, 2);
  t.deepEqual(follower.forwarded(), [{ to: 2, commands: ['1:3'] }]);
});

test('a leader that restarted drops what ran in its earlier lives when a peer forwards it', (t) => {
  const { sessions } = remembered();
  const leader = new GeneratorHarness();
  leader.tell({ type: 'logRecovered', committedHeight: asHeight(1) });
  leader.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(1, [1])] });
  leader.tell({ type: 'machineInitialized', height: asHeight(1), sessions });
  t.deepEqual(leader.sent('gateway'), [], 'its client is not here');
  leader.lead(true);
  leader.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(1, [2, 3])] });
  t.deepEqual(leader.want(), ['1:3']);
});
