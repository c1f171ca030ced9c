import { readFileSync } from 'node:fs';
import test from 'ava';
import { METRICS, metricFamilies } from '../../../actors/metrics/metrics.js';
import { PHASES } from '../../../actors/metrics/replica-metrics.js';
import type { ReplicaSnapshot, Snapshot } from '../../../actors/metrics/snapshot.js';
import { replicaMachine } from '../../../machines/replica.machine.js';
import type { MetricSample } from '../../../src/metric-family.js';
import { asHeight, asReplicaId, asView } from '../../../src/protocol/numbers.js';
import type { ActorCounters } from '../../../src/runtime/inspection.js';

const load: Snapshot['load'] = {
  threads: [
    { thread: 'main', activeSeconds: 1.5, idleSeconds: 8.5 },
    { thread: 'machine', activeSeconds: 9, idleSeconds: 1 },
  ],
  usage: {
    userCpuSeconds: 3,
    systemCpuSeconds: 1,
    residentBytes: 1e8,
    heapUsedBytes: 2e7,
    externalBytes: 1e6,
    startedAtSeconds: 1.7e9,
  },
};

const NO_LANE = {
  ...{ depth: 0, highWater: 0, accepted: 0, handled: 0, refused: 0, dropped: 0, heldBack: 0 },
  ...{ waitedMs: 0, processedMs: 0 },
};

function actor(changes: Partial<ActorCounters> = {}): ActorCounters {
  const lanes = { control: NO_LANE, protocol: NO_LANE, bulk: NO_LANE };
  return {
    lanes,
    turns: 0,
    creditReturns: 0,
    timers: 0,
    offloads: 0,
    heldBack: false,
    own: null,
    port: null,
    ...changes,
  };
}

const replica: ReplicaSnapshot = {
  ...{ id: asReplicaId(2), phase: 'active', failure: null },
  ...{ view: asView(12), leader: asReplicaId(3), committedHeight: asHeight(9) },
  ...{ actors: null, pool: null },
};

function samplesOf(name: string, snapshot: Snapshot): readonly MetricSample[] | undefined {
  return metricFamilies(snapshot).find((family) => family.name === name)?.samples;
}

const withActors = (actors: Readonly<Record<string, ActorCounters>>): Snapshot => ({
  load,
  replica: { ...replica, actors },
});

test('names are told apart, begin as ours or the process’s do, and say unit and kind as Prometheus wants it', (t) => {
  t.is(new Set(METRICS.map(({ name }) => name)).size, METRICS.length);
  for (const { name, type, help } of METRICS) {
    t.regex(name, /^(hotstuff|process|nodejs)_[a-z]+(_[a-z]+)*$/);
    t.is(type === 'counter', name.endsWith('_total'), name);
    t.regex(help, /^[^\n|]+\.$/, name);
    t.notRegex(name, /_(ms|milliseconds|kib|mib)(_|$)/, 'base units: seconds and bytes');
  }
});

test('a process without a replica shows itself and nothing that would be taken for a replica', (t) => {
  const families = metricFamilies({ load, replica: null }).filter(({ samples }) => samples.length > 0);
  t.deepEqual(
    families.map(({ name }) => name),
    METRICS.map(({ name }) => name).filter((name) => /^(hotstuff_thread|process|nodejs)_/.test(name)),
  );
});

test('each thread is told apart, its time in seconds', (t) => {
  t.deepEqual(samplesOf('hotstuff_thread_active_seconds_total', { load, replica: null }), [
    { labels: { thread: 'main' }, value: 1.5 },
    { labels: { thread: 'machine' }, value: 9 },
  ]);
});

test('a replica shows where it stands', (t) => {
  const value = (name: string) => samplesOf(name, { load, replica });
  t.deepEqual(value('hotstuff_replica_info'), [{ labels: { replica: '2' }, value: 1 }]);
  t.deepEqual(value('hotstuff_view'), [{ labels: {}, value: 12 }]);
  t.deepEqual(value('hotstuff_leader'), [{ labels: {}, value: 3 }]);
  t.deepEqual(value('hotstuff_committed_height'), [{ labels: {}, value: 9 }]);
});

test('exactly one phase is the present one, and the phases are those of the statechart', (t) => {
  t.deepEqual([...PHASES].sort(), Object.keys(replicaMachine.states).sort());
  for (const phase of PHASES) {
    const samples = samplesOf('hotstuff_phase', { load, replica: { ...replica, phase } });
    t.deepEqual(
      samples,
      PHASES.map((other) => ({ labels: { phase: other }, value: other === phase ? 1 : 0 })),
    );
  }
});

