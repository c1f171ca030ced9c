import test from 'ava';
import type { MachineEffect, ProposalGeneratorMessage } from '../../../actors/proposal-generator/messages.js';
import { createSpeculativeHost } from '../../../actors/proposal-generator/speculative-host.js';
import type { StateMachine } from '../../../actors/proposal-generator/state-machine.js';
import { bodyOf, digestOf } from '../../../actors/simulation/ledger-machine.js';
import { limits } from '../../../src/config/limits.js';
import { sha256Hex } from '../../../src/crypto/hash.js';
import { OperationalError } from '../../../src/errors.js';
import type { CommittedLog } from '../../../src/protocol/committed-log.js';
import { asHeight, NUMBER_MAX } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import { blockOf, range } from '../../support/command-blocks.js';
import { WatchedLedger } from '../../support/watched-ledger.js';

const RUBBISH = Uint8Array.of(1, 2, 3);

/** A log whose bodies are values on values, with an empty one and rubbish in between. */
const chain = [
  blockOf({ height: 1, body: bodyOf({ base: digestOf([]), value: 'a' }) }),
  blockOf({ height: 2, body: new Uint8Array(0) }),
  blockOf({ height: 3, body: RUBBISH }),
  blockOf({ height: 4, body: bodyOf({ base: digestOf(['a']), value: 'b' }) }),
];

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

/** Performs the effects one after the other and returns what was told of them. */
async function tellsOf(
  machine: StateMachine<unknown>,
  effects: readonly MachineEffect[],
  log: CommittedLog = logOf([]),
): Promise<readonly ProposalGeneratorMessage[]> {
  const told: ProposalGeneratorMessage[] = [];
  const port = createSpeculativeHost(
    machine,
    () => log,
  )((message) => {
    told.push(message);
    return true;
  });
  for (const effect of effects) port.perform(effect);
  for (const _ of range(1, 5)) await new Promise((resolve) => setImmediate(resolve));
  await port.close();
  return told;
}

const initialize = (height: number): MachineEffect => ({
  type: 'initializeMachine',
  committedHeight: asHeight(height),
});
const build: MachineEffect = { type: 'buildProposal' };
const execute = (block: Block | undefined): MachineEffect => ({ type: 'executeBlock', block: block as Block });
const ledger = (changes: Partial<StateMachine<never>> = {}) =>
  Object.assign(new WatchedLedger(), changes) as WatchedLedger & StateMachine<unknown>;

test('a clean start is told with null, a restart with the log, and the machine is ready when its promise is resolved', async (t) => {
  const logs: (CommittedLog | null)[] = [];
  const noting = ledger({ initialize: (log) => void logs.push(log) });
  t.deepEqual(await tellsOf(noting, [initialize(0)]), [{ type: 'machineInitialized', height: asHeight(0) }]);
  t.deepEqual(logs, [null]);
  const machine = ledger();
  const told = await tellsOf(machine, [initialize(4)], logOf(chain));
  t.deepEqual(told, [{ type: 'machineInitialized', height: asHeight(4) }]);
  t.deepEqual(machine.committed, ['a', 'b']);
});

test('a log of another height, or that cannot be read, is told as such and not as the machine’s fault', async (t) => {
  t.like(await tellsOf(ledger(), [initialize(3)], logOf(chain)), [{ type: 'logFailed', code: 'LOG_UNREADABLE' }]);
  const damaged = logOf(chain, new OperationalError('STORE_DAMAGED', 'block 5 is missing'));
  t.like(await tellsOf(ledger(), [initialize(4)], damaged), [{ type: 'logFailed', code: 'STORE_DAMAGED' }]);
});

