/** `hotstuff simulate` as people run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { caseOf, replay, type SimulationCase } from '../../actors/simulate.js';
import { PROGRAM, run, runHere, scratch } from '../support/command-line.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SMALL = ['simulate', '--seed', '77', '--replicas', '4', '--events', '200', '--json'] as const;

test('--floors: a single run comes to too little, which is said and fails', async (t) => {
  const { code, stdout, stderr } = await runHere([...SMALL, '--floors']);
  t.is(code, 1, stderr);
  const report = JSON.parse(stdout);
  t.is(report.passed, 1);
  t.true(report.shortfalls.some((line: string) => line.startsWith('fault crash: ')));
  t.regex(stderr, /floors were missed: /);
});

test('--floors is of random faults alone', async (t) => {
  for (const args of [['--mode', 'lite'], ['--mode', 'twins'], ['--speculative']]) {
    const { code, stderr } = await runHere(['simulate', ...args, '--floors']);
    t.is(code, 2);
    t.regex(stderr, /--floors is for --mode vopr, without --speculative/);
  }
});

test('a flag that does nothing in a mode is refused by name, with the modes that it is for', async (t) => {
  const replay = ['--mode', 'replay', '--case', 'case.json'];
  for (const [args, said] of [
    [
      [...replay, '--seed', '99'],
      '--seed is for --mode vopr, byzz, lite, crashpoint and twins; --mode replay takes none',
    ],
    [[...replay, '--seeds', '5'], '--seeds is for --mode vopr, byzz, lite and crashpoint; --mode replay takes none'],
    [[...replay, '--replicas', '7'], /^hotstuff: --replicas is for /],
    [[...replay, '--rule', 'two-chain'], /^hotstuff: --rule is for /],
    [[...replay, '--tenure', '3'], /^hotstuff: --tenure is for /],
    [[...replay, '--leader-schedule', 'reputation'], /^hotstuff: --leader-schedule is for /],
    [[...replay, '--signatures', 'hash'], /^hotstuff: --signatures is for /],
    [[...replay, '--events', '100'], /^hotstuff: --events is for /],
    [[...replay, '--part', '1/2'], /^hotstuff: --part is for /],
    [[...replay, '--jobs', '2'], /^hotstuff: --jobs is for /],
    [[...replay, '--no-shrink'], /^hotstuff: --no-shrink is for /],
    [['--mode', 'corpus', '--seed', '1'], /^hotstuff: --seed is for .*; --mode corpus takes none/],
    [
      ['--mode', 'twins', '--tenure', '1'],
      '--tenure is for --mode vopr, byzz, lite and crashpoint; --mode twins takes none',
    ],
    [['--mode', 'twins', '--case', 'a.json', '--rule', 'two-chain'], /--case names one scenario.*takes no --rule/],
    [['--scenarios', '5'], '--scenarios is for --mode twins; --mode vopr takes none'],
    [['--case', 'a.json'], '--case is for --mode replay, corpus and twins; --mode vopr takes none'],
    [['--mode', 'lite', '--speculative'], '--speculative is for --mode vopr and byzz; --mode lite takes none'],
    [['--mode', 'replay'], '--mode replay needs --case FILE'],
  ] as const) {
    const { code, stderr } = await runHere(['simulate', ...args]);
    t.is(code, 2, args.join(' '));
    if (typeof said === 'string') t.is(stderr, `hotstuff: ${said}\n`);
    else t.regex(stderr, said);
  }
});

test('a case that ends before it heals is said to be unfinished, and one that could never heal is refused', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'short.json');
  const drawn = caseOf('vopr', 1, { replicas: 4, strategies: [], eventsMax: 1000 });
  await writeFile(file, JSON.stringify({ ...drawn, eventsMax: 10 }));
  const { code, stdout } = await runHere(['simulate', '--mode', 'replay', '--case', file]);
  t.is(code, 0);
  t.regex(
    stdout,
    /short.json: unfinished: the run ended after 10 events, at \d+ ms, before its healing at \d+ ms; L1 to L5 /,
  );
  await writeFile(file, JSON.stringify({ ...drawn, until: 1 }));
  const late = await runHere(['simulate', '--mode', 'replay', '--case', file]);
  t.is(late.code, 1);
  t.regex(late.stderr, /short.json is no case: healAt is [\d.]+ and until is 1: the run would end before it heals/);
});

/** A copy of the program outside of a checkout, in a directory of its own. */
async function installed(t: ExecutionContext): Promise<string> {
  const directory = await scratch(t);
  await cp(join(ROOT, 'package.json'), join(directory, 'package.json'));
  for (const folder of ['actors', 'bench', 'bin', 'machines', 'src'])
    await cp(join(ROOT, 'dist', folder), join(directory, 'dist', folder), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

async function simulateIn(directory: string, ...args: readonly string[]) {
  const program = join(directory, 'dist', 'bin', 'hotstuff.js');
  const child = spawn(process.execPath, [program, 'simulate', ...args], { cwd: directory });
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [stdout, stderr, [code]] = await said;
  return { stdout, stderr, code };
}

test('a package that was installed has no corpus, and says so', async (t) => {
  const { code, stderr } = await simulateIn(await installed(t), '--mode', 'corpus');
  t.is(code, 1);
  t.regex(stderr, /^hotstuff: there is no corpus at .*: it is a part of a checkout of hotstuff.*; --case DIR names/);
});

test('a scenario of twins that fails is made smaller and written with a report, and replays', async (t) => {
  const directory = await installed(t);
  const quorum = join(directory, 'dist', 'src', 'protocol', 'quorum.js');
  const planted = (await readFile(quorum, 'utf8')).replace('return n - faultBound(n);', 'return 2 * faultBound(n);');
  await writeFile(quorum, planted);
  const twins = ['--mode', 'twins', '--scenarios', '1', '--seed', '3'];
  const written = async () => (await readdir(directory)).filter((name) => name.startsWith('hotstuff-')).sort();
  const whole = await simulateIn(directory, ...twins, '--no-shrink');
  t.is(whole.code, 1, whole.stderr);
  const [file = '', report = '', ...more] = await written();
  t.deepEqual([file.endsWith('.json'), report.endsWith('.md'), more], [true, true, []]);
  const before = JSON.parse(await readFile(join(directory, file), 'utf8'));
  t.true(before.views.length >= 7);
  const { stdout } = await simulateIn(directory, ...twins);
  t.true(stdout.includes(`${file}: 0 of ${before.views.length} views, 0 of ${before.twins.length} copies, `), stdout);
  const after = JSON.parse(await readFile(join(directory, file), 'utf8'));
  t.deepEqual(after, { ...before, twins: [], views: [] });
  const said = await readFile(join(directory, report), 'utf8');
  t.regex(said, /^\*\*S6\*\* broke at .*sequenceDiagram.*N\d->>N\d: [\d.]+ ms: /ms);
  const again = await simulateIn(directory, '--mode', 'twins', '--case', file);
  t.is(again.code, 1);
  t.regex(again.stdout, /^hotstuff-twins-.*\.json: S6 at /);
  t.deepEqual(await written(), [file, report]);
});

test('what several processes count adds up to what one counts', async (t) => {
  const two = [...SMALL, '--seeds', '2'];
  const [one, shared] = await Promise.all([runHere(two), run(t, [...two, '--jobs', '2'])]);
  const [whole, parts] = [JSON.parse(one.stdout), JSON.parse(shared.stdout)];
  for (const counted of [
    'pairs',
    'ignored',
    'marks',
    'coverage',
    'states',
    'statesFrom',
    'newStates',
    'unseenPairs',
    'events',
    'work',
    'remarks',
  ]) {
    t.truthy(whole[counted]);
    t.deepEqual(parts[counted], whole[counted], counted);
  }
});

test('the report names the rule that scenarios of twins went by', async (t) => {
  const twins = ['simulate', '--mode', 'twins', '--exhaustive', '--part', '7/200000'] as const;
  for (const rule of ['three-chain', 'two-chain']) {
    const text = await runHere([...twins, '--rule', rule]);
    t.regex(text.stdout, new RegExp(`^2 of 2 runs \\(${rule} 2\\) passed: `));
  }
  const json = await run(t, [...twins, '--rule', 'two-chain', '--json', '--jobs', '2']);
  t.deepEqual(JSON.parse(json.stdout).rules, { 'two-chain': 2 });
});

/** A case in which agreement breaks: two of four lie, and one may. */
async function brokenCase(): Promise<SimulationCase> {
  const liars = [
    { replica: 0, strategies: ['equivocatingLeader'] },
    { replica: 1, strategies: ['forgetLock'] },
  ];
  for (let seed = 0; seed < 100; seed += 1) {
    const drawn = caseOf('vopr', seed, { replicas: 4, tenure: 1000, eventsMax: 1000, strategies: [] });
    const broken = { ...drawn, dead: [], faults: [], liars, beyondFaultBound: true };
    if ((await replay(broken)).violations.length > 0) return broken;
  }
  throw new Error('in no run of a hundred did agreement break');
}

test('a replay only replays: it says what breaks, names the file that it was given, and writes none', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'my-case.json');
  await writeFile(file, JSON.stringify(await brokenCase()));
  const [text, json] = await Promise.all([
    run(t, ['simulate', '--mode', 'replay', '--case', file], '', { cwd: directory }),
    run(t, ['simulate', '--mode', 'replay', '--case', file, '--json'], '', { cwd: directory }),
  ]);
  t.is(text.code, 1, text.stderr);
  t.true(text.stdout.startsWith(`${file}: S`), text.stdout);
  t.is(JSON.parse(json.stdout).violations[0].case, file);
  t.deepEqual(await readdir(directory), ['my-case.json']);
});

