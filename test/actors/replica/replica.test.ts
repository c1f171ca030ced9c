import assert from 'node:assert/strict';
import ava from 'ava';
import type { ReplicaMessage } from '../../../actors/replica/messages.js';
import type { ReplicaPart } from '../../../actors/replica/stop-order.js';
import type { ReplicaActorEffect } from '../../../actors/roles.js';
import { compile } from '../../../machines/index.js';
import { replicaMachine } from '../../../machines/replica.machine.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import { createReplicaActor } from '../../support/actors.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate } from '../../support/charts.js';
import { onBothHosts as test } from '../../support/hosts.js';

const PARTS: readonly ReplicaPart[] = [
  'gateway',
  'pacemaker',
  'proposalGenerator',
  'sync',
  'consensus',
  'storage',
  'network',
];
const RECOVERED: readonly ReplicaMessage[] = [
  { type: 'startRequested' },
  { type: 'storeRecovered', committedHeight: asHeight(7) },
  { type: 'machineReady', height: asHeight(7) },
];
const LISTENING: readonly ReplicaMessage[] = [
  { type: 'listening', role: 'network', port: 1 },
  { type: 'listening', role: 'gateway', port: 2 },
];
const STOP: ReplicaMessage = { type: 'stopRequested' };
const FAILURE: ReplicaMessage = { type: 'operationFailed', code: 'STORE_WRITE', detail: 'no space' };

/** What the actor answered to each of `messages`, in words. */
function play(messages: readonly ReplicaMessage[], chart = compile(replicaMachine)): string[] {
  const actor = createReplicaActor({ chart });
  return messages.flatMap((message) => actor.receive(message, { now: 0 }).map(wordsOf));
}

function wordsOf(effect: ReplicaActorEffect): string {
  if (effect.type === 'send') return `${effect.message.type} > ${effect.to}`;
  if (effect.type === 'reportPhase') return effect.phase;
  return effect.type;
}

function stopped(role: ReplicaPart): ReplicaMessage {
  return { type: 'partStopped', role };
}

ava('the table of the replica chart does what xstate does', (t) => {
  assertTableEqualsXstate(replicaMachine);
  t.pass('no difference was thrown');
});

test('connections open when both the store and the machine are there, not before', (t) => {
  t.deepEqual(play(RECOVERED.slice(0, 2)), ['openStore > storage', 'reportRecovered']);
  t.deepEqual(play(RECOVERED).slice(2), ['syncing', 'openNetwork > network', 'openGateway > gateway']);
});

test('a replica is ready when both ports listen, and active while no block is missing', (t) => {
  const before = play(RECOVERED).length;
  t.deepEqual(play([...RECOVERED, ...LISTENING]).slice(before), ['reportListening', 'active']);
  const behind: ReplicaMessage = { type: 'syncChanged', behind: true };
  t.deepEqual(play([...RECOVERED, behind, ...LISTENING]).slice(before), ['reportListening']);
  const caughtUp: ReplicaMessage = { type: 'syncChanged', behind: false };
  const after = play([...RECOVERED, ...LISTENING, behind, caughtUp]).slice(before + 2);
  t.deepEqual(after, ['syncing', 'active']);
});

test('a stop goes through all parts in order, each after the one before', (t) => {
  const start = [...RECOVERED, ...LISTENING];
  const told = play([...start, STOP, STOP, ...PARTS.map(stopped)]).slice(play(start).length);
  t.deepEqual(told, ['draining', ...PARTS.map((part) => `stopRequested > ${part}`), 'stopped', 'reportStopped']);
});

test('a part that reports out of turn moves nothing', (t) => {
  const start = [...RECOVERED, STOP];
  t.deepEqual(play([...start, stopped('storage'), stopped('network')]).length, play(start).length);
});

test('answers to what the application has submitted are told to it in every phase, while it stops too', (t) => {
  const answers = [{ kind: 'executed', ticket: 3, height: asHeight(7), reply: new Uint8Array([1]) }] as const;
  for (const start of [[], [...RECOVERED, ...LISTENING], [...RECOVERED, STOP, stopped('gateway')]]) {
    const actor = createReplicaActor();
    for (const message of start) actor.receive(message, { now: 0 });
    const told = actor.receive({ type: 'submissionsAnswered', answers }, { now: 0 });
    t.deepEqual(told, [{ type: 'reportSubmissions', answers }]);
  }
});

test('a failure is reported in every phase, once', (t) => {
  for (const start of [[], RECOVERED, [...RECOVERED, ...LISTENING], [...RECOVERED, STOP]]) {
    const told = play([...start, FAILURE, FAILURE]).slice(play(start).length);
    t.deepEqual(told, ['failed', 'reportFailure']);
  }
});

test('removing any one transition of the chart makes a scenario fail', async (t) => {
  const active = [...RECOVERED, ...LISTENING];
  const behind: ReplicaMessage = { type: 'syncChanged', behind: true };
  const runs: readonly (readonly [messages: readonly ReplicaMessage[], last: string])[] = [
    [RECOVERED, 'openGateway > gateway'],
    [[STOP], 'stopRequested > gateway'],
    [[FAILURE], 'reportFailure'],
    [active, 'active'],
    [[...RECOVERED, STOP], 'stopRequested > gateway'],
    [[...RECOVERED, FAILURE], 'reportFailure'],
    [[...active, behind], 'syncing'],
    [[...active, STOP], 'stopRequested > gateway'],
    [[...active, FAILURE], 'reportFailure'],
    [[...active, STOP, stopped('gateway')], 'stopRequested > pacemaker'],
    [[...active, STOP, ...PARTS.map(stopped)], 'reportStopped'],
    [[...active, STOP, FAILURE], 'reportFailure'],
  ];
  await assertEveryTransitionIsUsed(
    replicaMachine,
    runs.map(([messages, last]) => (chart) => {
      assert.equal(play(messages, chart).at(-1), last);
    }),
  );
  t.pass('each mutant failed a scenario');
});