test('a machine that asks the log for blocks from no height is to blame, whatever the log makes of it', async (t) => {
  for (const [from, said] of [
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    ['x', '"x"'],
    [-1, '-1'],
  ] as const) {
    const machine = ledger({
      initialize: async (log) => {
        for await (const _ of log?.blocks(from as never) ?? []) t.fail('there is nothing from there on');
      },
    });
    const right = `a whole number from 0 to ${NUMBER_MAX}`;
    const error = `the height from which blocks are asked for is ${said}; it must be ${right}`;
    t.deepEqual(await tellsOf(machine, [initialize(4)], logOf(chain)), [
      { type: 'machineThrew', call: 'initialize', error },
    ]);
  }
});

test('a committed block is executed and committed; empty blocks and bodies that cannot be read are not shown', async (t) => {
  const machine = ledger();
  const told = await tellsOf(machine, [initialize(0), ...chain.map(execute), { type: 'hashState', token: 7 }]);
  t.deepEqual(
    told.slice(1, 5).map((message) => message.type === 'blockExecuted' && message.height),
    [1, 2, 3, 4].map(asHeight),
  );
  t.deepEqual(machine.committed, ['a', 'b']);
  t.deepEqual(machine.violations, []);
  t.like(told[5], { type: 'stateHashed', token: 7, height: 4 });
});

test('what is built comes with its id, which commits it; rewinding drops the rest', async (t) => {
  const machine = ledger();
  const [, first, second] = await tellsOf(machine, [initialize(0), build, build]);
  t.deepEqual(
    [first, second].map((message) => message?.type === 'proposalBuilt' && message.proposal?.body),
    [bodyOf({ base: digestOf([]), value: 'ledger.1' }), bodyOf({ base: digestOf(['ledger.1']), value: 'ledger.2' })],
  );
  const id = (first?.type === 'proposalBuilt' && first.proposal?.id) as Uint8Array;
  const told = await tellsOf(machine, [{ type: 'commitProposal', height: asHeight(1), id }, { type: 'rewindMachine' }]);
  t.deepEqual(
    told.map(({ type }) => type),
    ['blockExecuted', 'machineRewound'],
  );
  t.deepEqual([machine.committed, machine.ahead, machine.violations], [['ledger.1'], [], []]);
  machine.appetite = 0;
  t.deepEqual(await tellsOf(machine, [build]), [{ type: 'proposalBuilt', proposal: null }]);
});

test('a large body comes with its hash, between whose steps the thread rests; a smaller one without', async (t) => {
  for (const [bytes, rests] of [
    [limits.offloadBodyBytes - 1, 0],
    [limits.offloadBodyBytes, 3],
  ] as const) {
    let rested = 0;
    const built = new Promise<ProposalGeneratorMessage>((resolve) => {
      const host = createSpeculativeHost(
        ledger({ serialize: () => new Uint8Array(bytes).fill(1) }),
        () => logOf([]),
        async () => {
          rested += 1;
        },
      );
      const port = host((message) => {
        if (message.type === 'proposalBuilt') resolve(message);
        return true;
      });
      port.perform(build);
    });
    const told = await built;
    const proposal = told.type === 'proposalBuilt' ? told.proposal : null;
    t.is(proposal?.bodyHash, rests === 0 ? undefined : sha256Hex(new Uint8Array(bytes).fill(1)));
    t.is(rested, rests);
  }
});

