import { join } from 'node:path';
import test from 'ava';
import { type Client, createClient } from '../../actors/create-client.js';
import { parseLine, renderReply } from '../../examples/key-value/index.js';
import { loadCluster } from '../../src/adapters/cluster-files.js';
import { NUMBER_MAX } from '../../src/protocol/numbers.js';
import { runHere, scratch, start } from '../support/command-line.js';

function command(line: string): Uint8Array {
  const parsed = parseLine(line);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.command;
}

const say = async (client: Client, line: string) => renderReply((await client.submit(command(line))).result);

test.serial('a client has 4000 commands in flight, each committed once, and learns how they went', async (t) => {
  const dir = join(await scratch(t), 'c');
  await start(t, ['cluster', '--dir', dir]).said('running');
  const cluster = await loadCluster(dir);
  await using client = createClient({ cluster, outstandingMax: 4000 });
  const answers = await Promise.all(Array.from({ length: 12_000 }, () => client.submit(command('INCR a'))));
  const counts = answers.map(({ result }) => Number(renderReply(result))).sort((a, b) => a - b);
  t.deepEqual(
    counts,
    Array.from({ length: 12_000 }, (_, index) => index + 1),
  );
  t.true(answers.every(({ height }) => height > 0));

  const status = await client.status();
  t.true(status.every(({ reachable }) => reachable));
  const { blocks, committedHeight } = await client.log({ replica: 2, fromHeight: 1, maxBlocks: 1000 });
  t.is(blocks[0]?.height, 1 as never);
  t.true(committedHeight >= (blocks.at(-1)?.height ?? 0));

  await t.throwsAsync(client.submit(new Uint8Array(1_048_577)), { code: 'COMMAND_TOO_LARGE' });
  await t.throwsAsync(client.submit('GET a' as never), { code: 'COMMAND_NOT_BYTES' });
  await t.throwsAsync(client.log({ replica: 4, fromHeight: 1, maxBlocks: 1 }), { code: 'OPTION_OUT_OF_RANGE' });
  await t.throwsAsync(client.log({ replica: 0, fromHeight: 1, maxBlocks: 1001 }), { code: 'OPTION_OUT_OF_RANGE' });
  t.is(await say(client, 'GET a'), '12000');
});

test.serial('a client gives up a command at its signal, and everything when it is closed', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', '9400']);
  const cluster = await loadCluster(dir);
  const client = createClient({ cluster });
  const controller = new AbortController();
  const given = client.submit(command('GET a'), { signal: controller.signal });
  const kept = client.submit(command('GET b'));
  const asked = client.status({ withinMs: 50_000 });
  controller.abort(new Error('enough'));
  await t.throwsAsync(given, { message: 'enough' });
  await t.throwsAsync(client.submit(command('GET a'), { signal: AbortSignal.abort(new Error('before')) }), {
    message: 'before',
  });
  t.true((await asked).every(({ reachable }) => !reachable));
  await t.throwsAsync(client.log({ replica: 0, fromHeight: 1, maxBlocks: 1 }), { code: 'REPLICA_UNREACHABLE' });
  const late = client.status();
  await Promise.all([client.close(), client.close(), t.throwsAsync(kept, { code: 'CLIENT_CLOSED' })]);
  await t.throwsAsync(late, { code: 'CLIENT_CLOSED' });
  await t.throwsAsync(client.submit(command('GET a')), { code: 'CLIENT_CLOSED' });
});

test('a wrong question is refused alone: the client and the commands in flight go on', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--replicas', '1', '--base-port', '9410']);
  const client = createClient({ cluster: await loadCluster(dir) });
  const inFlight = [1, 2, 3].map((number) => client.submit(command(`GET ${number}`), { signal: null }));
  const right = { replica: 0, fromHeight: 1, maxBlocks: 1 };
  const heights = `it must be a whole number from 0 to ${NUMBER_MAX}`;
  const delay = 'it must be a number of milliseconds from 0';
  const blocks = 'maxBlocks is undefined; it must be a whole number from 1 to 1000';
  const log = (changes: object) => client.log({ ...right, ...changes });
  const status = (withinMs: unknown) => client.status({ withinMs: withinMs as number });
  const evidence = (changes: object) => client.evidence({ replica: 0, accused: 0, ...changes });
  for (const [ask, message] of [
    [() => log({ fromHeight: -1 }), `fromHeight is -1; ${heights}`],
    [() => log({ fromHeight: 1.5 }), `fromHeight is 1.5; ${heights}`],
    [() => log({ fromHeight: 'x' }), `fromHeight is "x"; ${heights}`],
    [() => log({ fromHeight: 2 ** 53 }), `fromHeight is ${2 ** 53}; ${heights}`],
    [() => log({ fromHeight: undefined }), `fromHeight is undefined; ${heights}`],
    [() => log({ maxBlocks: undefined }), blocks],
    [() => log({ withinMs: -1 }), `withinMs is -1; ${delay}`],
    [() => log({ replica: 9 }), 'replica is 9; it must be a whole number from 0 to 0'],
    [() => status(-1), `withinMs is -1; ${delay}`],
    [() => status(Number.NaN), `withinMs is NaN; ${delay}`],
    [() => status('x'), `withinMs is "x"; ${delay}`],
    [() => evidence({ accused: 9 }), 'accused is 9; it must be a whole number from 0 to 0'],
    [() => evidence({ withinMs: -1 }), `withinMs is -1; ${delay}`],
    [() => client.submit(command('GET a'), { signal: 'x' as never }), 'signal is "x"; it must be an AbortSignal'],
  ] as const) {
    await t.throwsAsync<Error>(ask, { name: 'ConfigurationError', code: 'OPTION_OUT_OF_RANGE', message });
  }
  await t.throwsAsync(log({ fromheight: 1 }), { code: 'OPTION_UNKNOWN', message: /Did you mean fromHeight\?$/ });
  t.true(
    (await client.status({ withinMs: 1 })).every(({ reachable }) => !reachable),
    'the client still asks',
  );
  await client.close();
  for (const each of await Promise.allSettled(inFlight)) t.like(each, { reason: { code: 'CLIENT_CLOSED' } });
});

test('options of a client outside their range are refused by name', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir]);
  const cluster = await loadCluster(dir);
  for (const outstandingMax of [0, -1, 1.5, Number.NaN, 32_769]) {
    t.throws(() => createClient({ cluster, outstandingMax }), {
      message: `outstandingMax is ${outstandingMax}; it must be a whole number from 1 to 32768`,
    });
  }
  t.throws(() => createClient({} as never), {
    message: 'cluster is undefined; it must be what loadCluster resolves with',
  });
  t.throws(() => createClient({ cluster, retryMS: 1 } as never), {
    message: /no option retryMS. Did you mean retryMs\?/,
  });
});
