/**
 * Every test of an actor runs it on both hosts. One that did not fails when it runs: `test/support/host-runs.ts` counts. Here
 * each way round that is seen to fail, and that no test of an actor makes one but by `test/support/actors.ts`, where all of
 * them are behind the border.
 */
import test from 'ava';
import type { PacemakerMessage } from '../../actors/pacemaker/messages.js';
import type { Behaviour } from '../../src/runtime/behaviour.js';
import { createPacemaker } from '../support/actors.js';
import { behindBorder } from '../support/border.js';
import { comparing, HOSTS, type Host, type HostRun, newRun, problemOf, within } from '../support/host-runs.js';
import { ON_ONE_HOST, onHost, reasonForOneHost, systemOnHost } from '../support/hosts.js';
import { CALLED, compiledModules, importsOf, type Modules, waysTo } from '../support/imports.js';
import { mailboxOf } from '../support/mailboxes.js';
import { VirtualTime } from '../support/virtual-time.js';

const ACTORS = 'test/support/actors.js';
const RUNS = 'test/support/host-runs.js';
/** Who says on which host a run is, and counts what is done in it. Nobody else may. */
const COUNTING = ['house/both-hosts.test', 'support/border', 'support/hosts', 'support/linked-threads'];

/** Tests of actors that reach what makes one by another way, each with its reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['test/actors/replacement.test.js', 'a replacement makes our own storage, which is told nothing'],
]);
/** Harnesses of other folders that make an actor by another way, each with its reason. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['test/support/network-on-sockets.js', 'sockets are tested, which are on the thread of their actor wherever that is'],
  ['test/support/real-store.js', 'a disk is tested, which is on the thread of its actor wherever that is'],
]);

const modules = compiledModules();
const isTest = (path: string) => /^test\/actors\/.*\.test\.js$/.test(path);

/** The modules that make an actor by themselves: their declarations answer with a behaviour, or are one. */
function makersIn(all: Modules): readonly string[] {
  const declares = ([path, text]: readonly [string, string]) =>
    /^actors\/.*\.d\.ts$/.test(path) && /(implements|extends|\):) Behaviour</.test(text);
  return [...all].filter(declares).map(([path]) => path.replace('.d.ts', '.js'));
}

/** What may run an actor on one host and is not seen when it runs, a line each. */
function waysRound(all: Modules): readonly string[] {
  const makers = makersIn(all);
  const next = waysTo([...makers, CALLED], all, ACTORS);
  const tests = [...next].filter(([path]) => isTest(path) && !EXCEPTIONS.has(path));
  const harnesses = [...all].filter(([path]) => /^test\/(?!actors\/).*\.js$/.test(path) && path !== ACTORS);
  const importing = (of: readonly string[], but: (path: string) => boolean) =>
    harnesses.filter(([path, text]) => !but(path) && importsOf(path, text).some((name) => of.includes(name)));
  const makes = importing(makers, (path) => ELSEWHERE.has(path));
  const counts = [...all].filter(
    ([path, text]) => path.endsWith('.js') && importsOf(path, text).includes(RUNS) && !counting(path),
  );
  return [
    ...tests.map(([path, way]) => `${path}: makes an actor without a border, by ${way}`),
    ...makes.map(([path]) => `${path}: makes an actor without a border`),
    ...counts.map(([path]) => `${path}: chooses its host by itself`),
  ];
}

const counting = (path: string) => COUNTING.some((name) => path === `test/${name}.js`);

test('no test of an actor makes one but behind the border of its host, and none chooses its host', (t) => {
  t.deepEqual(waysRound(modules), []);
  for (const [path, reason] of EXCEPTIONS) t.log(`not on both hosts: ${path}: ${reason}`);
  for (const [path, reason] of ELSEWHERE) t.log(`on one thread: ${path}: ${reason}`);
  for (const [path, reason] of ON_ONE_HOST) t.log(`has tests on one host: ${path}: ${reason}`);
});

test('what is excepted is there, and would be named', (t) => {
  const next = waysTo(makersIn(modules), modules, ACTORS);
  for (const path of [...EXCEPTIONS.keys(), ...ELSEWHERE.keys()]) t.true(next.has(path), path);
  for (const path of ON_ONE_HOST.keys()) {
    t.true(modules.get(`test/${path}.test.js`)?.includes('onOneThread('), path);
    t.notThrows(() => reasonForOneHost(path));
  }
  t.throws(() => reasonForOneHost('actors/storage/storage'), { message: /storage\/storage has a test for one host/ });
  t.is(reasonForOneHost(null), null, 'the tests of the runtime need none');
});

test('each actor has tests that make it behind the border', (t) => {
  const staged = [...waysTo([ACTORS], modules, '').keys()].filter(isTest);
  const roles = ['client', 'consensus', 'gateway', 'network', 'pacemaker', 'proposal-generator', 'replica', 'storage'];
  t.deepEqual([...new Set(staged.map((path) => path.split('/')[2]))].sort(), [...roles, 'sync']);
  const made = makersIn(modules).map((path) => path.split('/')[1]);
  t.deepEqual([...new Set(made)].sort(), [...roles, 'sync'], 'and nothing else makes one');
});

