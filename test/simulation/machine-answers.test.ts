import test from 'ava';
import { type SpeculativeWorkload, simulate, type Workload } from '../../actors/simulate.js';
import { ledgerOf, registers } from '../../actors/simulation/workload.js';

const SHORT = { seeds: [1], replicas: 4, eventsMax: 1000, strategies: [] } as const;
const CALM = { ...SHORT, mode: 'lite' } as const;

/** The registers, some of whose methods are others. */
const withMethods = (methods: object): Workload => ({
  ...registers,
  createMachine: () => ({ ...registers.createMachine(), ...methods }),
});

test('a state hash that is none breaks S13, and it is said what the machine returned', async (t) => {
  for (const [stateHash, detail] of [
    [() => 'abc', /^replica \d stopped with APPLICATION_THREW: stateHash: it returned no bytes$/],
    [() => Promise.reject(new Error('late')), /^replica \d stopped .* stateHash: it returned a promise$/],
    [() => undefined, /^replica \d stopped .* stateHash: it returned no bytes$/],
    [
      () => {
        throw new Error('no hash today');
      },
      /^replica \d stopped .* stateHash: no hash today$/,
    ],
    [() => new Uint8Array(3), /^replica \d stopped .* stateHash: it returned 3 bytes; a state hash has 32$/],
  ] as const) {
    const { failures } = await simulate({ ...CALM, workload: withMethods({ stateHash }) });
    const [first] = failures[0]?.outcome.violations ?? [];
    t.is(first?.invariant, 'S13');
    t.regex(first?.detail ?? '', detail);
  }
});

test('what a speculative machine returns in place of a state hash is said, too: no replica asks it', async (t) => {
  const short: SpeculativeWorkload = {
    createSpeculative: (replica) =>
      Object.assign(ledgerOf({ liars: [] }).createSpeculative(replica), { stateHash: () => new Uint8Array(3) }),
  };
  const { failures } = await simulate({ ...SHORT, workload: short });
  const [first] = failures[0]?.outcome.violations ?? [];
  t.is(first?.invariant, 'S13');
  t.regex(
    first?.detail ?? '',
    /^the state machine of replica \d at height \d+: stateHash returned 3 bytes; a state hash is a Uint8Array of 32 bytes$/,
  );
});

test('a machine that createReplica would not take is refused by the method that it lacks', async (t) => {
  await t.throwsAsync(simulate({ ...CALM, workload: withMethods({ stateHash: undefined }) }), {
    name: 'ConfigurationError',
    message: "the machine that the workload's createMachine returns has no method stateHash",
  });
  await t.throwsAsync(simulate({ ...CALM, workload: { ...registers, createMachine: () => null as never } }), {
    message: "what the workload's createMachine returns is null; it must be a machine",
  });
});

test('a speculative machine without a state hash passes with a remark that no state was compared', async (t) => {
  const silent: SpeculativeWorkload = {
    createSpeculative: (replica) => {
      const machine = ledgerOf({ liars: [] }).createSpeculative(replica);
      return Object.assign(machine, { stateHash: undefined });
    },
  };
  const told = await simulate({ ...SHORT, workload: silent });
  t.deepEqual(told.failures, []);
  t.is(told.statesCompared, 0);
  t.deepEqual(told.remarks, [
    'no states were compared: machines have no stateHash, or no two replicas executed the same block',
  ]);
  const hashed = await simulate({ ...SHORT, workload: ledgerOf({ liars: [] }) });
  t.true(hashed.statesCompared > 0);
  t.deepEqual(hashed.remarks, []);
});

test('a validate that refuses everything passes with a remark that nothing was executed, and how it was refused', async (t) => {
  const { failed, commandsExecuted, commandsRefused, remarks } = await simulate({
    ...SHORT,
    workload: withMethods({ validate: () => false }),
  });
  t.is(failed, 0);
  t.is(commandsExecuted, 0);
  t.true((commandsRefused.invalid ?? 0) > 0);
  t.is(remarks[0], `no command was executed: ${commandsRefused.invalid} refused as invalid`);
  const usual = await simulate({ ...SHORT, workload: registers });
  t.deepEqual([usual.remarks, usual.commandsRefused], [[], {}]);
  t.true(usual.commandsExecuted > 0 && usual.statesCompared > 0);
});

test('a command that no replica would take is refused by its number and size, and so is what is no bytes', async (t) => {
  for (const [command, message] of [
    [
      new Uint8Array(3_000_000),
      /^command 0 of client 0 is 3000000 bytes; it must be a Uint8Array of at most 1048576 bytes$/,
    ],
    ['SET a 1', /^command 0 of client 0 is "SET a 1"; it must be a Uint8Array/],
  ] as const) {
    const workload: Workload = { ...registers, command: () => command as Uint8Array };
    await t.throwsAsync(simulate({ ...SHORT, workload }), { name: 'ConfigurationError', message });
  }
});
