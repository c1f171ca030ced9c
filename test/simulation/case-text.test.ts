import test from 'ava';
import { caseOf } from '../../actors/simulate.js';
import { parseCase } from '../../src/simulation/case-text.js';

const problemWith = (changes: object): string => {
  const drawn = { ...caseOf('vopr', 1, { replicas: 4 }), liars: [], dead: [], faults: [], ...changes };
  const reading = parseCase(JSON.stringify(drawn));
  return reading.ok ? 'none' : reading.problem;
};

test('whatever case a seed draws is read again as it was', (t) => {
  for (let seed = 0; seed < 150; seed += 1) {
    for (const drawn of [
      caseOf('vopr', seed),
      caseOf('byzz', seed),
      caseOf('lite', seed),
      caseOf('vopr', seed, { speculative: true, replicas: 10 }),
      caseOf('lite', seed, { eventsMax: 100_000_000 }),
      caseOf('vopr', seed, { eventsMax: 1 }),
    ]) {
      t.deepEqual(parseCase(JSON.stringify(drawn)), { ok: true, case: JSON.parse(JSON.stringify(drawn)) });
    }
  }
});

test('what is no case is refused by the field, its value and what it must be', (t) => {
  const at = 5;
  const speculation = { proposalBufferTarget: 3, refillProposalBuffer: 'immediately', machineMs: [0, 1] };
  for (const [changes, problem] of [
    [{}, 'none'],
    [{ version: 2, newThing: 1 }, 'version is 2; it must be 1'],
    [{ replicas: 0 }, 'replicas is 0; it must be a whole number from 1 to 100'],
    [{ replicas: 4.5 }, 'replicas is 4.5; it must be a whole number from 1 to 100'],
    [{ rule: 'four-chain' }, 'rule is "four-chain"; it must be "three-chain" or "two-chain"'],
    [{ seed: undefined }, 'seed is missing; it must be a whole number 0 or above'],
    [{ healsAt: 5 }, /^healsAt is no field; there are version, seed, .*, tight$/],
    [{ healAt: 'never' }, 'healAt is "never"; it must be a number 0 or above, or null'],
    [{ links: { delayMs: [1, 2] } }, 'links.loss is missing; it must be a number from 0 to 1'],
    [{ disks: { latencyMs: [2, 1], failing: false } }, /^disks.latencyMs is \[2,1\]; it must be two numbers/],
    [{ speculation }, 'none'],
    [{ speculation: {} }, 'speculation.proposalBufferTarget is missing; it must be a whole number 0 or above'],
    [{ speculation: null }, 'speculation is null; it must be an object'],
    [{ faults: [{ at, type: 'crash', replica: 0, loss: 'torn' }] }, 'none'],
    [
      { faults: [{ at, type: 'crash', replica: 0, loss: 'all' }] },
      /^faults\[0\].loss is "all"; it must be "before" or/,
    ],
    [{ faults: [{ at, type: 'fire' }] }, /^faults\[0\].type is "fire"; it must be "crash" or/],
    [{ faults: [null] }, 'faults[0] is null; it must be an object'],
    [
      { faults: [{ at, type: 'clockRate', replica: 1, factor: 0 }] },
      'faults[0].factor is 0; it must be a number above 0',
    ],
    [{ baseTimeoutMs: 1.5 }, 'baseTimeoutMs is 1.5; it must be a whole number from 10 to 600000'],
    [{ dead: [1, 1] }, 'replica 1 is named twice among the dead or the liars; once is enough'],
    [{ faults: [{ at, type: 'pause', replica: 4 }] }, 'faults[0] names replica 4; there are 4, from 0'],
    [{ faults: [{ at, type: 'cut', from: [0], to: [7] }] }, 'faults[0] names replica 7; there are 4, from 0'],
    [{ clients: 2, faults: [{ at, type: 'cutClient', client: 1, replicas: [0] }] }, 'none'],
    [
      { clients: 2, faults: [{ at, type: 'joinClient', client: 2, replicas: [0] }] },
      'faults[0] names a client that the case does not have; there are 2, from 0',
    ],
    [
      { clients: 2, faults: [{ at, type: 'cutClient', client: 0, replicas: [4] }] },
      'faults[0] names replica 4; there are 4, from 0',
    ],
    [{ faults: [{ at, type: 'link', a: 0, b: 3, changes: { loss: 0.5 } }] }, 'none'],
    [
      { faults: [{ at, type: 'link', a: 1, b: 1, changes: {} }] },
      'faults[0] is a link from a replica to itself; a and b must differ',
    ],
    [{ faults: [{ at, type: 'link', a: 0, b: 4, changes: {} }] }, 'faults[0] names replica 4; there are 4, from 0'],
    [{ dead: [9] }, 'dead[0] names replica 9; there are 4, from 0'],
    [{ liars: [{ replica: 0, strategies: 'all' }] }, 'liars[0].strategies is "all"; it must be a list'],
    [{ thinkMs: [0, 5] }, 'none'],
    [{ healAt: 900, until: 900 }, 'none'],
    [
      { healAt: 901, until: 900 },
      'healAt is 901 and until is 900: the run would end before it heals; healAt must be until at most, or null',
    ],
    [{ healAt: null, until: 900 }, 'none'],
    [{ outstanding: 10_001 }, 'outstanding is 10001; it must be a whole number from 1 to 10000'],
    [{ commands: 100_000_001 }, 'commands is 100000001; it must be a whole number from 0 to 100000000'],
    [{ clients: 10, outstanding: 10_000 }, 'none'],
    [
      { clients: 11, outstanding: 10_000 },
      'clients is 11 and outstanding 10000: 110000 commands would be on the way at once; there may be 100000',
    ],
    [{ thinkMs: 5 }, /^thinkMs is 5; it must be a list of two numbers/],
    [{ beyondFaultBound: 1 }, 'beyondFaultBound is 1; it must be true or false'],
  ] as const) {
    const said = problemWith(changes);
    if (typeof problem === 'string') t.is(said, problem);
    else t.regex(said, problem);
  }
  t.deepEqual(parseCase('[]'), { ok: false, problem: 'it is no JSON object' });
});
