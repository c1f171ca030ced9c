import test from 'ava';
import { createRefusalLog } from '../../src/adapters/refusal-log.js';
import { recordingLogger } from '../support/network-stage.js';

function refusalLog(linesMax: number) {
  const { log, warnings } = recordingLogger();
  const time = { now: 5000 };
  const refusals = createRefusalLog({ side: 'gateway', log, clock: () => time.now, linesMax, windowMs: 100 });
  const lines = () => warnings.splice(0).map(({ event, facts }) => `${event} ${Object.values(facts).join(' ')}`);
  return { refusals, time, lines };
}

test('each cause of each address is logged once in a window, and counted always', (t) => {
  const { refusals, time, lines } = refusalLog(10);
  for (let round = 0; round < 3; round += 1) {
    refusals.refused('tlsFailed', '10.0.0.1');
    refusals.refused('tlsFailed', '10.0.0.2');
    refusals.refused('wrongPath', '10.0.0.1');
  }
  const once = [
    'connectionRefused gateway tlsFailed 10.0.0.1',
    'connectionRefused gateway tlsFailed 10.0.0.2',
    'connectionRefused gateway wrongPath 10.0.0.1',
  ];
  t.deepEqual(lines(), once);
  t.deepEqual(refusals.counts, { tlsFailed: 6, wrongPath: 3 });
  time.now += 99;
  refusals.refused('wrongPath', '10.0.0.1');
  t.deepEqual(lines(), []);
  time.now += 1;
  refusals.refused('wrongPath', '10.0.0.1');
  t.deepEqual(lines(), once.slice(2));
});

test('a thousand addresses fill a window once, which is said, and what was logged before they came stays logged', (t) => {
  const { refusals, time, lines } = refusalLog(3);
  const flood = (): void => {
    for (let host = 0; host < 1000; host += 1) refusals.refused('hungUp', `10.0.${host >> 8}.${host & 255}`);
  };
  flood();
  const shown = lines();
  t.is(shown.length, 4);
  t.is(shown[3], 'connectionRefusalsUnlogged gateway 3 100');
  flood();
  t.deepEqual(lines(), []);
  time.now += 100;
  flood();
  t.is(lines().length, 4);
  t.deepEqual(refusals.counts, { hungUp: 3000 });
});
