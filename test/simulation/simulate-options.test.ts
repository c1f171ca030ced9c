import test from 'ava';
import {
  caseOf,
  exhaustiveScenario,
  replay,
  replayTwins,
  reportOf,
  sampledScenario,
  shrinkRun,
  simulate,
  simulateTwins,
} from '../../actors/simulate.js';

const refused = (message: string | RegExp) => ({ name: 'ConfigurationError', message });

test('each option of simulate that cannot work is refused by name, with its value and what would be right', async (t) => {
  for (const [options, message] of [
    [{ seeds: [1, Number.NaN] }, /^seeds\[1\] is NaN; it must be a whole number from 0 to/],
    [{ seeds: ['a'] }, /^seeds\[0\] is "a"; it must be a whole number/],
    [{ seeds: [-1] }, /^seeds\[0\] is -1; it must be/],
    [{ seeds: [1.5] }, /^seeds\[0\] is 1.5; it must be/],
    [{ seeds: new Set([1.5]) }, /^seeds\[0\] is 1.5; it must be/],
    [{ seeds: 3 }, /^seeds is 3; it must be an array of seeds/],
    [{}, /^seeds is undefined; it must be an array of seeds/],
    [{ seeds: [], eventsMax: -3 }, 'eventsMax is -3; it must be a whole number from 1 to 100000000'],
    [{ seeds: [], tightLimits: ['zz'] }, /^tightLimits\[0\] is "zz"; it must be 'oneCommandBlocks', .* or/],
    [{ seeds: [], strategies: ['charm'] }, /^strategies\[0\] is "charm"; it must be /],
    [{ seeds: [], laterStrategies: [['charm']] }, /^laterStrategies\[0\]\[0\] is "charm"; it must be /],
    [{ seeds: [], mode: 'zzz' }, "mode is \"zzz\"; it must be 'vopr', 'byzz', 'lite' or 'crashpoint'"],
    [{ seeds: [], replicas: 1.5 }, 'replicas is 1.5; it must be a whole number from 1 to 100'],
    [{ seeds: [], signatures: 'z' }, "signatures is \"z\"; it must be 'hash' or 'ed25519'"],
    [{ seeds: [], liarsProbability: 2 }, 'liarsProbability is 2; it must be a number from 0 to 1'],
    [{ seeds: [], replcas: 4 }, 'simulate has no option replcas. Did you mean replicas?'],
    [
      { seeds: [], part: { number: 3, of: 2 } },
      'part.number is 3; it must be a whole number from 1 to 2, which is part.of',
    ],
    [{ seeds: [], workload: { createMachine: 1 } }, /^workload is an object; it must be an object with the functions/],
  ] as const) {
    await t.throwsAsync(simulate(options as never), refused(message), JSON.stringify(options));
  }
});

test('so are the arguments and options of the other calls', async (t) => {
  const drawn = caseOf('lite', 1, { eventsMax: 100 });
  const run = { seed: 1, case: drawn, outcome: await replay(drawn) };
  for (const [call, message] of [
    [
      () => replay({ ...drawn, replicas: 0 }),
      'the case cannot be run: replicas is 0; it must be a whole number from 1 to 100',
    ],
    [() => replay(null as never), /^the case cannot be run: version is missing/],
    [() => replay(drawn, { workLoad: 1 } as never), 'replay has no option workLoad. Did you mean workload?'],
    [() => shrinkRun(run), 'a run in which nothing broke cannot be made smaller'],
    [() => shrinkRun(run, { runsMax: -1 }), /^runsMax is -1; it must be/],
    [() => reportOf(drawn, { file: 'a', revision: 'b' } as never), /^faultsBefore is undefined; it must be/],
    [() => replayTwins({ ...sampledScenario(1, 1), replicas: 3 }), /^the scenario cannot be run: replicas is 3/],
    [() => simulateTwins({ scenarios: [{}] } as never), /^scenarios\[0\] cannot be run: version is missing/],
    [
      () => simulateTwins({ scenarioes: [] } as never),
      'simulateTwins has no option scenarioes. Did you mean scenarios?',
    ],
  ] as const) {
    await t.throwsAsync(async () => call(), refused(message));
  }
  for (const [call, message] of [
    [() => caseOf('crashpoint' as never, 1), "mode is \"crashpoint\"; it must be 'vopr', 'byzz' or 'lite'"],
    [() => caseOf('vopr', -1), /^seed is -1; it must be/],
    [() => caseOf('vopr', 1, { tenure: 0 }), 'tenure is 0; it must be a whole number from 1 to 1000000'],
    [() => sampledScenario(1, 1, { replicas: 3 }), 'replicas is 3; it must be a whole number from 4 to 100'],
    [() => exhaustiveScenario(24 ** 4, 'two-chain'), 'index is 331776; it must be a whole number from 0 to 331775'],
  ] as const) {
    t.throws(call, refused(message));
  }
});
