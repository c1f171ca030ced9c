import assert from 'node:assert/strict';
import test from 'ava';
import { type connectionChart, connectionMachine } from '../../machines/connection.machine.js';
import { limits } from '../../src/config/limits.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate, type ChartScenario } from '../support/charts.js';
import { onBothHosts } from '../support/hosts.js';
import { NetworkStage, peer } from '../support/network-stage.js';

test('the table of the connection chart does what xstate does', (t) => {
  assertTableEqualsXstate(connectionMachine);
  t.pass();
});

const GARBAGE = Uint8Array.of(1, 3, 2, 0);
type Chart = typeof connectionChart;
type Scenario = ChartScenario<typeof connectionMachine>;

function stageWith(chart: Chart): NetworkStage {
  return new NetworkStage({ chart }).open();
}

function phases(stage: NetworkStage): readonly (string | undefined)[] {
  return [0, 2].map((id) => stage.phaseOf(id));
}

const scenarios: readonly Scenario[] = [
  function opening(chart) {
    const stage = stageWith(chart);
    assert.deepEqual(phases(stage), ['awaiting', 'dialing']);
    assert.deepEqual(
      stage.all('dial').map((dial) => dial.peer),
      [2, 3],
    );
  },
  function greetingAndLosing(chart) {
    const stage = stageWith(chart);
    const [accepted, dialed] = [stage.connect(0), stage.connect(2)];
    assert.deepEqual(phases(stage), ['ready', 'ready']);
    assert.equal(stage.sentTo('consensus').length, 2);
    stage.tell({ type: 'connectionClosed', connection: accepted, reason: 'connectionLost' });
    stage.tell({ type: 'connectionClosed', connection: dialed, reason: 'connectionLost' });
    assert.deepEqual(phases(stage), ['awaiting', 'backoff']);
    stage.advance(2000);
    assert.deepEqual(phases(stage), ['awaiting', 'dialing']);
  },
  function failingToConnect(chart) {
    const stage = stageWith(chart);
    stage.tell({ type: 'dialFailed', peer: peer(2), reason: 'refused' });
    assert.equal(stage.phaseOf(2), 'backoff');
    const silent = stage.opens('dialed', 3);
    assert.equal(stage.phaseOf(3), 'greeting');
    stage.tell({ type: 'connectionClosed', connection: silent, reason: 'connectionLost' });
    assert.equal(stage.phaseOf(3), 'backoff');
  },
  function greetingTooLate(chart) {
    const stage = stageWith(chart);
    const silent = stage.opens('dialed', 2);
    stage.tell({ type: 'greetingExpired', connection: silent });
    assert.equal(stage.phaseOf(2), 'backoff');
    assert.deepEqual(stage.closings(silent), ['greetingTimeout']);
  },
  function silence(chart) {
    const stage = stageWith(chart);
    const connections = [stage.connect(0), stage.connect(2)];
    stage.advance(limits.silenceMs);
    assert.deepEqual(phases(stage), ['awaiting', 'backoff']);
    for (const connection of connections) assert.deepEqual(stage.closings(connection), ['silent']);
  },
  function misbehaviour(chart) {
    const stage = stageWith(chart);
    const connections = [stage.connect(0), stage.connect(2)];
    for (const connection of connections) stage.frame(connection, GARBAGE);
    assert.deepEqual(phases(stage), ['banned', 'banned']);
    for (const connection of connections) assert.deepEqual(stage.closings(connection), ['malformed']);
    stage.advance(30_000);
    assert.deepEqual(phases(stage), ['awaiting', 'dialing']);
  },
  function misbehaviourBeforeTheGreeting(chart) {
    const stage = stageWith(chart);
    stage.frame(stage.opens('accepted', 0), GARBAGE);
    stage.frame(stage.opens('dialed', 2), GARBAGE);
    assert.deepEqual(phases(stage), ['banned', 'banned']);
  },
  function stopping(chart) {
    const stage = stageWith(chart);
    stage.tell({ type: 'stopRequested' });
    assert.deepEqual(phases(stage), ['closed', 'closed']);
  },
];

onBothHosts('without any one transition of the connection chart the network actor goes wrong', async (t) => {
  await assertEveryTransitionIsUsed(connectionMachine, scenarios);
  t.pass();
});
