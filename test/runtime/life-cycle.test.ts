import { ActorSystem } from '../../src/runtime/actor-system.js';
import type { Behaviour, PortFactory, RuntimeEffect } from '../../src/runtime/behaviour.js';
import { onOneThread, systemOnHost, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import { note, perform, type Step, scriptedSystem, send } from '../support/scripted-system.js';
import { VirtualTime } from '../support/virtual-time.js';

type Tick = { readonly type: 'tick' };
type TwoRoles = { readonly first: Tick; readonly second: Tick };
type Quiet = Behaviour<Tick, RuntimeEffect<TwoRoles, Tick>>;

const quiet = () => ({ behaviour: { receive: () => [] } as Quiet, mailbox: mailboxOf<Tick>(4) });

function twoRoles(): ActorSystem<TwoRoles> {
  const onFailure = () => undefined;
  return new ActorSystem<TwoRoles>({ ...new VirtualTime().host, roles: ['first', 'second'], onFailure });
}

onOneThread('a role that was not added is a configuration error at start that names it', (t) => {
  const system = twoRoles().add('first', quiet());
  t.throws(() => system.start(), { name: 'ConfigurationError', code: 'ACTOR_ROLE', message: /second .*not added/ });
  system.add('second', quiet());
  t.notThrows(() => system.start());
});

onOneThread('a role added twice, outside the list, or after start is a configuration error', (t) => {
  const system = twoRoles().add('first', quiet()).add('second', quiet());
  t.throws(() => system.add('first', quiet()), { code: 'ACTOR_ROLE', message: /twice/ });
  t.throws(() => system.add('third' as 'first', quiet()), { code: 'ACTOR_ROLE', message: /third/ });
  system.start();
  t.throws(() => system.add('first', quiet()), { code: 'ACTOR_ROLE', message: /after start/ });
  t.throws(() => system.start(), { code: 'ACTOR_SYSTEM_STARTED' });
});

onOneThread('an actor without a behaviour is a configuration error that names its role', (t) => {
  const message = /^role first is added without a behaviour, an object with a function receive$/;
  for (const definition of [{}, { behaviour: {} }, { behaviour: { receive: 5 } }, { behaviour: null }, null]) {
    const given = definition === null ? null : { ...quiet(), behaviour: undefined, ...definition };
    t.throws(() => twoRoles().add('first', given as never), { code: 'ACTOR_ROLE', message });
  }
});

onOneThread('posting to a role that was not added is a configuration error', (t) => {
  t.throws(() => twoRoles().post('first', { type: 'tick' }), { code: 'ACTOR_ROLE' });
});

test('what a port delivers before start waits for it', (t) => {
  const time = new VirtualTime();
  const seen: string[] = [];
  type PortEffect = { readonly type: 'open' };
  const behaviour: Behaviour<Tick, RuntimeEffect<{ first: Tick }, Tick> | PortEffect> = {
    receive: ({ type }) => {
      seen.push(type);
      return [];
    },
  };
  const port: PortFactory<PortEffect, Tick> = (deliver) => {
    t.true(deliver({ type: 'tick' }));
    return { perform: () => undefined, close: async () => undefined };
  };
  const system = systemOnHost<{ first: Tick }>({ ...time.host, roles: ['first'], onFailure: () => undefined });
  system.add('first', { behaviour, mailbox: mailboxOf(4), port });
  time.runUntilIdle();
  t.deepEqual(seen, []);
  system.start();
  time.runUntilIdle();
  t.deepEqual(seen, ['tick']);
});

test('a port learns when what it delivered has left the mailbox, before it is handled', (t) => {
  const time = new VirtualTime();
  const seen: string[] = [];
  const behaviour: Behaviour<Tick, RuntimeEffect<{ first: Tick }, Tick> | { readonly type: 'open' }> = {
    receive: ({ type }) => {
      seen.push(type);
      return [];
    },
  };
  const port: PortFactory<{ readonly type: 'open' }, Tick> = (deliver) => {
    for (const index of [1, 2, 3])
      t.is(
        deliver({ type: 'tick' }, () => seen.push(`taken ${index}`)),
        index < 3,
      );
    return { perform: () => undefined, close: async () => undefined };
  };
  const system = systemOnHost<{ first: Tick }>({ ...time.host, roles: ['first'], onFailure: () => undefined });
  system.add('first', { behaviour, mailbox: mailboxOf(2), port });
  t.deepEqual(seen, []);
  system.start();
  time.runUntilIdle();
  t.deepEqual(seen, ['taken 1', 'tick', 'taken 2', 'tick'], 'one that was refused was never there');
});

test('stop closes the ports one after another in the order of the roles', async (t) => {
  const { system, log } = scriptedSystem({
    onClose: async (role) => {
      log.push(`${role} closing`);
      await Promise.resolve();
    },
  });
  system.start();
  await system.stop();
  t.deepEqual(log, ['c closing', 'c closed', 'a closing', 'a closed', 'b closing', 'b closed']);
});

onOneThread('after stop nothing is delivered, handled or fired, though it waited in mailboxes', async (t) => {
  const { system, time, log } = scriptedSystem();
  system.post('a', perform({ type: 'startTimer', timer: 'view', delayMs: 10, message: note(1) }));
  system.start();
  time.runUntilIdle();
  t.true(system.post('a', note(2)));
  const stopped = system.stop();
  t.false(system.post('a', note(3)));
  t.is(time.timersRunning, 0);
  time.advance(100);
  system.runUntilIdle();
  await stopped;
  t.deepEqual(log, ['a:do', 'c closed', 'a closed', 'b closed']);
});

test('stop may be called twice, and before start', async (t) => {
  const { system, log } = scriptedSystem();
  const first = system.stop();
  t.is(system.stop(), first);
  await first;
  await system.stop();
  t.deepEqual(log, ['c closed', 'a closed', 'b closed']);
  t.throws(() => system.start(), { code: 'ACTOR_SYSTEM_STOPPED' });
});

onOneThread('stop called by a port ends the turn at once, and closes ports after it', async (t) => {
  let stopped: Promise<void> | undefined;
  const { system, log, failures } = scriptedSystem({
    onPerform: () => {
      stopped = system.stop();
      log.push('still performing');
    },
    onClose: (role) => {
      log.push(`${role} closing`);
    },
  });
  system.post('a', perform({ type: 'perform', id: 1 }, send('b', note(2)), { type: 'perform', id: 3 }));
  system.post('a', note(4));
  system.start();
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'a!1', 'still performing']);
  await stopped;
  t.deepEqual(log.slice(3), ['c closing', 'c closed', 'a closing', 'a closed', 'b closing', 'b closed']);
  t.deepEqual(failures, []);
});

test('a port that fails to close does not keep the others open, and stop says so', async (t) => {
  const { system, log } = scriptedSystem({
    onClose: (role) => {
      if (role === 'a') throw new Error('a will not close');
    },
  });
  system.start();
  const error = await t.throwsAsync(system.stop(), { name: 'AggregateError' });
  t.deepEqual(
    (error as AggregateError).errors.map(({ message }: Error) => message),
    ['a will not close'],
  );
  t.deepEqual(log, ['c closed', 'b closed']);
});

test('stop works after a failure, and closes the ports', async (t) => {
  const { system, log } = scriptedSystem();
  system.post('a', { type: 'throw' } as Step);
  system.start();
  system.runUntilIdle();
  await system.stop();
  t.deepEqual(log, ['a:throw', 'c closed', 'a closed', 'b closed']);
});