test('what an actor counts by a literal name has that name as its label, and a number has none', (t) => {
  const own = {
    viewsEntered: { qc: 40, tc: 2, start: 1 },
    refusals: { badSignature: 3 },
    evidence: { votes: 0, proposals: 1 },
    held: { treeBlocks: 7 },
  };
  const snapshot = withActors({ consensus: actor({ own }) });
  t.deepEqual(samplesOf('hotstuff_views_entered_total', snapshot), [
    { labels: { by: 'qc' }, value: 40 },
    { labels: { by: 'tc' }, value: 2 },
    { labels: { by: 'start' }, value: 1 },
  ]);
  t.deepEqual(samplesOf('hotstuff_consensus_refusals_total', snapshot), [
    { labels: { reason: 'badSignature' }, value: 3 },
  ]);
  t.deepEqual(samplesOf('hotstuff_evidence_total', snapshot), [
    { labels: { kind: 'votes' }, value: 0 },
    { labels: { kind: 'proposals' }, value: 1 },
  ]);
  t.deepEqual(samplesOf('hotstuff_tree_blocks', snapshot), [{ labels: {}, value: 7 }]);
});

test('every lane of every mailbox shows its counters, times in seconds', (t) => {
  const lanes = { control: NO_LANE, protocol: { ...NO_LANE, depth: 4, waitedMs: 1500 }, bulk: NO_LANE };
  const snapshot = withActors({ consensus: actor({ lanes, turns: 5, heldBack: true }), sync: actor() });
  t.is(samplesOf('hotstuff_mailbox_messages', snapshot)?.length, 6);
  t.deepEqual(samplesOf('hotstuff_mailbox_messages', snapshot)?.[1], {
    labels: { actor: 'consensus', lane: 'protocol' },
    value: 4,
  });
  t.is(samplesOf('hotstuff_mailbox_waiting_seconds_total', snapshot)?.[1]?.value, 1.5);
  t.deepEqual(samplesOf('hotstuff_actor_turns_total', snapshot), [
    { labels: { actor: 'consensus' }, value: 5 },
    { labels: { actor: 'sync' }, value: 0 },
  ]);
  t.is(samplesOf('hotstuff_actor_held_back', snapshot)?.[0]?.value, 1);
});

test('peers are told apart by their id, their traffic by class, refused connections by port', (t) => {
  const peer = (id: number, phase: string) => ({ peer: id, phase, sent: { votes: id, sync: 0 }, queuedBytes: 10 });
  const own = { peers: [peer(0, 'ready'), peer(3, 'backoff')], strangers: 1, refusals: {} };
  const snapshot = withActors({
    network: actor({ own, port: { refused: { tlsFailed: 2 } } }),
    gateway: actor({ port: { refused: { wrongPath: 1 } } }),
  });
  t.deepEqual(samplesOf('hotstuff_peer_connected', snapshot), [
    { labels: { peer: '0' }, value: 1 },
    { labels: { peer: '3' }, value: 0 },
  ]);
  t.deepEqual(samplesOf('hotstuff_peer_sent_messages_total', snapshot)?.slice(2), [
    { labels: { peer: '3', class: 'votes' }, value: 3 },
    { labels: { peer: '3', class: 'sync' }, value: 0 },
  ]);
  t.deepEqual(samplesOf('hotstuff_connections_refused_total', snapshot), [
    { labels: { port: 'peer', cause: 'tlsFailed' }, value: 2 },
    { labels: { port: 'client', cause: 'wrongPath' }, value: 1 },
  ]);
});

test('an actor of an application’s own may count what it likes: what is no number of ours is left out', (t) => {
  for (const own of [null, {}, { held: 'much', refusals: 7, peers: 'all' }, { held: { treeBlocks: -1 }, peers: [1] }]) {
    const counters = { consensus: actor({ own }), network: actor({ own }), gateway: actor({ own }) };
    const families = metricFamilies(withActors(counters));
    t.false(
      families.some(({ name }) => name === 'hotstuff_tree_blocks'),
      'and is not shown as zero',
    );
    t.deepEqual(families.find(({ name }) => name === 'hotstuff_consensus_refusals_total')?.samples, []);
  }
  const own = { refusals: { stale: Number.NaN, late: Number.POSITIVE_INFINITY, bad: '1', good: 2 } };
  t.deepEqual(samplesOf('hotstuff_consensus_refusals_total', withActors({ consensus: actor({ own }) })), [
    { labels: { reason: 'good' }, value: 2 },
  ]);
});

test('every sample has the labels of its metric and no others', (t) => {
  const families = metricFamilies(withActors({ consensus: actor({ own: { refusals: { stale: 1 } } }) }));
  for (const { name, labels, samples } of families) {
    for (const sample of samples) t.deepEqual(Object.keys(sample.labels).sort(), [...labels].sort(), name);
  }
});

test('docs/metrics.md lists every metric with its type, labels and meaning, and no other', (t) => {
  const rows = readFileSync('docs/metrics.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| `[a-z]/.test(line))
    .map((line) => line.replaceAll('`', ''));
  t.deepEqual(
    rows,
    METRICS.map(({ name, type, labels, help }) => `| ${name} | ${type} | ${labels.join(', ')} | ${help} |`),
  );
});
