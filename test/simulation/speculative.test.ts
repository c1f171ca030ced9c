/** Machines that build their own blocks, run ahead of consensus and are rolled back, in simulated clusters. */
import test from 'ava';
import { caseOf, replay, type SimulationCase, simulate, violationLines } from '../../actors/simulate.js';
import { LedgerMachine } from '../../actors/simulation/ledger-machine.js';
import { ConfigurationError } from '../../src/errors.js';

const speculativeCase = (seed: number, changes: Partial<SimulationCase> = {}): SimulationCase => ({
  ...caseOf('vopr', seed, { speculative: true, replicas: 4, eventsMax: 3000 }),
  ...changes,
});

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`leaders that run ahead change and are rolled back, ${rule}, and all states are alike`, async (t) => {
    for (const seed of [1, 2]) {
      const speculation = { proposalBufferTarget: 3, refillProposalBuffer: 'immediately', machineMs: [0, 1] } as const;
      const outcome = await replay(speculativeCase(seed, { rule, tenure: 8, speculation }));
      t.deepEqual(violationLines(outcome.violations), []);
      t.true(outcome.nonEmptyBlocks > 30, `${outcome.nonEmptyBlocks}`);
      t.deepEqual(outcome.history, []);
    }
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
    const workload = {
      createSpeculative: (replica: number) => new Machine(`r${replica}`, Number.POSITIVE_INFINITY, tell),
    };
    const { failures } = await simulate({ workload, seeds: [1, 2, 3, 4], eventsMax: 3000, strategies: [] });
    t.deepEqual([...new Set(failures.map(({ outcome }) => outcome.violations[0]?.invariant))], [found]);
  }
});

test('a case is replayed with a workload of its kind only', async (t) => {
  const workload = { createSpeculative: () => new LedgerMachine() };
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
