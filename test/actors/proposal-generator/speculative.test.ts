import ava from 'ava';
import { Speculation } from '../../../actors/proposal-generator/speculation.js';
import type { SpeculationOptions } from '../../../actors/proposal-generator/speculation-options.js';
import { asHeight, asReplicaId, asTenure, asView, type BlockHash } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { batchOf, blockOf, GENESIS } from '../../support/command-blocks.js';
import { GeneratorHarness } from '../../support/generator-harness.js';
import { onBothHosts as test } from '../../support/hosts.js';

const EMPTY = new Uint8Array(0);

/** A leader in its first view, 0, with a machine whose n-th proposal is the byte n. */
class Leader {
  readonly actor: GeneratorHarness;
  tip: BlockHash = GENESIS;
  uncommitted: BlockHash[] = [];
  height = 0;
  view = 0;
  #built = 0;

  constructor(speculation: Partial<SpeculationOptions & { readonly tenureLength: number }> = {}) {
    this.actor = GeneratorHarness.ready({ leading: true, speculation });
  }

  get isAsked(): boolean {
    return this.actor.machineCalls().some(({ type }) => type === 'buildProposal');
  }

  /** Answers what the machine is asked; how many proposals it was asked for, one after the other. */
  build(most = Number.POSITIVE_INFINITY): number {
    let asked = 0;
    for (; this.isAsked && asked < most; asked += 1) this.answer(true);
    return asked;
  }

