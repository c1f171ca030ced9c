import test from 'ava';
import { createMachineHost } from '../../../actors/proposal-generator/machine-host.js';
import type { ProposalGeneratorMessage } from '../../../actors/proposal-generator/messages.js';
import { InvariantViolation, OperationalError } from '../../../src/errors.js';
import type { CommittedLog } from '../../../src/protocol/committed-log.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { batchOf, blockOf, clientOf, range } from '../../support/command-blocks.js';
import { JournalMachine } from '../../support/journal-machine.js';

const chain = range(1, 5).map((height) => blockOf({ height, batches: [batchOf(1, [height])] }));

function logOf(blocks: readonly Block[], failure?: Error): CommittedLog {
  return {
    committedHeight: asHeight(blocks.length),
    async *blocks(from) {
      for (const block of blocks) if (block.header.height >= from) yield block;
      if (failure !== undefined) throw failure;
    },
    loadBlock: async (hash) => blocks.find((block) => block.hash === hash) ?? null,
  };
}

function hostOf(log: CommittedLog, machine = new JournalMachine()) {
  const told: ProposalGeneratorMessage[] = [];
  let wake = (): void => undefined;
  const port = createMachineHost(
    machine,
    () => log,
  )((message) => {
    told.push(message);
    wake();
    return true;
  });
  const next = async (): Promise<ProposalGeneratorMessage | undefined> => {
    if (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return told.shift();
  };
  return { machine, port, told, next };
}

test('the machine is rebuilt from the log up to the recovered height, and no further', async (t) => {
  const { machine, port, next } = hostOf(logOf(chain));
  port.perform({ type: 'initializeMachine', committedHeight: asHeight(3) });
  const initialized = await next();
  t.like(initialized, { type: 'machineInitialized', height: 3 });
  const sessions = initialized?.type === 'machineInitialized' ? initialized.sessions : [];
  t.like(sessions, [{ client: clientOf(1), highest: 3 }], 'and it says what it remembers of its clients');
  t.deepEqual(machine.journal, ['1@1.0', '2@2.0', '3@3.0']);
  port.perform({ type: 'executeBlock', block: chain[3] as Block });
  t.like(await next(), { type: 'blockExecuted', height: 4 });
});

test('calls are answered inline and in order', async (t) => {
  const { port, told, next } = hostOf(logOf([]));
  port.perform({ type: 'initializeMachine', committedHeight: asHeight(0) });
  await next();
  port.perform({ type: 'executeBlock', block: chain[0] as Block });
  port.perform({ type: 'hashState', token: 5 });
  t.deepEqual(
    told.map(({ type }) => type),
    ['blockExecuted', 'stateHashed'],
  );
  t.like(told[1], { token: 5, height: 1 });
});

test('what the machine throws is told once, and it is not called again', async (t) => {
  const { machine, port, told, next } = hostOf(logOf([]));
  port.perform({ type: 'initializeMachine', committedHeight: asHeight(0) });
  await next();
  port.perform({ type: 'executeBlock', block: blockOf({ height: 1, batches: [batchOf(1, [1], 'throw')] }) });
  t.deepEqual(told, [{ type: 'machineThrew', call: 'apply', error: 'boom' }]);
  port.perform({ type: 'executeBlock', block: blockOf({ height: 1, batches: [batchOf(1, [1])] }) });
  port.perform({ type: 'hashState', token: 1 });
  t.is(told.length, 1);
  t.deepEqual(machine.journal, []);
});

test('a throw while the machine is rebuilt is the machine’s, not the log’s', async (t) => {
  const bad = blockOf({ height: 1, batches: [batchOf(1, [1], 'throw')] });
  const { port, told, next } = hostOf(logOf([bad, ...chain.slice(1)]));
  port.perform({ type: 'initializeMachine', committedHeight: asHeight(2) });
  t.deepEqual(await next(), { type: 'machineThrew', call: 'apply', error: 'boom' });
  await port.close();
  t.deepEqual(told, []);
});

const misdeeds: readonly (readonly [what: string, machine: Partial<JournalMachine>, error: string])[] = [
  ['throws an invariant violation of ours', { apply: () => thrown(new InvariantViolation('my rule')) }, 'my rule'],
  ['throws an operational error', { apply: () => thrown(new OperationalError('X', 'my disk')) }, 'my disk'],
  ['throws no error at all', { apply: () => thrown(Object.create(null)) }, 'something that cannot be shown as text'],
  ['returns a promise', { apply: (async () => thrown(new Error('late'))) as never }, 'it returned a promise'],
  ['returns nothing', { apply: (() => undefined) as never }, 'it returned no bytes'],
];

function thrown(error: unknown): never {
  throw error;
}

for (const [what, methods, error] of misdeeds) {
  test(`a machine that ${what} is to blame, live and while it is rebuilt`, async (t) => {
    const live = hostOf(logOf([]), Object.assign(new JournalMachine(), methods));
    live.port.perform({ type: 'initializeMachine', committedHeight: asHeight(0) });
    await live.next();
    live.port.perform({ type: 'executeBlock', block: chain[0] as Block });
    t.deepEqual(live.told, [{ type: 'machineThrew', call: 'apply', error }]);
    const rebuilt = hostOf(logOf(chain), Object.assign(new JournalMachine(), methods));
    rebuilt.port.perform({ type: 'initializeMachine', committedHeight: asHeight(5) });
    t.deepEqual(await rebuilt.next(), { type: 'machineThrew', call: 'apply', error });
    await rebuilt.port.close();
  });
}

test('a machine whose validate throws, or whose state hash has not 32 bytes, is to blame', async (t) => {
  const methods = { validate: () => thrown(new InvariantViolation('my rule')), stateHash: () => new Uint8Array(31) };
  for (const effect of [
    { type: 'executeBlock', block: chain[0] as Block } as const,
    { type: 'hashState', token: 1 } as const,
  ]) {
    const { port, told, next } = hostOf(logOf([]), Object.assign(new JournalMachine(), methods));
    port.perform({ type: 'initializeMachine', committedHeight: asHeight(0) });
    await next();
    port.perform(effect);
    t.like(told, [{ type: 'machineThrew', call: effect.type === 'hashState' ? 'stateHash' : 'validate' }]);
  }
});

for (const [error, validate] of [
  ['it returned a promise', async () => thrown(new Error('late'))],
  ['it returned neither true nor false', () => undefined],
] as const) {
  test(`a machine is to blame whose validate answers no boolean: ${error}`, async (t) => {
    const machine = Object.assign(new JournalMachine(), { validate: validate as never });
    const { port, told, next } = hostOf(logOf([]), machine);
    port.perform({ type: 'initializeMachine', committedHeight: asHeight(0) });
    await next();
    port.perform({ type: 'executeBlock', block: chain[0] as Block });
    t.deepEqual(told, [{ type: 'machineThrew', call: 'validate', error }]);
    t.deepEqual(machine.journal, []);
  });
}

test('a bug of ours while the machine is rebuilt is told with its code, and rejects nothing', async (t) => {
  const gap = { ...logOf(chain), blocks: () => logOf(chain).blocks(asHeight(2)) };
  const { port, next } = hostOf(gap);
  port.perform({ type: 'initializeMachine', committedHeight: asHeight(5) });
  const told = await next();
  t.deepEqual(told, {
    type: 'logFailed',
    code: 'INVARIANT_VIOLATED',
    detail: 'blocks are executed in the order of their heights',
  });
  await t.notThrowsAsync(port.close());
});

test('a log that fails or ends early is named by its code', async (t) => {
  const failing = hostOf(logOf(chain.slice(0, 2), new OperationalError('STORE_DAMAGED', 'block 3 is missing')));
  failing.port.perform({ type: 'initializeMachine', committedHeight: asHeight(5) });
  t.deepEqual(await failing.next(), { type: 'logFailed', code: 'STORE_DAMAGED', detail: 'block 3 is missing' });
  const short = hostOf(logOf(chain.slice(0, 2)));
  short.port.perform({ type: 'initializeMachine', committedHeight: asHeight(5) });
  t.like(await short.next(), { type: 'logFailed', code: 'LOG_UNREADABLE' });
});

test('a closed host tells nothing more, though it was reading the log', async (t) => {
  const { machine, port, told } = hostOf(logOf(chain));
  port.perform({ type: 'initializeMachine', committedHeight: asHeight(5) });
  await port.close();
  t.deepEqual(told, []);
  t.true(machine.journal.length < 5);
});
