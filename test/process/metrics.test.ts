/** Metrics and health of replicas that run. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { serveMetrics } from '../../actors/index.js';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { run, runHere, scratch, start } from '../support/command-line.js';
import { eventually, SocketCluster } from '../support/socket-cluster.js';

const HOST = '127.0.0.1';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function ask(port: number, path: string): Promise<Answer> {
  const answer = await fetch(`http://${HOST}:${port}${path}`, { signal: AbortSignal.timeout(10_000) });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

const statusOf = async (port: number, path: string): Promise<[number, string]> => {
  const { status, body } = await ask(port, path);
  return [status, body];
};

/** `# TYPE name type` of each family. */
const typesOf = (body: string): string[] => [...body.matchAll(/^# TYPE (\w+ \w+)$/gm)].map(([, found]) => `${found}`);

/** The value of one series, its labels as they stand in the text. */
function figure(body: string, series: string): number {
  const line = body.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}

function documented(): string[] {
  const table = readFileSync('docs/metrics.md', 'utf8');
  return [...table.matchAll(/^\| `([a-z_]+)` \| (counter|gauge) \|/gm)].map(([, name, type]) => `${name} ${type}`);
}

async function serve(t: ExecutionContext) {
  const http = await serveMetrics({ port: 0 });
  t.teardown(() => http.close());
  return http;
}

test('a running replica gives exactly the metrics of docs/metrics.md, and they follow what it does', async (t) => {
  const cluster = await SocketCluster.start(t);
  const { replica } = cluster.member(0);
  if (replica === null) return t.fail();
  const http = await serve(t);
  http.show(replica);
  const client = cluster.client();
  for (const command of ['a', 'b', 'c']) await client.submit(text(command));
  await cluster.agreed(client);
  const { status, type, body } = await ask(http.port, '/metrics');
  t.deepEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8']);
  t.deepEqual(typesOf(body), documented());
  t.is(figure(body, 'hotstuff_commands_executed_total'), 3);
  t.true(figure(body, 'hotstuff_blocks_committed_total{body="filled"}') >= 1);
  t.true(figure(body, 'hotstuff_views_entered_total{by="qc"}') >= 3);
  t.is(figure(body, 'hotstuff_views_entered_total{by="start"}'), 1);
  t.is(figure(body, 'hotstuff_phase{phase="active"}'), 1);
  t.is(figure(body, 'hotstuff_replica_info{replica="0"}'), 1);
  t.is(figure(body, 'hotstuff_peer_connected{peer="3"}'), 1);
  t.true(figure(body, 'hotstuff_peer_received_messages_total{peer="3",class="votes"}') >= 1);
  t.true(figure(body, 'hotstuff_mailbox_handled_total{actor="consensus",lane="protocol"}') >= 1);
  t.true(figure(body, 'hotstuff_thread_active_seconds_total{thread="main"}') > 0);
  t.true(figure(body, 'process_resident_memory_bytes') > 1e6);
  t.true(Math.abs(figure(body, 'process_start_time_seconds') - Date.now() / 1e3) < 3600);
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of samples) t.regex(line, /^[a-z_]+(\{(\w+="[\w.-]+",?)+\})? [\d.e+-]+$/);
});

test('before its replica is there a process is alive and not ready; a stopped one is alive, a failed one is not', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 1 });
  const http = await serve(t);
  t.deepEqual(await statusOf(http.port, '/healthz'), [200, 'starting\n']);
  t.deepEqual(await statusOf(http.port, '/readyz'), [503, 'starting: the replica is not there yet\n']);
  const { replica } = cluster.member(0);
  if (replica === null) return t.fail();
  http.show(replica);
  await eventually('it is active', () => replica.phase === 'active');
  t.deepEqual(await statusOf(http.port, '/healthz'), [200, 'active\n']);
  const [ready, line] = await statusOf(http.port, '/readyz');
  t.is(ready, 200);
  t.regex(line, /^active: view \d+, leader 0, committed height \d+\n$/);
  await cluster.stopReplica(0);
  t.deepEqual(await statusOf(http.port, '/healthz'), [200, 'stopped\n']);
  t.deepEqual(await statusOf(http.port, '/readyz'), [503, 'stopped: it has stopped\n']);
  const next = await cluster.startReplica(0);
  http.show(next);
  void cluster
    .client()
    .submit(text('a'))
    .catch(() => undefined);
  await cluster.crashReplica(0);
  const reason = "failed: a listener of 'committed' threw: this replica is to crash\n";
  t.deepEqual(await statusOf(http.port, '/healthz'), [503, reason]);
  t.deepEqual(await statusOf(http.port, '/readyz'), [503, reason]);
});