test('one seed has its trace hash in however many processes, and two seeds have none', async (t) => {
  const [alone, shared, two] = await Promise.all([
    runHere(SMALL),
    run(t, [...SMALL, '--jobs', '2']),
    run(t, [...SMALL, '--seeds', '2', '--jobs', '2']),
  ]);
  const { traceHash } = JSON.parse(alone.stdout);
  t.regex(traceHash, /^[0-9a-f]{16}$/);
  t.is(JSON.parse(shared.stdout).traceHash, traceHash);
  t.false('traceHash' in JSON.parse(two.stdout));
});

test('a signal to the whole group, as Ctrl-C is, has several processes report what they ran', async (t) => {
  const args = [PROGRAM, ...SMALL, '--seeds', '100000', '--jobs', '2'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.teardown(() => child.kill('SIGKILL'));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'close');
  await setTimeout(3000);
  process.kill(-(child.pid as number), 'SIGINT');
  const [code] = await ended;
  const [stdout, stderr] = await said;
  t.is(code, 0, stderr);
  t.is(stderr, '');
  const { seeds, passed } = JSON.parse(stdout);
  t.is(passed, seeds);
});

test('the help says what --events is: of lite so many, else a twentieth of the most', async (t) => {
  const events = 400;
  t.is(caseOf('lite', 5, { eventsMax: events }).eventsMax, events);
  for (const mode of ['vopr', 'byzz'] as const) t.is(caseOf(mode, 5, { eventsMax: events }).eventsMax, 20 * events);
  const { stdout } = await runHere(['simulate', '--help']);
  const help = stdout.replace(/\s+/g, ' ');
  t.regex(help, /--events <N> .*or after 20 times as many, which .*; lite has exactly so many/);
  t.regex(help, /--floors .*; of vopr, for 800 runs/);
});