test('a machine may answer by promises, and the next call waits for them', async (t) => {
  const order: string[] = [];
  const later = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} ends`);
  };
  const machine = ledger({ execute: later('execute'), commit: later('commit'), rewind: later('rewind') });
  await tellsOf(machine, [execute(chain[0]), { type: 'rewindMachine' }]);
  t.deepEqual(order, [
    ...['execute begins', 'execute ends', 'commit begins', 'commit ends'],
    ...['rewind begins', 'rewind ends'],
  ]);
});

test('what the machine throws, at once or by its promise, is told once with the call, and it is not called again', async (t) => {
  const boom = () => {
    throw new Error('boom');
  };
  const calls: Readonly<Record<string, MachineEffect>> = {
    initialize: initialize(0),
    propose: build,
    serialize: build,
    idOf: build,
    parse: execute(chain[0]),
    execute: execute(chain[0]),
    commit: execute(chain[0]),
    rewind: { type: 'rewindMachine' },
    stateHash: { type: 'hashState', token: 1 },
  };
  for (const [call, effect] of Object.entries(calls)) {
    const told = await tellsOf(ledger({ [call]: boom }), [effect, build]);
    t.deepEqual(told, [{ type: 'machineThrew', call, error: 'boom' }], call);
  }
  const rejecting = ledger({ execute: () => Promise.reject(new Error('later')) });
  t.deepEqual(await tellsOf(rejecting, [execute(chain[0])]), [
    { type: 'machineThrew', call: 'execute', error: 'later' },
  ]);
});

test('a body without bytes or too large, an id that is none and a hash that is not 32 bytes are the machine’s fault', async (t) => {
  const faults = async (changes: Partial<StateMachine<never>>, effect: MachineEffect) =>
    (await tellsOf(ledger(changes), [effect])).map((message) =>
      message.type === 'machineThrew' ? message.call : null,
    );
  t.deepEqual(await faults({ serialize: () => new Uint8Array(0) }, build), ['serialize']);
  t.deepEqual(await faults({ serialize: () => new Uint8Array(64 * 1024 * 1024 + 1) }, build), ['serialize']);
  t.deepEqual(await faults({ serialize: () => new Uint8Array(64 * 1024 * 1024) }, build), [null]);
  t.deepEqual(await faults({ idOf: () => 'id' as unknown as Uint8Array }, build), ['idOf']);
  t.deepEqual(await faults({ stateHash: () => new Uint8Array(31) }, { type: 'hashState', token: 1 }), ['stateHash']);
});

test('a machine’s state hash is its own; without one it is zeros', async (t) => {
  const hash: MachineEffect = { type: 'hashState', token: 1 };
  t.like(await tellsOf(ledger(), [hash]), [{ stateHash: sha256Hex(new TextEncoder().encode(digestOf([]))) }]);
  t.like(await tellsOf(ledger({ stateHash: undefined as never }), [hash]), [{ stateHash: '0'.repeat(64) }]);
});

test('a port that is closed calls the machine no more', async (t) => {
  const machine = ledger();
  const port = createSpeculativeHost(machine, () => logOf([]))(() => true);
  port.perform(initialize(0));
  port.perform(build);
  await port.close();
  port.perform(build);
  await port.close();
  t.is(machine.proposals, 0);
});

test('a port closes although a call of the machine never settles, and the log is read no more', async (t) => {
  const never = new Promise<never>(() => {});
  const building = createSpeculativeHost(ledger({ propose: () => never }), () => logOf([]))(() => true);
  building.perform(build);
  await new Promise((resolve) => setImmediate(resolve));
  await building.close();

  let log: CommittedLog | null = null;
  let read = 0;
  let finishRead: () => void = () => undefined;
  const reading = new Promise<void>((resolve) => {
    finishRead = resolve;
  });
  const slow: CommittedLog = {
    ...logOf(chain),
    async *blocks() {
      read += 1;
      await reading;
      yield* chain;
    },
  };
  const machine = ledger({
    initialize: async (given) => {
      log = given;
      for await (const _ of given?.blocks(asHeight(1)) ?? []) await never;
    },
  });
  const port = createSpeculativeHost(machine, () => slow)(() => true);
  port.perform(initialize(chain.length));
  await new Promise((resolve) => setImmediate(resolve));
  let closed = false;
  const closing = port.close().then(() => {
    closed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([read, closed], [1, false], 'what is being read is waited for');
  finishRead();
  await closing;
  const left = log as CommittedLog | null;
  t.truthy(left);
  const error = await t.throwsAsync(async () => await left?.loadBlock(chain[0]?.hash as never));
  t.like(error?.cause as Error, { code: 'STORE_CLOSED' });
});
