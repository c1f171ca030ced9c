import { join } from 'node:path';
import test from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { run, runHere, scratch, start } from '../support/command-line.js';

test('start runs a replica until a signal, says with one line when it is ready, and keeps others out of its store', async (t) => {
  const dir = join(await scratch(t), 'c');
  const port = await freeBasePort(2, '127.0.0.1');
  await runHere(['init', '--dir', dir, '--replicas', '1', '--base-port', `${port}`]);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const replica = start(t, ['start', '--dir', dir, '--replica', '0', '--json']);
    await replica.said('ready');
    const second = await run(t, ['start', '--dir', dir, '--replica', '0']);
    t.is(second.code, 1);
    t.regex(second.stderr, /^hotstuff: [^\n]+\n$/);
    const submitted = await run(t, ['submit', '--dir', dir, '--json'], 'INCR a\n');
    t.is(JSON.parse(submitted.stdout).commands.committed, 1);
    replica.process.kill(signal);
    const { code, stdout, stderr } = await replica.ended;
    t.deepEqual([code, stderr], [0, ''], signal);
    t.deepEqual(JSON.parse(stdout), { ready: true, id: 0, peerPort: port, clientPort: port + 1 });
  }
  const read = await run(t, ['cluster', '--dir', dir, '--commands', '-', '--exit'], 'GET a\n');
  t.is(read.code, 0, read.stderr);
  t.regex(read.stdout, /^GET a -> 3\n/);
});
