import test from 'ava';
import { caseOf, replay } from '../../../actors/simulate.js';
import { ReplicaLoadChecker } from '../../../src/simulation/checkers/replica-load.js';

const [LIAR, FIRST] = [3, 0];

function checker() {
  const said: string[] = [];
  const load = new ReplicaLoadChecker({
    replicas: 4,
    baseTimeoutMs: 1000,
    isHonest: (replica) => replica !== LIAR,
    accuse: (invariant, detail) => said.push(`${invariant} ${detail}`),
  });
  const fire = (times: number, now: number, replica = FIRST): void => {
    for (let time = 0; time < times; time += 1) load.timerFired(replica, now);
  };
  const send = (times: number, now: number, { to = 1, type = 'certificates' } = {}): void => {
    for (let time = 0; time < times; time += 1) load.sent(FIRST, to, type, now);
  };
  return { said, load, fire, send };
}

test('timers that fire again and again while time stands still are a violation, once (L6)', (t) => {
  const { said, fire } = checker();
  fire(2500, 100);
  t.deepEqual(said, []);
  fire(500, 100.5);
  t.is(said.length, 1);
  t.regex(said[0] ?? '', /^L6 2501 timers of replica 0 fired within 0\.5 ms; 2500 at most/);
});

test('timers of another replica, or of another second, do not add up', (t) => {
  const { said, fire } = checker();
  for (let second = 0; second < 5; second += 1) fire(2500, second * 1000);
  fire(2500, 4000, 1);
  t.deepEqual(said, []);
  fire(1, 4999);
  t.is(said.length, 1);
});

test('messages that neither views nor timers explain are a violation, once (L6)', (t) => {
  const { said, load, fire, send } = checker();
  send(12 * 4 * 40, 10);
  t.deepEqual(said, []);
  load.entered(FIRST, 11);
  fire(1, 12);
  send(2 * 12 * 4, 13);
  t.deepEqual(said, [], 'a view and a timer allow for more');
  send(100, 20);
  t.deepEqual(said.length, 1);
  t.regex(said[0] ?? '', /^L6 replica 0 sent 2017 messages for 1 views and 1 timers within 10\.0 ms; 2016 at most/);
});

test('what liars ask for, blocks that are fetched, and commands count for nothing', (t) => {
  const { said, send } = checker();
  send(10_000, 10, { to: LIAR });
  send(10_000, 10, { type: 'fetchRequest' });
  send(10_000, 10, { type: 'fetchAnswer' });
  send(10_000, 10, { type: 'commands' });
  t.deepEqual(said, []);
});

test('a run is told of timers, views and messages', async (t) => {
  const seen = { timers: 0, views: 0, messages: 0 };
  const { timerFired, entered, sent } = ReplicaLoadChecker.prototype;
  t.teardown(() => Object.assign(ReplicaLoadChecker.prototype, { timerFired, entered, sent }));
  Object.assign(ReplicaLoadChecker.prototype, {
    timerFired: () => {
      seen.timers += 1;
    },
    entered: () => {
      seen.views += 1;
    },
    sent: () => {
      seen.messages += 1;
    },
  });
  const { messages, eventsByKind } = await replay(caseOf('lite', 1, { eventsMax: 2000 }));
  t.is(
    seen.messages,
    Object.values(messages).reduce((sum, count) => sum + count, 0),
  );
  t.true(seen.views > 20);
  t.true(seen.timers > 0 && seen.timers <= (eventsByKind.timer ?? 0));
});
