/**
 * `npm run test:simulation-gate [-- WORDS]`: plants each bug in a copy of the compiled code and has the simulator look for it,
 * from three first seeds. Prints how many events it took; exits 1 where a bug is not found within EVENTS_WORST events, where
 * the median of three is above EVENTS_MEDIAN, or where the sound code breaks an invariant (TESTING 1.7).
 */

import { ownRevision } from '../../bin/own-revision.js';
import { simulatedBugs } from './simulation-bugs.js';
import { Workbench } from './workbench.js';

const EVENTS_MEDIAN = 600_000;
const EVENTS_WORST = 3_000_000;
const FIRST_SEEDS = [1, 100_001, 200_001];
const PROGRAM = 'dist/test/gate/find-violation.js';

interface Finding {
  readonly events: number;
  readonly seeds: number;
  readonly found: { readonly seed: number; readonly invariant: string; readonly says: string } | null;
}

const words = process.argv.slice(2).join(' ');
const bugs = simulatedBugs.filter(({ bug }) => bug.includes(words));
const bench = await Workbench.copyOf(process.cwd());
let passed = true;
try {
  say(`revision ${await ownRevision()}`);
  say('bug | invariant | events, three times | median');
  for (const bug of bugs) {
    const places = await bench.places(bug);
    if (places !== 1) {
      say(`CANNOT BE PLANTED ${bug.bug}: its text stands ${places} times in ${bug.file}.js, not once`);
      passed = false;
      continue;
    }
    const findings: Finding[] = [];
    for (const first of FIRST_SEEDS) {
      const args = [
        PROGRAM,
        bug.mode ?? 'vopr',
        JSON.stringify(bug.options ?? {}),
        String(first),
        String(EVENTS_WORST),
      ];
      findings.push(JSON.parse(await bench.runWith(bug, args)) as Finding);
    }
    const events = findings.map(({ events: each }) => each);
    const median = [...events].sort((a, b) => a - b)[1] as number;
    const good = findings.every(({ found }) => found !== null) && median <= EVENTS_MEDIAN;
    passed &&= good;
    const names = [...new Set(findings.map(({ found }) => found?.invariant ?? 'NOT FOUND'))].join(', ');
    say(`${bug.bug} | ${names} | ${events.join(', ')} | ${median}${good ? '' : ' | NOT GOOD ENOUGH'}`);
  }
  say(passed ? `${bugs.length} bugs planted, all found` : 'the gate is not passed');
  process.exitCode = passed && bugs.length > 0 ? 0 : 1;
} finally {
  await bench.remove();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
