import test from 'ava';
import { type CpuReading, speculationCpu } from '../../bench/speculation-cpu.js';
import type { SpeculationRecord } from '../../bench/speculation-record.js';
import { type OverlapFigures, type OverlapReport, overlapVerdict } from '../../bench/speculation-report.js';
import { speculationDefaults } from '../../bench/speculation-settings.js';

const none: SpeculationRecord = { proposed: [], certified: [], received: [], voted: [], committed: [] };
const committed = [90, 100, 1099, 1100].map((at) => ({ at, cpuMs: 20, wallMs: 20 }));
const leader: SpeculationRecord = { ...none, proposed: [[5, 500]], committed };
const follower: SpeculationRecord = { ...none, proposed: [[1, 99]], committed };

/** What three replicas had used: their processes, and their machines' threads. */
function reading(at: number, cpu: readonly number[], machines: readonly number[], ownSeconds: number): CpuReading {
  const machineSeconds = 100 + (at - 100) / 800;
  const replicas = cpu.map((cpuSeconds, id) => {
    const used = machines[id];
    return { cpuSeconds, threadCpuSeconds: { main: 1, ...(used === undefined ? {} : { machine: used }) } };
  });
  return { at, replicas, ownSeconds, machineSeconds };
}

test('cores are those of all replicas and the proxies, and the machine’s time for a block that of replicas that did not lead', (t) => {
  const before = reading(100, [1, 2, 3], [1, 1, 1], 4);
  const after = reading(1100, [1.5, 2.25, 3.125], [1.5, 1.004, 1.006], 4.125);
  t.deepEqual(speculationCpu(before, after, [leader, follower, follower]), {
    ...{ cores: 1, otherCores: 0.25 },
    followMs: 2,
  });
});

test('without followers, or a thread of the machine’s own, there is no time for a block', (t) => {
  const [before, after] = [reading(100, [1], [1], 4), reading(1100, [1.5], [1.5], 4)];
  t.is(speculationCpu(before, after, [leader]).followMs, null);
  t.is(speculationCpu(before, { ...after, machineSeconds: 100.4 }, [leader]).otherCores, 0, 'nor below nothing');
  t.is(speculationCpu(before, after, [none]).followMs, null, 'nor without blocks');
  const inline = [reading(100, [1, 1], [], 4), reading(1100, [2, 2], [], 4)] as const;
  t.is(speculationCpu(...inline, [leader, follower]).followMs, null);
});

const span = { count: 10, p50: 0.4, p99: 2, max: 9 };
function reportOf(changes: Partial<OverlapFigures>): OverlapReport {
  const figures: OverlapFigures = {
    ...{ blocksPerSecond: 20, proposeMs: 20, proposeWallMs: 21, certifyMs: 25, nextMs: span },
    ...{
      receivedToVoted: span,
      proposedToVoted: span,
      cores: 1.1,
      otherCores: 0.8,
      followMs: 0.5,
      boundPerSecond: 40,
      ratio: 0.5,
    },
    ...changes,
  };
  return { buffered: figures, unbuffered: figures, settings: speculationDefaults, machine: { cores: 2 } };
}

test('a ratio from 0.85 on is told without a reason', (t) => {
  t.is(
    overlapVerdict(reportOf({ ratio: 0.85 })),
    'With a buffer of 3 it reaches 0.85 of 1 / max(P, R); the aim is 0.85.',
  );
});

test('a ratio below is told with what is missing and on what the time went: the core, or certificates', (t) => {
  const starved = overlapVerdict(reportOf({ proposeWallMs: 45 }));
  t.regex(starved, /^With a buffer of 3 it reaches 0.5 of 1 \/ max\(P, R\), less than 0.85: a block took 25 ms more/);
  t.regex(
    starved,
    /for its 20 ms of CPU a propose\(\) took 45 ms.* Of 2 cores the cluster had 1.1, and other programs 0.8\.$/,
  );
  const late = overlapVerdict(reportOf({ proposeWallMs: 25 }));
  t.regex(late, /certificates took longer on average than their median R, and the next proposal left 0.4 ms after one/);
  // Half of what is lost, beyond a certificate.
  t.regex(overlapVerdict(reportOf({ ratio: 0.849, proposeWallMs: 37.5 })), /took 37.5 ms/);
  t.notRegex(overlapVerdict(reportOf({ ratio: 0.849, proposeWallMs: 37.4 })), /took 37.4 ms/);
});