test('whatever an actor’s maker is imported as, and through whom, the test is named', (t) => {
  const path = 'test/actors/storage/storage.test.js';
  const harness = 'test/support/fake-store.js';
  const named = (changed: string, line: string) =>
    waysRound(new Map(modules).set(changed, `${modules.get(changed)}\n${line}\n`));
  const maker = '../../../actors/storage/storage.js';
  const byMaker = [`${path}: makes an actor without a border, by actors/storage/storage.js`];
  t.deepEqual(named(path, `import { createStorage as quiet } from '${maker}';`), byMaker);
  t.deepEqual(named(path, `import * as all from '${maker}';`), byMaker);
  t.deepEqual(named(path, `export * from '${maker}';`), byMaker);
  t.deepEqual(named(path, `const { createStorage } = await import(\`\${actors}/storage.js\`);`), [
    `${path}: makes an actor without a border, by ${CALLED}`,
  ]);
  t.deepEqual(named(path, "import { defaultActors } from 'hotstuff/actors';"), [
    `${path}: makes an actor without a border, by actors/index.js`,
  ]);
  const through = named(harness, `import { createStorage } from '${maker.slice(3)}';`);
  t.true(through.includes(`${path}: makes an actor without a border, by ${harness}`), through.join());
  t.true(through.includes(`${harness}: makes an actor without a border`), through.join());
  t.deepEqual(named(path, "import { within } from '../../support/host-runs.js';"), [
    `${path}: chooses its host by itself`,
  ]);
});

const MESSAGE: PacemakerMessage = { type: 'workChanged', waiting: true, oldestSince: null };
const drive = () => createPacemaker({ baseTimeoutMs: 1000 }).receive(MESSAGE, { now: 0 });

function runOf(host: Host, make: () => unknown): HostRun {
  const run = newRun(host);
  within(run, make);
  return run;
}

test('a test whose actor is told nothing fails on either host, and across threads one where nothing crosses', (t) => {
  for (const host of HOSTS) {
    t.is(problemOf(runOf(host, drive)), null);
    const idle = () => createPacemaker({ baseTimeoutMs: 1000 });
    t.is(problemOf(runOf(host, idle)), `${host}: no actor was told anything`);
  }
  const together = () => systemOf([['one', 'other']]);
  t.is(problemOf(runOf('inline', together)), null);
  t.is(problemOf(runOf('across threads', together)), 'across threads: nothing crossed the border of a thread');
  t.is(problemOf(runOf('across threads', () => systemOf([]))), null);
});

test('what an actor is told counts where it was made: one that a second run only finds proves nothing there', (t) => {
  const pacemaker = within(newRun('inline'), () => createPacemaker({ baseTimeoutMs: 1000 }));
  const second = runOf('across threads', () => pacemaker.receive(MESSAGE, { now: 0 }));
  t.is(problemOf(second), 'across threads: no actor was told anything');
});

test('outside of a test that has a host no actor is made, no system, and no host is chosen', (t) => {
  t.throws(drive, { message: /a test that has no host: declare it with onBothHosts/ });
  t.throws(() => systemOf([]), { message: /a test that has no host/ });
  for (const host of HOSTS) {
    t.throws(() => onHost(host, drive), { message: new RegExp(`this one asks for ${host}`) });
    t.throws(() => runOf('across threads', () => onHost(host, drive)), { message: /only a test that betweenHosts/ });
  }
});

test('a comparison that leaves a host out fails', async (t) => {
  const on = (...hosts: readonly Host[]) => comparing(() => hosts.forEach((host) => void onHost(host, drive)));
  t.deepEqual(await on(...HOSTS), []);
  t.deepEqual(await on('inline'), ['across threads: no actor was told anything']);
  t.deepEqual(await on('across threads'), ['inline: no actor was told anything']);
  t.is((await on()).length, 2);
});

test('across threads an actor gets a copy of each message, its test one of each effect, and inline themselves', (t) => {
  for (const host of HOSTS) {
    const message = { type: 'told', body: new Uint8Array([1]) };
    const effect = { type: 'write', bytes: new Uint8Array([2]) };
    const got: unknown[] = [];
    const told: unknown[] = [];
    const behaviour: Behaviour<typeof message, typeof effect> = {
      receive: (each) => {
        got.push(each);
        return [effect];
      },
    };
    const run = runOf(host, () => told.push(...behindBorder(behaviour).receive(message, { now: 0 })));
    t.deepEqual([got, told], [[message], [effect]]);
    t.is(got[0] === message, host === 'inline');
    t.is(told[0] === effect, host === 'inline');
    t.is(run.crossed, host === 'inline' ? 0 : 2);
  }
});

/** Two actors of which the one tells the other something. */
function systemOf(threads: readonly (readonly ('one' | 'other')[])[]): void {
  type Told = { readonly type: 'told' };
  const time = new VirtualTime();
  const system = systemOnHost<{ readonly one: Told; readonly other: Told }>(
    {
      ...time.host,
      roles: ['one', 'other'],
      onFailure: ({ error }) => {
        throw error;
      },
    },
    threads,
  );
  const telling = { receive: () => [{ type: 'send', to: 'other', message: { type: 'told' } } as const] };
  system.add('one', { behaviour: telling, mailbox: mailboxOf<Told>(4) });
  system.add('other', { behaviour: { receive: (): readonly never[] => [] }, mailbox: mailboxOf<Told>(4) });
  system.start();
  system.post('one', { type: 'told' });
  time.runUntilIdle();
}