  answer(something: boolean): void {
    if (something) this.#built += 1;
    const bytes = Uint8Array.of(this.#built);
    this.actor.tell({ type: 'proposalBuilt', proposal: something ? { id: bytes, body: bytes } : null });
  }

  want(): void {
    const { view, tip: parent, uncommitted } = this;
    this.actor.tell({ type: 'bodyWanted', view: asView(view), parent, uncommitted: [...uncommitted] });
  }

  /** The body that was answered, as numbers; null for none. */
  body(): readonly number[] | null {
    const [ready] = this.actor.sent('consensus').filter((message) => message.type === 'bodyReady');
    return ready === undefined ? null : [...ready.body];
  }

  /** The block of this view: a body that was wanted, or a heartbeat's. */
  makeBlock(body: Uint8Array): Block {
    this.height += 1;
    const block = blockOf({ height: this.height, view: this.view, parent: this.tip, body });
    this.tip = block.hash;
    this.uncommitted.push(block.hash);
    this.view += 1;
    this.actor.tell({ type: 'blockAdded', block });
    return block;
  }

  /** A whole view: the body wanted and made a block. */
  propose(): readonly number[] {
    this.want();
    const body = this.body();
    if (body === null) throw new Error('no body came');
    this.makeBlock(Uint8Array.from(body));
    return body;
  }

  get waiting(): boolean | null {
    return this.actor.sent('pacemaker').flatMap((m) => (m.type === 'workChanged' ? [m.waiting] : []))[0] ?? null;
  }
}

test('a leader’s machine is asked until the buffer holds its target, and again for each proposal that goes', (t) => {
  const leader = new Leader();
  t.is(leader.build(), 3);
  t.deepEqual(leader.propose(), [1]);
  t.is(leader.build(), 1);
  t.deepEqual(leader.propose(), [2]);
});

test('a buffer that is refilled when it is empty is not refilled before', (t) => {
  const leader = new Leader({ proposalBufferTarget: 2, refillProposalBuffer: 'whenEmpty' });
  t.is(leader.build(), 2);
  leader.propose();
  t.is(leader.build(), 0);
  leader.propose();
  t.is(leader.build(), 2);
});

test('the buffer never holds more proposals than views are left in the tenure', (t) => {
  const leader = new Leader({ tenureLength: 8, proposalBufferTarget: 100 });
  t.is(leader.build(), 8);
  const late = new Leader({ tenureLength: 8 });
  t.is(late.build(1), 1);
  late.view = 5;
  late.propose();
  late.answer(true);
  t.is(late.build(), 1, 'views 6 and 7');
});

test('a body does not wait for the machine where there is a buffer, and does where there is none', (t) => {
  const leader = new Leader();
  leader.want();
  t.deepEqual(leader.body(), []);
  const bufferless = new Leader({ proposalBufferTarget: 0 });
  t.false(bufferless.isAsked, 'nothing is built that nobody wants');
  bufferless.want();
  t.is(bufferless.body(), null);
  t.true(bufferless.isAsked);
  bufferless.answer(true);
  t.deepEqual(bufferless.body(), [1]);
  bufferless.makeBlock(Uint8Array.of(1));
  t.false(bufferless.isAsked);
  bufferless.want();
  bufferless.answer(false);
  t.deepEqual(bufferless.body(), []);
});

test('without a buffer a machine that has nothing counts as work again after a heartbeat, not after an empty body', (t) => {
  const leader = new Leader({ proposalBufferTarget: 0 });
  leader.want();
  leader.answer(false);
  t.false(leader.waiting);
  leader.makeBlock(EMPTY);
  t.is(leader.waiting, null);
  leader.makeBlock(EMPTY);
  t.true(leader.waiting);
});

test('a machine that has nothing is asked again when a block is made, and when the application says so', (t) => {
  const leader = new Leader();
  leader.answer(false);
  t.false(leader.isAsked);
  leader.makeBlock(EMPTY);
  t.true(leader.isAsked);
  leader.answer(false);
  leader.actor.tell({ type: 'proposalsWanted', wanted: true });
  t.true(leader.isAsked);
});

test('a buffered proposal is work for the pacemaker, an empty buffer is none', (t) => {
  const leader = new Leader({ proposalBufferTarget: 1 });
  t.is(leader.waiting, null);
  leader.answer(true);
  t.true(leader.waiting);
  leader.propose();
  t.false(leader.waiting);
});

test('while blocks of others are not committed the bodies are empty, and the machine is not asked', (t) => {
  const actor = GeneratorHarness.ready({ leading: false, speculation: {} });
  const others = blockOf({ height: 1, view: 1, proposer: 2, body: Uint8Array.of(9) });
  actor.tell({ type: 'blockAdded', block: others });
  const place = { tenure: asTenure(1), view: asView(1000), uncommitted: [others.hash] };
  actor.tell({ type: 'leaderChanged', leader: asReplicaId(0), leading: true, ...place });
  t.deepEqual(actor.machineCalls(), []);
  t.like(actor.sent('pacemaker'), [{ waiting: true }], 'empty blocks get them committed');
  actor.tell({ type: 'bodyWanted', view: asView(1000), parent: others.hash, uncommitted: [others.hash] });
  t.like(actor.sent('consensus'), [{ type: 'bodyReady', body: EMPTY }]);
  actor.tell({ type: 'blocksCommitted', blocks: [others] });
  t.deepEqual(actor.machineCalls(), [{ type: 'executeBlock', block: others }], 'executed, and not rewound');
  actor.executed(others, []);
  t.deepEqual(actor.machineCalls(), [{ type: 'buildProposal' }]);
});

test('who leads on where the machine stands again has nothing to propose, and says so', (t) => {
  const actor = GeneratorHarness.ready({ leading: false, speculation: {} });
  const others = blockOf({ height: 1, view: 1, proposer: 2, body: Uint8Array.of(9) });
  actor.tell({ type: 'blockAdded', block: others });
  const lead = (tenure: number, uncommitted: readonly BlockHash[]) => {
    const place = { tenure: asTenure(tenure), view: asView(1000 * tenure), uncommitted };
    actor.tell({ type: 'leaderChanged', leader: asReplicaId(0), leading: true, ...place });
  };
  lead(1, [others.hash]);
  t.like(actor.sent('pacemaker'), [{ waiting: true }]);
  lead(5, []);
  t.like(actor.sent('pacemaker'), [{ waiting: false }], 'or it would propose empty blocks without a rest');
});

test('own blocks are committed by the machine’s name for them, and not executed', (t) => {
  const leader = new Leader({ proposalBufferTarget: 1 });
  leader.build();
  leader.want();
  const block = leader.makeBlock(Uint8Array.of(1));
  leader.answer(false);
  leader.actor.tell({ type: 'blocksCommitted', blocks: [block] });
  const commit = { type: 'commitProposal', height: asHeight(1), id: Uint8Array.of(1) } as const;
  t.deepEqual(leader.actor.machineCalls(), [commit]);
});

test('a body that became no block is proposed again, in its place', (t) => {
  const leader = new Leader();
  leader.build();
  leader.want();
  t.deepEqual(leader.body(), [1]);
  leader.makeBlock(EMPTY);
  leader.want();
  t.deepEqual(leader.body(), [1]);
  leader.view += 1;
  t.deepEqual(leader.propose(), [1]);
  t.deepEqual(leader.propose(), [2]);
});

test('an own block that is abandoned rewinds the machine once, and what was built on it is thrown away', (t) => {
  const leader = new Leader({ proposalBufferTarget: 2 });
  leader.build();
  leader.want();
  const lost = leader.makeBlock(Uint8Array.of(1));
  leader.answer(true);
  const instead = blockOf({ height: 1, view: 5, proposer: 2, body: EMPTY });
  leader.actor.tell({ type: 'blocksCommitted', blocks: [instead] });
  t.deepEqual(leader.actor.machineCalls(), [{ type: 'executeBlock', block: instead }]);
  leader.actor.tell({ type: 'blocksAbandoned', hashes: [lost.hash] });
  t.deepEqual(leader.actor.sent('replica'), [
    { type: 'proposalBufferChanged', buffer: { size: 0, target: 2, draining: false } },
  ]);
  leader.actor.executed(instead, []);
  t.deepEqual(leader.actor.machineCalls(), [{ type: 'rewindMachine' }]);
  leader.actor.tell({ type: 'machineRewound' });
  t.deepEqual(leader.actor.machineCalls(), [{ type: 'buildProposal' }]);
});

test('stopped proposals drain in order, the one being built included; the application hears of each', (t) => {
  const leader = new Leader();
  leader.build(2);
  leader.actor.tell({ type: 'proposalsWanted', wanted: false });
  const told = () => leader.actor.sent('replica').map((message) => ('buffer' in message ? message.buffer : null));
  t.deepEqual(told(), [{ size: 2, target: 3, draining: true }]);
  leader.answer(true);
  t.deepEqual(told(), [{ size: 3, target: 3, draining: true }]);
  t.deepEqual([leader.propose(), leader.propose(), leader.propose()], [[1], [2], [3]]);
  t.deepEqual(told(), [{ size: 0, target: 3, draining: false }]);
  t.deepEqual(leader.propose(), []);
  t.false(leader.isAsked);
  leader.actor.tell({ type: 'proposalsWanted', wanted: true });
  t.true(leader.isAsked);
});

test('a follower’s machine is not asked, and what it built as a leader waits', (t) => {
  const leader = new Leader();
  leader.build();
  leader.actor.lead(false);
  t.false(leader.isAsked);
  t.false(leader.waiting);
  leader.actor.lead(true);
  t.true(leader.waiting);
  t.deepEqual(leader.propose(), [1]);
});

test('commands of clients are refused, and those of peers counted', (t) => {
  const leader = new Leader();
  leader.actor.submit(batchOf(1, [1, 2]));
  t.like(leader.actor.sent('gateway'), [{ type: 'commandsRefused', reason: 'invalid', sequences: [1, 2] }]);
  leader.actor.tell({ type: 'commandsForwarded', from: asReplicaId(2), batches: [batchOf(1, [1, 2])] });
  t.like(leader.actor.generator.counters(), { refused: 2, turnedAway: 2, executed: 0 });
});

test('a buffer target out of its range is refused, and so is a policy that there is not', (t) => {
  t.notThrows(() => new Leader({ proposalBufferTarget: 1024 }));
  for (const proposalBufferTarget of [-1, 1025, 1.5]) {
    const { message } = t.throws(() => new Leader({ proposalBufferTarget }), { name: 'ConfigurationError' });
    t.is(message, `proposalBufferTarget is ${proposalBufferTarget}; it must be a whole number from 0 to 1024`);
  }
  const refillProposalBuffer = 'never' as 'whenEmpty';
  t.throws(() => new Leader({ refillProposalBuffer }), { name: 'ConfigurationError' });
});

ava('what is committed or abandoned is not remembered', (t) => {
  const speculation = new Speculation();
  const blocks = [1, 2, 3].map((height) => blockOf({ height, proposer: 2, body: Uint8Array.of(height) }));
  for (const block of blocks) speculation.added(block);
  t.is(speculation.size, 3);
  speculation.committed(blocks[0] as Block);
  speculation.abandoned(blocks.slice(1).map(({ hash }) => hash));
  t.is(speculation.size, 0);
});

test('a stop waits for the machine, for each of its calls ten seconds, and then names the call', (t) => {
  const leader = new Leader();
  t.true(leader.isAsked);
  leader.actor.tell({ type: 'stopRequested' });
  const timers = () => leader.actor.effects.filter((effect) => effect.type === 'startTimer');
  t.like(timers(), [{ delayMs: 10_000, message: { type: 'machineOverdue' } }]);
  leader.actor.tell({ type: 'machineOverdue' });
  const [failure] = leader.actor.sent('replica');
  t.like(failure, { type: 'operationFailed', code: 'MACHINE_OVERDUE' });
  t.regex(
    `${failure?.type === 'operationFailed' ? failure.detail : ''}`,
    /the machine's propose has not come back for 10000 ms/,
  );

  const patient = new Leader();
  const block = blockOf({ height: 1, body: Uint8Array.of(9) });
  patient.actor.tell({ type: 'blocksCommitted', blocks: [block] });
  patient.actor.tell({ type: 'stopRequested' });
  patient.answer(true);
  const again = patient.actor.effects.filter((effect) => effect.type === 'startTimer');
  t.is(again.length, 1, 'the next call has its own time');
  t.like(patient.actor.machineCalls(), [{ type: 'rewindMachine' }]);
  patient.actor.tell({ type: 'machineRewound' });
  patient.actor.executed(block, []);
  t.true(patient.actor.effects.some((effect) => effect.type === 'cancelTimer' && effect.timer === 'stopping'));
  t.like(patient.actor.sent('replica').at(-1), { type: 'partStopped' });
  patient.actor.tell({ type: 'machineOverdue' });
  t.deepEqual(patient.actor.sent('replica'), [], 'a time that was over as the call came back means nothing');
});
