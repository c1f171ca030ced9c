import test, { type ExecutionContext } from 'ava';
import { clientFloods, endureClientFlood, endureClientFloodOfProcesses } from '../support/client-flood.js';
import { endureFlood, endureFloodOfProcesses, type FloodLatency, floods } from '../support/flood.js';

/** Another program on the machine may slow down one round; it does not slow down the same half of most. */
const ROUNDS = 3;

/** The median of what several new clusters take during a flood, as a multiple of what they took before it. */
async function doublesAtMost(t: ExecutionContext, endure: () => Promise<FloodLatency>): Promise<void> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { quiet, flooded } = await endure();
    ratios.push(flooded / quiet);
  }
  ratios.sort((a, b) => a - b);
  t.log(`ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`);
  t.true((ratios[ROUNDS >> 1] ?? 0) <= 2, `ratios ${ratios}`);
}

/** Three replicas in one thread execute each command three times one after the other, so that new commands need processes. */
for (const flood of floods.filter(({ kind }) => kind !== 'commands')) {
  test.serial(`while one peer floods with ${flood.kind} the others' median commit latency at most doubles`, (t) =>
    doublesAtMost(t, () => endureFlood(t, flood)),
  );
}

for (const kind of ['commands', 'signedProposals', 'risingTimeouts'] as const) {
  test.serial(`while one peer floods three processes with ${kind} the others' median latency at most doubles`, (t) =>
    doublesAtMost(t, () => endureFloodOfProcesses(t, kind)),
  );
}

for (const flood of clientFloods) {
  test.serial(
    `while one client floods every replica with ${flood.kind} by ${flood.connections ?? 1} connections the others' median latency at most doubles`,
    (t) => doublesAtMost(t, () => endureClientFlood(t, flood)),
  );
}

for (const kind of ['asksAgain', 'asksLog'] as const) {
  test.serial(`while one client floods four processes with ${kind} the others' median latency at most doubles`, (t) =>
    doublesAtMost(t, () => endureClientFloodOfProcesses(t, { kind })),
  );
}
