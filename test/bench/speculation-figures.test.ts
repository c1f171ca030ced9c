import test from 'ava';
import { speculationFigures, speculationSummary } from '../../bench/speculation-figures.js';
import type { SpeculationRecord } from '../../bench/speculation-record.js';
import { SpeculationRecorder } from '../../bench/speculation-record.js';

const nothing: SpeculationRecord = { proposed: [], certified: [], received: [], voted: [], committed: [] };

test('spans are taken by view, within the measured time alone, and a vote for an own proposal is none', (t) => {
  const leader: SpeculationRecord = {
    ...nothing,
    proposed: [
      [1, 90],
      [2, 100],
      [3, 130],
      [4, 199],
    ],
    certified: [
      [1, 98],
      [2, 126],
      [3, 158],
    ],
    voted: [[2, 101]],
    committed: [
      { at: 99, cpuMs: 50, wallMs: 50 },
      { at: 100, cpuMs: 20, wallMs: 20 },
      { at: 150, cpuMs: 22, wallMs: 22 },
      { at: 200, cpuMs: 50, wallMs: 50 },
    ],
  };
  const follower: SpeculationRecord = {
    ...nothing,
    received: [
      [1, 98],
      [2, 111],
      [3, 141],
    ],
    voted: [
      [1, 101],
      [2, 112],
      [3, 144],
    ],
    committed: [
      { at: 120, cpuMs: 20, wallMs: 20 },
      { at: 170, cpuMs: 22, wallMs: 22 },
    ],
  };
  const figures = speculationFigures([leader, follower], { from: 100, to: 200 });
  t.deepEqual(figures, {
    blocksPerSecond: 20,
    proposeMs: 20,
    proposeWallMs: 20,
    certifyMs: 26,
    nextMs: { count: 2, p50: 4, p99: 41, max: 41 },
    receivedToVoted: { count: 2, p50: 1, p99: 3, max: 3 },
    proposedToVoted: { count: 2, p50: 12, p99: 14, max: 14 },
  });
});

test('of several runs the median counts, and the worst of the longest times', (t) => {
  const span = (p99: number) => ({ count: 10, p50: 1, p99, max: p99 });
  const run = (blocksPerSecond: number, p99: number) => ({
    blocksPerSecond,
    proposeMs: 20,
    proposeWallMs: 21,
    certifyMs: 25,
    nextMs: span(1),
    receivedToVoted: span(p99),
    proposedToVoted: span(p99),
    cores: p99 / 10,
    otherCores: p99 / 100,
    followMs: p99 === 9 ? null : p99,
  });
  const summary = speculationSummary([run(30, 3), run(36, 9), run(38, 2)]);
  t.is(summary.blocksPerSecond, 36);
  t.is(summary.cores, 0.3);
  t.is(summary.otherCores, 0.03);
  t.is(summary.followMs, 2, 'of those that have it');
  t.is(speculationSummary([run(30, 9)]).followMs, null);
  t.deepEqual(summary.receivedToVoted, { count: 30, p50: 1, p99: 3, max: 9 });
});

test('the recorder notes the first of each: proposal given to the network, certificate, proposal received, vote', (t) => {
  const recorder = new SpeculationRecorder();
  const tell = (role: string, message: { readonly type: string }, at: number, waitedMs = 0) =>
    recorder.inspect({ type: 'handled', at, role, message, lane: null, waitedMs, effects: [] });
  const proposal = (view: number) => ({ block: { header: { view } } });
  const broadcast = (view: number) => ({ type: 'broadcast', message: { type: 'proposal', proposal: proposal(view) } });
  tell('network', broadcast(5), 10);
  tell('network', broadcast(5), 260);
  tell('pacemaker', { type: 'viewEntered', view: 6, by: 'qc' } as never, 35);
  tell('pacemaker', { type: 'viewEntered', view: 8, by: 'tc' } as never, 40);
  tell('consensus', { type: 'proposalReceived', from: 1, proposal: proposal(9) } as never, 50, 4);
  tell('network', { type: 'sendTo', to: 1, message: { type: 'vote', vote: { view: 9 } } } as never, 52);
  tell('network', { type: 'sendTo', to: 2, message: { type: 'vote', vote: { view: 9 } } } as never, 53);
  tell('network', { type: 'broadcast', message: { type: 'certificates' } } as never, 54);
  recorder.committed({ at: 60, cpuMs: 20, wallMs: 21 });
  t.deepEqual(recorder.record, {
    proposed: [[5, 10]],
    certified: [[5, 35]],
    received: [[9, 46]],
    voted: [[9, 52]],
    committed: [{ at: 60, cpuMs: 20, wallMs: 21 }],
  });
});
