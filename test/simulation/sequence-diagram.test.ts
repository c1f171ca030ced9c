import test from 'ava';
import { caseOf, replay, reportOf } from '../../actors/simulate.js';
import { recordRun } from '../../actors/simulation/record-run.js';
import { nextTurn } from '../../src/adapters/turn-scheduler.js';
import type { SeenEvent } from '../../src/simulation/seen-events.js';
import { mermaidSequence, textSequence } from '../../src/simulation/sequence-diagram.js';

const events: readonly SeenEvent[] = [
  { at: 1.25, type: 'sent', from: 0, to: 1, text: 'proposal abcdef v2 h1 (empty), QC genesis' },
  { at: 1.25, type: 'sent', from: 0, to: 4, text: 'proposal abcdef v2 h1 (empty), QC genesis' },
  { at: 2, type: 'note', node: 1, text: 'crashed; #2' },
  { at: 3, type: 'note', node: null, text: 'cut 0 to 1,2' },
];

test('the diagram names replicas and copies, and draws each message and each note', (t) => {
  t.deepEqual(mermaidSequence(events, { nodes: 5, replicas: 4 }).split('\n'), [
    'sequenceDiagram',
    '  participant N0 as replica 0',
    '  participant N1 as replica 1',
    '  participant N2 as replica 2',
    '  participant N3 as replica 3',
    '  participant N4 as copy 4',
    '  N0->>N1: 1.3 ms: proposal abcdef v2 h1 (empty), QC genesis',
    '  N0->>N4: 1.3 ms: proposal abcdef v2 h1 (empty), QC genesis',
    '  Note over N1: 2.0 ms: crashed, #35;2',
    '  Note over N0,N4: 3.0 ms: cut 0 to 1,2',
  ]);
});

test('as text, what goes to several at a moment is one line', (t) => {
  t.deepEqual(textSequence(events).split('\n'), [
    '       1.3 ms  0 -> 1,4  proposal abcdef v2 h1 (empty), QC genesis',
    '       2.0 ms  * 1: crashed; #2',
    '       3.0 ms  * all: cut 0 to 1,2',
  ]);
});

test('a recording changes nothing of a run, and keeps what came last', async (t) => {
  const parameters = caseOf('vopr', 12, { eventsMax: 1000 });
  const { outcome, seen } = await recordRun(parameters, { nextTurn }, 50);
  t.is(outcome.traceHash, (await replay(parameters)).traceHash);
  t.is(seen.length, 50);
  t.true(seen.every(({ at }, index) => at >= (seen[index - 1]?.at ?? 0)));
  t.true((seen.at(-1)?.at ?? 0) > outcome.virtualMs - 1000);
});

test('a report shows proposals, votes and certificates, crashes and restarts, and says how to run the case again', async (t) => {
  const parameters = { ...caseOf('lite', 5, { eventsMax: 300 }), clients: 2, commands: 5 };
  const faults = [
    { at: 600, type: 'crash', replica: 2, loss: 'before' },
    { at: 700, type: 'restart', replica: 2 },
  ] as const;
  const report = await reportOf({ ...parameters, faults }, { file: 'a.json', revision: '0123abc', faultsBefore: 9 });
  for (const part of [
    '# Seed 5',
    '2 faults of 9 are left',
    'revision 0123abc',
    'hotstuff simulate --mode replay --case a.json',
    '```mermaid\nsequenceDiagram\n',
    'Note over N2: 600.0 ms: crashed',
    'starts, life 2',
  ])
    t.true(report.includes(part), part);
  t.regex(report, /N\d->>N\d: \d+\.\d ms: proposal [0-9a-f]{6} v\d+ h\d+ \(\w+( B)?\), QC /);
  t.regex(report, /N\d->>N\d: \d+\.\d ms: vote v\d+ [0-9a-f]{6}/);
  t.true(report.length < 40_000);
});