test('a port that is no port is refused with its range, a taken one by name', async (t) => {
  for (const port of [-1, 65_536, 1.5, Number.NaN]) {
    await t.throwsAsync(serveMetrics({ port }), {
      name: 'ConfigurationError',
      code: 'OPTION_OUT_OF_RANGE',
      message: `port is ${port}; it must be a whole number from 0 to 65535`,
    });
  }
  await t.throwsAsync(serveMetrics({ prot: 0 } as never), { code: 'OPTION_UNKNOWN', message: /Did you mean port\?$/ });
  const { port } = await serve(t);
  await t.throwsAsync(serveMetrics({ port }), { code: 'PORT_IN_USE' });
});

test('a metrics server that nobody closed does not keep its process alive', async (t) => {
  const library = new URL('../../actors/index.js', import.meta.url).href;
  const program = `import { serveMetrics } from '${library}'; console.log((await serveMetrics({ port: 0 })).port > 0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 30_000,
  });
  t.is(stdout, 'true\n');
});

test('start --http answers on its port and ends with the replica; a taken port is one line and exit code 1', async (t) => {
  const dir = join(await scratch(t), 'c');
  const port = await freeBasePort(3, HOST);
  await runHere(['init', '--dir', dir, '--replicas', '1', '--base-port', `${port}`]);
  const args = ['start', '--dir', dir, '--replica', '0', '--json', '--http'];
  const replica = start(t, [...args, `${port + 2}`]);
  await replica.said('ready');
  t.is((await ask(port + 2, '/readyz')).status, 200);
  const connection = fetch(`http://${HOST}:${port + 2}/metrics`, { keepalive: true });
  t.is((await connection).status, 200);
  replica.process.kill('SIGTERM');
  const { code, stdout, stderr } = await replica.ended;
  t.deepEqual([code, stderr], [0, '']);
  t.deepEqual(JSON.parse(stdout), { ready: true, id: 0, peerPort: port, clientPort: port + 1, httpPort: port + 2 });
  const held = await serve(t);
  const other = await run(t, [...args, `${held.port}`]);
  t.deepEqual([other.code, other.stdout], [1, '']);
  t.regex(other.stderr, new RegExp(`^hotstuff: port ${held.port} on 127.0.0.1 is in use[^\n]+\n$`));
});

test('cluster --http P answers for replica i on port P + i', async (t) => {
  const port = await freeBasePort(4, HOST);
  const cluster = start(t, ['cluster', '--http', `${port}`]);
  await cluster.said('running');
  for (const id of [0, 1, 2, 3]) {
    const { body } = await ask(port + id, '/metrics');
    t.is(figure(body, `hotstuff_replica_info{replica="${id}"}`), 1);
  }
  cluster.process.kill('SIGTERM');
  t.is((await cluster.ended).code, 0);
});

test('a port that --http cannot have is wrong usage', async (t) => {
  const dir = join(await scratch(t), 'c');
  const base = await freeBasePort(4, HOST);
  await runHere(['init', '--dir', dir, '--replicas', '2', '--base-port', `${base}`]);
  const refused: readonly (readonly [readonly string[], string])[] = [
    [['cluster', '--http', '0'], '--http is "0"; it must be a whole number from 1 to 65535'],
    [['cluster', '--http', '65533'], '--http is 65533; with 4 replicas it must be at most 65532'],
    [
      ['cluster', '--dir', dir, '--http', `${base - 1}`],
      `--http would take port ${base}, where replica 0 listens for peers; choose another`,
    ],
    [
      ['start', '--dir', dir, '--replica', '1', '--http', `${base + 3}`],
      `--http would take port ${base + 3}, where replica 1 listens for clients; choose another`,
    ],
    [
      ['start', '--dir', dir, '--replica', '1', '--http-host', 'localhost'],
      '--http-host needs --http: without a port nothing is served',
    ],
  ];
  for (const [args, line] of refused) {
    const { code, stdout, stderr } = await runHere(args);
    t.deepEqual([code, stdout, stderr], [2, '', `hotstuff: ${line}\n`]);
  }
});
