/** Machines that build their own blocks, run ahead of consensus and are rolled back, in simulated clusters. */
import test from 'ava';
import { caseOf, replay, type SimulationCase, simulate, violationLines } from '../../actors/simulate.js';
import { LedgerMachine } from '../../actors/simulation/ledger-machine.js';
import { ConfigurationError } from '../../src/errors.js';
import { WatchedLedger } from '../support/watched-ledger.js';

const speculativeCase = (seed: number, changes: Partial<SimulationCase> = {}): SimulationCase => ({
  ...caseOf('vopr', seed, { speculative: true, replicas: 4, eventsMax: 3000 }),
  ...changes,
});

/** The first leader is cut off while blocks of its own are ahead of what is committed; the others go on without them. */
const CUT_OFF_LEADER: Partial<SimulationCase> = {
  rule: 'three-chain',
  tenure: 8,
  baseTimeoutMs: 200,
  liars: [],
  dead: [],
  speculation: { proposalBufferTarget: 3, refillProposalBuffer: 'immediately', machineMs: [0, 1] },
  links: { delayMs: [1, 2], loss: 0, duplicate: 0, reorder: 0, replay: 0, cut: false, bytesPerMs: null },
  faults: [
    { at: 20, type: 'cut', from: [0], to: [1, 2, 3] },
    { at: 20, type: 'cut', from: [1, 2, 3], to: [0] },
  ],
  healAt: 1000,
};

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`a leader that ran ahead while it was cut off is rolled back, ${rule}, and all states are alike`, async (t) => {
    const machines: WatchedLedger[] = [];
    const createSpeculative = (replica: number) => {
      const machine = new WatchedLedger(`r${replica}`);
      machines.push(machine);
      return machine;
    };
    const outcome = await replay(speculativeCase(1, { ...CUT_OFF_LEADER, rule }), { workload: { createSpeculative } });
    t.deepEqual(violationLines(outcome.violations), []);
    t.deepEqual(
      machines.map(({ rewinds, violations }) => ({ rewinds, violations })),
      [1, 0, 0, 0].map((rewinds) => ({ rewinds, violations: [] })),
    );
    t.true(outcome.nonEmptyBlocks > 30, `${outcome.nonEmptyBlocks}`);
    t.deepEqual(outcome.history, []);
  });
}

test('one case gives one run', async (t) => {
  const [first, second] = [await replay(speculativeCase(3)), await replay(speculativeCase(3))];
  t.is(first.traceHash, second.traceHash);
  t.true(first.events > 1000);
});

/** Keeps what was rolled back in its state. */
class Forgetful extends LedgerMachine {
  override rewind(): void {}
}

/** Its committed state is whatever it has applied. */
class Hasty extends LedgerMachine {
  override stateHash(): Uint8Array {
    const ahead = new TextEncoder().encode(
      this.ahead
        .map(({ value }) => value)
        .join()
        .padEnd(32)
        .slice(0, 32),
    );
    return this.ahead.length === 0 ? super.stateHash() : ahead;
  }
}

test("a user's machine that does not roll back, or shows what is not committed, is found", async (t) => {
  const tell = (problem: string): never => {
    throw new Error(problem);
  };
  for (const [Machine, found] of [
    [Forgetful, 'S13'],
    [Hasty, 'S2'],
  ] as const) {
    const workload = { createSpeculative: (replica: number) => new Machine(`r${replica}`, tell) };
    const { violations } = await replay(speculativeCase(1, CUT_OFF_LEADER), { workload });
    t.is(violations[0]?.invariant, found);
  }
});

test('seeds of a speculative workload are run like any others', async (t) => {
  const workload = { createSpeculative: (replica: number) => new WatchedLedger(`r${replica}`) };
  const report = await simulate({ workload, seeds: [1, 2], eventsMax: 1000, replicas: 4 });
  t.like(report, { seeds: 2, passed: 2, failed: 0, unfinished: 0 });
});

test('a case is replayed with a workload of its kind only', async (t) => {
  const workload = { createSpeculative: () => new WatchedLedger() };
  await t.throwsAsync(replay(caseOf('vopr', 1), { workload }), {
    instanceOf: ConfigurationError,
    message: /takes commands.*no createMachine/,
  });
  await t.throwsAsync(replay(speculativeCase(1, { clients: 2 })), {
    instanceOf: ConfigurationError,
    message: /has 2 clients/,
  });
  for (const mode of ['lite', 'crashpoint'] as const) {
    await t.throwsAsync(simulate({ workload, mode, seeds: [1] }), {
      instanceOf: ConfigurationError,
      message: new RegExp(`mode ${mode} has no speculative machines`),
    });
  }
});
