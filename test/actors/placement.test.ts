import test from 'ava';
import { CORE, type PlacedParts, type Placement, placeActors } from '../../actors/placement.js';
import { REPLICA_ROLES, type ReplicaRole } from '../../actors/roles.js';

const COMMANDS: PlacedParts = { kind: 'commands', machineIsModule: true, actors: {} };
const SPECULATIVE: PlacedParts = { ...COMMANDS, kind: 'speculative' };
const behaviour = { receive: () => [] };
const module = { module: new URL('./an-actor.js', import.meta.url) };

/** Where each role is, those on the calling thread left out. */
function placed(placement: Placement | undefined, parts: PlacedParts): Partial<Record<ReplicaRole, string>> {
  const { roles: byThread, machineThread } = placeActors(placement, parts);
  const threads = [...byThread];
  if (!byThread.has(machineThread)) throw new Error('the machine has a thread');
  const all = threads.flatMap(([, roles]) => roles);
  if (threads[0]?.[0] !== 'main' || all.length !== REPLICA_ROLES.length || new Set(all).size !== all.length) {
    throw new Error('every role has one thread, and the calling one comes first');
  }
  return Object.fromEntries(threads.slice(1).flatMap(([thread, roles]) => roles.map((role) => [role, thread])));
}

const machineAt = (placement: Placement | undefined, parts: PlacedParts) => placeActors(placement, parts).machineThread;

const together = (thread: string) => Object.fromEntries(CORE.map((role) => [role, thread]));
const DOORS = { network: 'network', gateway: 'network' };
const SPLIT = { ...together('consensus'), ...DOORS, storage: 'storage', proposalGenerator: 'machine' };

test('by default a machine that takes commands shares one thread with all actors', (t) => {
  t.deepEqual(placed(undefined, COMMANDS), {});
  t.deepEqual(placed(undefined, { ...COMMANDS, machineIsModule: false }), {});
});

test('by default a speculative machine has a thread to itself: an object the calling one, a module one of its own', (t) => {
  t.deepEqual(placed(undefined, SPECULATIVE), {});
  t.is(machineAt(undefined, SPECULATIVE), 'machine');
  const { replica: _, ...others } = Object.fromEntries(REPLICA_ROLES.map((role) => [role, 'consensus']));
  const object = { ...SPECULATIVE, machineIsModule: false };
  t.deepEqual(placed(undefined, object), others);
  t.is(machineAt(undefined, object), 'main');
  const { storage: __, ...withoutStorage } = others;
  t.deepEqual(placed(undefined, { ...object, actors: { storage: behaviour } }), withoutStorage);
});

test('a generator of the application’s own has its machine beside it', (t) => {
  const own = { ...SPECULATIVE, actors: { proposalGenerator: behaviour, storage: behaviour } };
  const {
    replica: _,
    proposalGenerator: __,
    storage: ___,
    ...rest
  } = Object.fromEntries(REPLICA_ROLES.map((role) => [role, 'consensus']));
  t.deepEqual(placed(undefined, own), rest);
  t.is(machineAt(undefined, own), 'main');
  const asModule = { ...SPECULATIVE, actors: { proposalGenerator: module } };
  t.deepEqual(placed(undefined, asModule), { proposalGenerator: 'machine' });
  t.is(machineAt(undefined, asModule), 'machine');
});

test('with threads a speculative machine is alone, and its generator beside consensus', (t) => {
  const split = { ...SPLIT, proposalGenerator: 'consensus' };
  t.deepEqual(placed('threads', SPECULATIVE), split);
  t.is(machineAt('threads', SPECULATIVE), 'machine');
  const object = { ...SPECULATIVE, machineIsModule: false };
  t.deepEqual(placed('threads', object), split);
  t.is(machineAt('threads', object), 'main');
  t.deepEqual(
    placed('threads', { ...SPECULATIVE, actors: { sync: behaviour } }),
    { ...DOORS, storage: 'storage' },
    'the generator goes where the core is',
  );
});

test('a machine is where its generator is in all other cases', (t) => {
  for (const [placement, parts, thread] of [
    [undefined, COMMANDS, 'main'],
    ['inline', SPECULATIVE, 'main'],
    ['threads', COMMANDS, 'machine'],
    [{ proposalGenerator: 'vm' }, SPECULATIVE, 'vm'],
    [{ storage: 'disk' }, SPECULATIVE, 'main'],
  ] as const) {
    t.is(machineAt(placement, parts), thread);
  }
});

test('inline is one thread, whatever the machine is', (t) => {
  t.deepEqual(placed('inline', SPECULATIVE), {});
});

