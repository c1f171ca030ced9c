import test from 'ava';
import { type ActorParts, createStorage, customActor, type StorageActorEffect } from '../../actors/behaviours.js';
import { makeReplacement } from '../../actors/make-replacement.js';
import type { ActorFactory, ActorReplacements } from '../../actors/replacement.js';
import { checkActors, resolveActors } from '../../actors/resolve-actors.js';
import { limits } from '../../src/config/limits.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { PortFactory } from '../../src/runtime/behaviour.js';
import { testCluster } from '../support/clusters.js';

const { cluster } = testCluster({ replicas: 1 });
const id = asReplicaId(0);
const noPort: PortFactory<unknown, never> = () => ({ perform: () => undefined, close: async () => undefined });
const parts: ActorParts<'storage'> = {
  role: 'storage',
  id,
  cluster,
  log: silentLogger,
  options: { clusterId: cluster.clusterId, id, machine: null, limits, log: silentLogger },
  port: noPort,
};
const nothing = { receive: (): readonly StorageActorEffect[] => [] };
const moduleOf = (source: string): URL => new URL(`data:text/javascript,${encodeURIComponent(source)}`);

/** What `createReplica` would make of one replacement, typed as plain JavaScript gives it. */
async function made(storage: unknown) {
  checkActors({ storage } as ActorReplacements);
  const { storage: factory } = await resolveActors({ storage } as ActorReplacements);
  return makeReplacement(factory as ActorFactory<'storage'>, parts);
}

test('a behaviour goes with our port, as it is or made by a function', async (t) => {
  t.deepEqual(await made(nothing), { behaviour: nothing, port: noPort });
  t.deepEqual(await made(() => nothing), { behaviour: nothing, port: noPort });
});

test('a function is given what our own actor is made of', async (t) => {
  const seen: unknown[] = [];
  await made((given: ActorParts<'storage'>) => {
    seen.push(given);
    return createStorage(given.options);
  });
  t.deepEqual(seen, [parts]);
});

test('a custom actor goes with its own port, and one without effects with none', async (t) => {
  const behaviour = { receive: () => [{ type: 'burn' } as const] };
  const port: PortFactory<{ readonly type: 'burn' }, never> = noPort;
  t.deepEqual(await made(customActor('storage', { behaviour, port })), { behaviour, port } as never);
  t.is((await made(() => customActor('storage', { behaviour: { receive: () => [] } }))).port, undefined);
});

test('a module makes its actor from the parts and a copy of the options', async (t) => {
  const module = moduleOf('export const createActor = (parts, options) => ({ receive: () => [parts, options] });');
  const options = { path: 'here' };
  const { behaviour } = await made({ module, options });
  const [given, copy] = behaviour.receive({ type: 'openStore' }, { now: 0 }) as readonly unknown[];
  t.is(given, parts);
  t.deepEqual(copy, options);
  t.not(copy, options, 'as a thread would get it');
});

test('what does not fit its role does not compile', (t) => {
  const deaf = { receive: (message: { readonly type: 'openStore' }) => (message.type === 'openStore' ? [] : []) };
  const lost = { receive: () => [{ type: 'send', to: 'storage', message: { type: 'noSuchMessage' } } as const] };
  const burning = { receive: () => [{ type: 'burn' } as const] };
  const freezing: PortFactory<{ readonly type: 'freeze' }, never> = noPort;
  const misfits: ActorReplacements[] = [
    // @ts-expect-error it takes only some of the messages
    { storage: deaf },
    // @ts-expect-error our port does not perform its effect
    { storage: burning },
    // @ts-expect-error there is no such role
    { stroage: nothing },
    // @ts-expect-error it was made for another role
    { storage: customActor('sync', { behaviour: { receive: () => [] } }) },
  ];
  // @ts-expect-error it sends what storage does not take
  customActor('storage', { behaviour: lost });
  // @ts-expect-error an effect of its own needs a port of its own
  customActor('storage', { behaviour: burning });
  // @ts-expect-error that port performs something else
  customActor('storage', { behaviour: burning, port: freezing });
  t.is(misfits.length, 4);
});

const RIGHT = 'a behaviour (an object with a function receive) or a customActor';
const ANY_FORM = `it must be ${RIGHT}, a function that makes one, or { module: URL }`;
const URL_FORM = "it must be a URL, as in new URL('./my-actor.js', import.meta.url)";
const impossible: readonly (readonly [what: string, replacement: unknown, message: RegExp | string])[] = [
  ['a string', 'level', `is 'level'; ${ANY_FORM}`],
  ['nothing', undefined, `is undefined; ${ANY_FORM}`],
  ['null', null, `is null; ${ANY_FORM}`],
  ['an object without receive', { recieve: () => [] }, `is another object; ${ANY_FORM}`],
  ['an object whose receive is no function', { receive: [] }, `is another object; ${ANY_FORM}`],
  [
    'a custom actor of another role',
    customActor('sync', { behaviour: { receive: () => [] } }),
    /for sync; make it with/,
  ],
  ['a function that makes none', () => 7, `makes 7; it must make, at once, ${RIGHT}`],
  ['a function that makes one later', async () => nothing, `makes a promise; it must make, at once, ${RIGHT}`],
  ['a module by its path', { module: './storage.js' }, `has the module './storage.js'; ${URL_FORM}`],
  [
    'a module that is not there',
    { module: new URL('./no.js', import.meta.url) },
    /cannot be loaded: Cannot find module/,
  ],
  ['a module that throws', { module: moduleOf('throw new Error("broken")') }, /cannot be loaded: broken$/],
  ['a module without createActor', { module: moduleOf('export {}') }, /it must export a function createActor$/],
  [
    'options that cannot be cloned',
    { module: moduleOf('export const createActor = () => 1'), options: { call: () => 1 } },
    /has options that are not safe to clone to another thread: /,
  ],
];

for (const [what, replacement, message] of impossible) {
  test(`${what} in place of an actor is refused by name`, async (t) => {
    const error = await t.throwsAsync(made(replacement), { name: 'ConfigurationError', code: 'ACTOR_REPLACEMENT' });
    t.true(error?.message.startsWith('actors.storage '));
    if (typeof message === 'string') t.is(error?.message, `actors.storage ${message}`);
    else t.regex(`${error?.message}`, message);
  });
}

test('an unknown role is refused with the names of all', (t) => {
  t.throws(() => checkActors({ disk: nothing } as ActorReplacements), {
    code: 'ACTOR_REPLACEMENT',
    message:
      'actors.disk is not the name of an actor; the actors of a replica are ' +
      'gateway, pacemaker, proposalGenerator, sync, consensus, storage, network, replica',
  });
});

test('a function that throws is named, with its error as the cause', async (t) => {
  const cause = new Error('no space');
  const throwing = () => {
    throw cause;
  };
  const error = await t.throwsAsync(made(throwing), { name: 'OperationalError', code: 'APPLICATION_THREW' });
  t.is(error?.message, 'actors.storage threw when it was made: no space');
  t.is(error?.cause, cause);
});
