/** What `createReplica` refuses before it opens, loads or starts anything. */
import test from 'ava';
import { commands, createReplica, type ReplicaOptions, speculative } from '../../actors/index.js';
import { LedgerMachine } from '../../actors/simulation/ledger-machine.js';
import { testCluster } from '../support/clusters.js';
import { ListMachine } from '../support/list-machine.js';

const { cluster } = testCluster();
/** All that must be given; nothing is in the directory, so that a replica whose options pass says so. */
const RIGHT = { cluster, id: 0, dataDir: '/dev/null/no-such-directory', machine: commands(new ListMachine()) };

function start(changes: object, without?: keyof typeof RIGHT) {
  const options: Record<string, unknown> = { ...RIGHT, ...changes };
  if (without !== undefined) delete options[without];
  return createReplica(options as unknown as ReplicaOptions);
}

test('options that are right are passed, and the first of the files is missed', async (t) => {
  const log = { info: () => undefined, warn: () => undefined };
  const error = await t.throwsAsync(
    start({ durability: 'volatile', pacemaker: 'manual', batch: { ms: 1 }, poolSize: 0, log, signal: null }),
  );
  t.regex(`${error?.message}`, /signing\.key/);
});

test('a configuration of which a field was changed is refused', async (t) => {
  const changed = { ...cluster, tenure: 7 };
  await t.throwsAsync(start({ cluster: changed }), { code: 'CLUSTER_ID_MISMATCH', message: /^cluster: clusterId is / });
  const impossible = { ...cluster, tenure: 0 };
  const message = 'cluster: tenure is 0; it must be a whole number from 1 to 1000000. Correct the value.';
  await t.throwsAsync(start({ cluster: impossible }), { code: 'CLUSTER_OUT_OF_RANGE', message });
});

const wrong = (message: string, changes: object, code = 'OPTION_OUT_OF_RANGE') => ({ message, changes, code });

for (const { message, changes, code } of [
  wrong("durability is \"x\"; it must be 'durable' or 'volatile'", { durability: 'x' }),
  wrong('log is an object; it must be an object with the methods info and warn', { log: {} }),
  wrong('cloneMessages is "x"; it must be true or false', { cloneMessages: 'x' }),
  wrong('committedLog is 5; it must be a function', { committedLog: 5 }),
  wrong('inspect is true; it must be a function', { inspect: true }),
  wrong('signal is "x"; it must be an AbortSignal', { signal: 'x' }),
  wrong('createReplica has no option pacmaker. Did you mean pacemaker?', { pacmaker: 'manual' }, 'OPTION_UNKNOWN'),
  wrong(
    'createReplica has no option batch.comands. Did you mean batch.commands?',
    { batch: { comands: 1 } },
    'OPTION_UNKNOWN',
  ),
  wrong('batch is 400; it must be an object of options', { batch: 400 }),
  wrong('batch.commands is 0; it must be a whole number from 1 to 131072', { batch: { commands: 0 } }),
  wrong('actors is null; it must be an object with named fields', { actors: null }),
  wrong('cluster is undefined; it must be what loadCluster resolves with', { cluster: undefined }),
  wrong('cluster is a promise: await it; it must be what loadCluster resolves with', {
    cluster: Promise.resolve(cluster),
  }),
  wrong('dataDir is undefined; it must be the path of a directory, as a text', { dataDir: undefined }),
  wrong('id is 4; this cluster has replicas 0 to 3', { id: 4 }, 'REPLICA_ID'),
  wrong('id is undefined; this cluster has replicas 0 to 3', { id: undefined }, 'REPLICA_ID'),
  wrong('poolSize is 1025; it must be a whole number from 0 to 1024, 0 for no pool', { poolSize: 1025 }, 'POOL_SIZE'),
  wrong("pacemaker is \"auto\"; it must be 'automatic' or 'manual'", { pacemaker: 'auto' }, 'PACEMAKER_MODE'),
  wrong('machine is undefined; it must be commands(machine) or speculative(machine)', { machine: undefined }),
  wrong('machine is an object; it must be commands(machine) or speculative(machine)', { machine: new ListMachine() }),
  wrong('the machine given to commands() is null; it must be a machine, or { module, options }', {
    machine: commands(null as never),
  }),
  wrong(
    'the machine given to commands() has no method apply, stateHash, snapshot, restore',
    { machine: commands({} as never) },
    'MACHINE_METHODS',
  ),
  wrong(
    'the machine given to commands() has no method apply, snapshot, restore, and has propose: give it to speculative()',
    { machine: commands(new LedgerMachine('a', () => undefined) as never) },
    'MACHINE_METHODS',
  ),
  wrong(
    'the machine given to speculative() has no method initialize, propose, parse, serialize, idOf, execute, commit, rewind, and has apply: give it to commands()',
    { machine: speculative(new ListMachine() as never) },
    'MACHINE_METHODS',
  ),
  wrong(
    'the machine given to commands() has a validate that is no function: leave it out, or make it one',
    { machine: commands(Object.assign(new ListMachine(), { validate: true as never })) },
    'MACHINE_METHODS',
  ),
]) {
  test(`a replica is not started: ${message}`, async (t) => {
    await t.throwsAsync(start(changes), { name: 'ConfigurationError', code, message });
  });
}

test('what is no object of options is refused', async (t) => {
  const message = 'what createReplica is given is undefined; it must be an object of options';
  await t.throwsAsync(createReplica(undefined as never), { name: 'ConfigurationError', message });
  await t.throwsAsync(start({}, 'machine'), { message: /^machine is undefined/ });
});
