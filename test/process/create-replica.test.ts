import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import {
  type ActorFactory,
  type CreateActor,
  customActor,
  defaultActors,
  type LevelStore,
  levelStore,
  type ReplicaRole,
} from '../../actors/behaviours.js';
import { commands, type Replica, speculative } from '../../actors/index.js';
import { LedgerMachine } from '../../actors/simulation/ledger-machine.js';
import { limits } from '../../src/config/limits.js';
import { ListMachine } from '../support/list-machine.js';
import { eventually, SocketCluster } from '../support/socket-cluster.js';

const HOST = '127.0.0.1';
const text = (command: string): Uint8Array => new TextEncoder().encode(command);

/** One replica that has committed `blocks` blocks of one command each, and is down again. */
async function stopped(t: ExecutionContext, blocks: number): Promise<SocketCluster> {
  const alone = await SocketCluster.start(t, { replicas: 1 });
  const client = alone.client();
  for (let index = 0; index < blocks; index += 1) await client.submit(text(`${index}`));
  await client.close();
  await alone.stopReplica(0);
  return alone;
}

/** A machine that aborts a start at its `last` command. */
class AbortingMachine extends ListMachine {
  readonly controller = new AbortController();
  readonly #last: number;

  constructor(last: number) {
    super();
    this.#last = last;
  }

