/** `examples/pipeline` as a process: actors of `hotstuff/runtime` alone, one on a thread. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const TEXTS = 2000;

test('the pipeline holds its reader back, loses nothing, and keeps what waits within the mailboxes', async (t) => {
  const program = join(project, 'dist/examples/pipeline/main.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, `${TEXTS}`, '30']);
  t.is(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.is(lines.pop(), `${TEXTS} texts read, ${TEXTS} digested, 0 out of order`);
  const reports = lines.map((line) =>
    /^read (\d+), digested (\d+): (\d+) wait \(at most (\d+)\), [\d.]+ ms each; reader held back (\d+) times$/.exec(
      line,
    ),
  );
  t.true(reports.length > 0);
  for (const report of reports) {
    const [read = 0, digested = 0, waiting = 0, highWater = 0] = (report ?? []).slice(1).map(Number);
    t.true(waiting <= highWater && highWater <= 64, lines.join('\n'));
    // One batch, and 64 at each side of either border: the counters of two threads are asked one after the other.
    t.true(read - digested <= 100 + 4 * 64, lines.join('\n'));
  }
  t.true(Number(reports.at(-1)?.[5]) > 0, 'held back');
});

test('the pipeline needs no entry point but the runtime', (t) => {
  const dir = join(project, 'examples/pipeline');
  const sources = readdirSync(dir).filter((name) => name.endsWith('.ts'));
  const packages = sources.flatMap((name) =>
    [...readFileSync(join(dir, name), 'utf8').matchAll(/from '([^.'][^']*)'/g)].map(([, from]) => from),
  );
  t.deepEqual(
    [...new Set(packages)].filter((name) => !name?.startsWith('node:')),
    ['hotstuff/runtime'],
  );
});
