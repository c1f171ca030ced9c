import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { makeTemporaryDirectory } from '../../src/adapters/temporary-directory.js';

test.serial('a temporary directory is empty, new each time, and named after what it is for', async (t) => {
  const made = [await makeTemporaryDirectory('a'), await makeTemporaryDirectory('a')];
  t.teardown(() => Promise.all(made.map((dir) => rm(dir, { recursive: true }))));
  t.not(made[0], made[1]);
  for (const dir of made) {
    t.regex(dir, /hotstuff-a-[^/]+$/);
    t.deepEqual(await readdir(dir), []);
  }
});

test.serial('where the system has no place for one, the message names it and what would be right', async (t) => {
  const before = process.env.TMPDIR;
  const made = await makeTemporaryDirectory('b');
  t.teardown(async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(made, { recursive: true });
  });
  const missing = join(dirname(made), 'no-such-directory');
  process.env.TMPDIR = missing;
  await t.throwsAsync(makeTemporaryDirectory('c'), {
    name: 'OperationalError',
    code: 'TEMPORARY_DIRECTORY_REFUSED',
    message: `no temporary directory can be made in ${missing}: no such file or directory (ENOENT); set TMPDIR to a directory that exists and that you may write to`,
  });
});