  override apply(command: Uint8Array): Uint8Array {
    const reply = super.apply(command);
    if (this.applied.length === this.#last) this.controller.abort(new Error('enough'));
    return reply;
  }
}

test('a start that is aborted while the log is replayed ends between two blocks, with all closed', async (t) => {
  const alone = await stopped(t, 20);
  const machine = new AbortingMachine(3);
  const { signal } = machine.controller;
  await t.throwsAsync(alone.startReplica(0, { machine: commands(machine), signal }), { message: 'enough' });
  t.true(machine.applied.length <= 4, `${machine.applied.length} commands were replayed`);
  const replica = await alone.startReplica(0);
  t.true(replica.committedHeight >= 20);
});

class NamedMachine extends ListMachine {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

test('a replica that ran with one machine is not started with another, nor with a name that is none', async (t) => {
  const alone = await stopped(t, 1);
  const startAs = (name: string) => alone.startReplica(0, { machine: commands(new NamedMachine(name)) });
  for (const name of ['', 'x'.repeat(101)]) {
    await t.throwsAsync(startAs(name), { name: 'ConfigurationError', code: 'MACHINE_NAME', message: /1 to 100 char/ });
  }
  await startAs('lists');
  await alone.stopReplica(0);
  await t.throwsAsync(startAs('sums'), { code: 'STORE_OF_ANOTHER_MACHINE', message: /"lists", and this is "sums"/ });
  await t.throwsAsync(alone.startReplica(0), { code: 'STORE_OF_ANOTHER_MACHINE', message: /one without a name/ });
  await startAs('lists');
});

test('a start whose signal is aborted already opens nothing', async (t) => {
  const alone = await stopped(t, 1);
  const machine = new ListMachine();
  const signal = AbortSignal.abort(new Error('never'));
  await t.throwsAsync(alone.startReplica(0, { machine: commands(machine), signal }), { message: 'never' });
  t.deepEqual(machine.applied, []);
  await alone.startReplica(0);
});

test('a start that is aborted while its actors are made replays nothing', async (t) => {
  const alone = await stopped(t, 20);
  const machine = new ListMachine();
  const controller = new AbortController();
  const gateway: ActorFactory<'gateway'> = ({ options }) => {
    controller.abort(new Error('enough'));
    return defaultActors.gateway(options);
  };
  const actors = { gateway };
  const { signal } = controller;
  await t.throwsAsync(alone.startReplica(0, { machine: commands(machine), signal, actors }), { message: 'enough' });
  t.true(machine.applied.length <= 1, `${machine.applied.length} commands were replayed`);
  await alone.startReplica(0);
});

test('a start is aborted although the machine never comes back from initialize', async (t) => {
  const alone = await SocketCluster.start(t, { replicas: 1 });
  await alone.stopReplica(0);
  const controller = new AbortController();
  const initialize = () => {
    setImmediate(() => controller.abort(new Error('enough')));
    return new Promise<never>(() => {});
  };
  const ledger = () => new LedgerMachine('a', (problem) => t.fail(problem));
  const machine = speculative(Object.assign(ledger(), { initialize }));
  await t.throwsAsync(alone.startReplica(0, { machine, signal: controller.signal }), { message: 'enough' });
  await alone.startReplica(0, { machine: speculative(ledger()) });
});

test('a signal that is aborted after the start stops nothing', async (t) => {
  const alone = await stopped(t, 0);
  const controller = new AbortController();
  const replica = await alone.startReplica(0, { signal: controller.signal });
  controller.abort();
  await alone.client().submit(text('still here'));
  t.is(replica.phase, 'active');
});

test('a failed start has closed its store and ports when it rejects, so that it can be tried again at once', async (t) => {
  const alone = await stopped(t, 1);
  const [{ clientPort } = { clientPort: 0 }] = alone.config.replicas;
  const squatter = createServer().listen(clientPort, HOST);
  await once(squatter, 'listening');
  await t.throwsAsync(alone.startReplica(0), { code: 'PORT_IN_USE' });
  await t.throwsAsync(alone.startReplica(0), { code: 'PORT_IN_USE' }, 'and not that the store is in use');
  squatter.close();
  await once(squatter, 'close');
  const replica = await alone.startReplica(0);
  t.is(replica.phase, 'active');
});

const THROWING = () => {
  throw new Error('a bug of the application');
};

/** Of the events that a replica told, in order. */
function eventsOf(replica: Replica): string[] {
  const events: string[] = [];
  replica.on('phase', (phase) => events.push(`phase ${phase}`));
  replica.on('failed', (error) => events.push(`failed: ${error.message}`));
  replica.on('stopped', () => events.push('stopped'));
  return events;
}

test('a committed listener that throws is logged, does not rob the others, and stops the replica by name', async (t) => {
  const alone = await stopped(t, 0);
  const replica = await alone.startReplica(0);
  const heights: number[] = [];
  replica.on('committed', THROWING);
  replica.on('committed', ({ height }) => heights.push(height));
  const events = eventsOf(replica);
  const client = alone.client();
  void client.submit(text('last words')).catch(() => undefined);
  await eventually('the replica has failed', () => events.length === 2);
  const detail = "a listener of 'committed' threw: a bug of the application";
  t.deepEqual(events, ['phase failed', `failed: ${detail}`]);
  t.deepEqual(heights, heights.slice(0, 1), 'nothing is told after the failure');
  await t.throwsAsync(replica.stop(), { code: 'APPLICATION_THREW', message: detail });
  const logged = alone.member(0).warnings.filter(({ event }) => event === 'listenerThrew');
  t.like(logged, [{ facts: { listenedTo: 'committed' } }]);
  await alone.startReplica(0);
});

for (const event of ['failed', 'stopped'] as const) {
  test(`a ${event} listener that throws is logged once, and the replica ends as it would`, async (t) => {
    const alone = await stopped(t, 0);
    const replica = await alone.startReplica(0);
    replica.on(event, THROWING);
    const events = eventsOf(replica);
    if (event === 'failed') {
      replica.on('view', THROWING);
      replica.on('committed', THROWING);
      void alone
        .client()
        .submit(text('last words'))
        .catch(() => undefined);
      await eventually('the replica has failed', () => events.length === 2);
      await t.throwsAsync(replica.stop(), { code: 'APPLICATION_THREW' });
    } else {
      await replica.stop();
      t.deepEqual(events, ['phase draining', 'phase stopped', 'stopped']);
    }
    const logged = alone.member(0).warnings.filter(({ facts }) => facts.listenedTo === event);
    t.is(logged.length, 1);
    t.regex(`${logged[0]?.facts.error}`, /a bug of the application\n +at /, 'with the place where it was thrown');
    t.is(replica.phase, event);
  });
}

test('every actor can be replaced by one that passes all on to ours', async (t) => {
  const alone = await stopped(t, 3);
  const told = new Set<string>();
  const passOn =
    <Role extends ReplicaRole>(create: CreateActor<Role>): ActorFactory<Role> =>
    ({ role, options }) => {
      const ours = create(options);
      return {
        receive(message, turn) {
          told.add(role);
          return ours.receive(message, turn);
        },
      };
    };
  const replica = await alone.startReplica(0, {
    actors: {
      replica: passOn(defaultActors.replica),
      consensus: passOn(defaultActors.consensus),
      pacemaker: passOn(defaultActors.pacemaker),
      proposalGenerator: passOn(defaultActors.proposalGenerator),
      network: passOn(defaultActors.network),
      storage: passOn(defaultActors.storage),
      sync: passOn(defaultActors.sync),
      gateway: passOn(defaultActors.gateway),
    },
  });
  const { result } = await alone.client().submit(text('through all of them'));
  t.is(new TextDecoder().decode(result), '4');
  await replica.stop();
  t.deepEqual([...told].sort(), Object.keys(defaultActors).sort());
});

test('a storage that keeps blocks elsewhere comes with the log from which the machine is rebuilt', async (t) => {
  const alone = await stopped(t, 3);
  const { dataDir } = alone.member(0);
  const { clusterId } = alone.config;
  const storeOf = () => levelStore({ directory: dataDir, clusterId, uncommittedMax: limits.treeTips });
  const storageOn = (store: LevelStore): ActorFactory<'storage'> => {
    return ({ options }) => customActor('storage', { behaviour: defaultActors.storage(options), port: store.port });
  };
  await t.throwsAsync(alone.startReplica(0, { actors: { storage: storageOn(storeOf()) } }), { code: 'STORE_CLOSED' });
  const store = storeOf();
  await alone.startReplica(0, {
    actors: { storage: storageOn(store) },
    committedLog: () => store.committedLog(),
  });
  t.deepEqual(alone.member(0).machine.applied, ['0', '1', '2']);
});

test('a replaced actor that throws stops the replica and is named', async (t) => {
  const alone = await stopped(t, 1);
  const broken = { receive: THROWING };
  const error = await t.throwsAsync(alone.startReplica(0, { actors: { pacemaker: broken } }), {
    name: 'OperationalError',
    code: 'APPLICATION_THREW',
  });
  t.regex(`${error?.message}`, /^actors\.pacemaker threw on viewEntered: a bug of the application; last messages: /);
  await alone.startReplica(0);
});