test('threads are four at most, and whatever is an object stays on the calling one', (t) => {
  t.deepEqual(placed('threads', COMMANDS), SPLIT);
  t.deepEqual(placed('threads', { ...COMMANDS, actors: { storage: module } }), SPLIT, 'a module does not');
  const { proposalGenerator: _, ...withoutMachine } = SPLIT;
  t.deepEqual(placed('threads', { ...COMMANDS, machineIsModule: false }), withoutMachine);
  const { network: __, ...withoutNetwork } = SPLIT;
  t.deepEqual(placed('threads', { ...COMMANDS, actors: { network: () => behaviour } }), withoutNetwork);
  for (const role of CORE) {
    t.deepEqual(
      placed('threads', { ...COMMANDS, actors: { [role]: behaviour } }),
      { ...DOORS, storage: 'storage', proposalGenerator: 'machine' },
      `${role} keeps the others of the core`,
    );
  }
});

test('by hand each named role is on its thread, the others on the calling one', (t) => {
  t.deepEqual(placed({}, SPECULATIVE), {});
  t.deepEqual(placed({ storage: 'disk', gateway: 'main' }, COMMANDS), { storage: 'disk' });
  t.deepEqual(placed({ network: 'a', storage: 'a' }, COMMANDS), { network: 'a', storage: 'a' });
});

test('one of consensus, pacemaker and sync names the thread of all three', (t) => {
  for (const role of CORE) t.deepEqual(placed({ [role]: 'core' }, COMMANDS), together('core'));
  t.deepEqual(placed({ sync: 'core', consensus: 'core' }, COMMANDS), together('core'));
});

const URL_FORM = 'give it as { module, options }, or leave placement';
const impossible: readonly (readonly [what: string, placement: unknown, parts: PlacedParts, message: RegExp])[] = [
  [
    'a word that is no placement',
    'thread',
    COMMANDS,
    /^placement is 'thread'; it must be 'inline', 'threads' or \{ role: thread \}$/,
  ],
  ['nothing', null, COMMANDS, /^placement is null;/],
  ['a list', ['storage'], COMMANDS, /^placement is another object;/],
  ['an unknown role', { disk: 'a' }, COMMANDS, /^placement\.disk is no actor; the actors are gateway, .*, replica$/],
  ['a number as a thread', { storage: 3 }, COMMANDS, /^placement\.storage is 3; it must be the name of a thread/],
  ['an empty name', { storage: '' }, COMMANDS, /^placement\.storage is ''; it must be the name/],
  ['a name with a space', { storage: 'a b' }, COMMANDS, /^placement\.storage is 'a b'; it must be the name/],
  ['a name too long', { storage: 'a'.repeat(33) }, COMMANDS, /32 at most/],
  [
    'consensus apart from its pacemaker',
    { consensus: 'a', pacemaker: 'main' },
    COMMANDS,
    /^placement\.consensus is 'a' and placement\.pacemaker is 'main'; consensus, pacemaker, sync are always on one thread: they decide/,
  ],
  ['the replica elsewhere', { replica: 'a' }, COMMANDS, /^placement\.replica is 'a', but it tells the application/],
  [
    'a machine that is an object elsewhere',
    { proposalGenerator: 'a' },
    { ...COMMANDS, machineIsModule: false },
    new RegExp(
      `^placement.proposalGenerator is 'a', but the machine is an object, .*: ${URL_FORM}.proposalGenerator out$`,
    ),
  ],
  [
    'an actor that is a function elsewhere',
    { storage: 'a' },
    { ...COMMANDS, actors: { storage: () => behaviour } },
    /^placement\.storage is 'a', but actors\.storage is a function, which stays/,
  ],
  [
    'one of the core that is an object, with the others elsewhere',
    { consensus: 'a' },
    { ...COMMANDS, actors: { sync: behaviour } },
    /^placement\.sync is 'a', but actors\.sync is an object/,
  ],
  [
    'by default, machine and consensus both objects',
    undefined,
    { ...SPECULATIVE, machineIsModule: false, actors: { pacemaker: behaviour } },
    /actors\.pacemaker: both stay on the calling thread\. Give one of them as \{ module, options \}, or say placement: 'inline'/,
  ],
];

for (const [what, placement, parts, message] of impossible) {
  test(`${what} is refused, with what would be right`, (t) => {
    t.throws(() => placeActors(placement as Placement, parts), {
      name: 'ConfigurationError',
      code: 'PLACEMENT_IMPOSSIBLE',
      message,
    });
  });
}

test('the longest name is a name', (t) => {
  t.deepEqual(placed({ storage: `a${'-9'.repeat(15)}Z` }, COMMANDS), { storage: `a${'-9'.repeat(15)}Z` });
});
