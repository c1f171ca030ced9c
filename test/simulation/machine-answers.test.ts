import test from 'ava';
import { type SpeculativeWorkload, simulate, type Workload } from '../../actors/simulate.js';
import { judgeRegisters, ledgerOf, registers } from '../../actors/simulation/workload.js';

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

test('a search that is given up accuses nobody, and is told of: in the outcome, and in a remark', async (t) => {
  const operation = (ticket: number, completedAt: number) => ({
    client: 0,
    ticket,
    command: new TextEncoder().encode('INCR n'),
    invokedAt: 0,
    completedAt,
    reply: new TextEncoder().encode(String(ticket + 1)),
    height: null,
    refused: null,
  });
  const history = [operation(0, 9), operation(1, 9), operation(2, 9)];
  t.is(judgeRegisters(history, { stepsMax: 3 }), null);
  const why = 'no order found for the 3 operations of n in 2 steps';
  t.deepEqual(judgeRegisters(history, { stepsMax: 2 }), { unjudged: why });
  const unjudged: (string | null)[] = [];
  const { failed, remarks } = await simulate({
    ...CALM,
    seeds: [1, 2],
    workload: { ...registers, judge: (all) => (unjudged.length === 0 ? judgeRegisters(all, { stepsMax: 2 }) : null) },
    onRun: ({ outcome }) => unjudged.push(outcome.unjudged),
  });
  t.is(failed, 0);
  t.regex(unjudged[0] ?? '', /^no order found for the \d+ operations of \w+ in 2 steps$/);
  t.deepEqual(unjudged.slice(1), [null]);
  t.deepEqual(remarks, ['of 1 of 2 histories it was not found out whether any machine could have answered so (S10)']);
});

test('a judge that answers anything else is refused by what it answered', async (t) => {
  await t.throwsAsync(simulate({ ...CALM, workload: { ...registers, judge: () => true as never } }), {
    name: 'ConfigurationError',
    message:
      "what the workload's judge returns is true; it must be a text that says what is wrong, { unjudged: why }, or null",
  });
});
