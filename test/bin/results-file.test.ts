import { link, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { UsageError } from '../../bin/outcome.js';
import { openResultsFile, refuseCommandsFile } from '../../bin/results-file.js';
import { scratch } from '../support/command-line.js';

const never = new AbortController().signal;

test('each outcome is one JSON object a line, in the order in which they came', async (t) => {
  const path = join(await scratch(t), 'results.jsonl');
  const results = await openResultsFile(path, never);
  results.append({ index: 1, command: 'INCR the', result: '1', height: 12 });
  results.append({ index: 0, command: 'GET "x"\u2028', result: null, height: 12 });
  await results.ready();
  results.append({ index: 2, command: 'INCR the', result: { error: 'overflow' }, height: 13 });
  results.append({ index: 3, command: 'NOPE', error: 'line 4: unknown', height: null });
  await results.close();
  t.is(
    await readFile(path, 'utf8'),
    [
      '{"index":1,"command":"INCR the","result":"1","height":12}',
      '{"index":0,"command":"GET \\"x\\"\u2028","result":null,"height":12}',
      '{"index":2,"command":"INCR the","result":{"error":"overflow"},"height":13}',
      '{"index":3,"command":"NOPE","error":"line 4: unknown","height":null}',
      '',
    ].join('\n'),
  );
});

const outcome = { index: 0, command: 'SET a 1', result: 'OK', height: 1 } as const;
const line = '{"index":0,"command":"SET a 1","result":"OK","height":1}\n';

test('what a file held stays until the first result, and goes with it', async (t) => {
  const path = join(await scratch(t), 'results.jsonl');
  await writeFile(path, 'older\n');
  const unused = await openResultsFile(path, never);
  await unused.close();
  t.is(await readFile(path, 'utf8'), 'older\n');
  const results = await openResultsFile(path, never);
  results.append(outcome);
  await results.close();
  t.is(await readFile(path, 'utf8'), line);
  const later = await openResultsFile(path, never);
  for (let time = 0; time < 3; time += 1) {
    later.append(outcome);
    await later.ready();
    await new Promise(setImmediate);
  }
  later.complete();
  await later.close();
  t.is(await readFile(path, 'utf8'), line.repeat(3));
});

test('a run that is complete without a result leaves an empty file', async (t) => {
  const path = join(await scratch(t), 'results.jsonl');
  await writeFile(path, 'older\n');
  const results = await openResultsFile(path, never);
  results.complete();
  await results.close();
  t.is(await readFile(path, 'utf8'), '');
});

test('a path that cannot be written is refused by name', async (t) => {
  const dir = await scratch(t);
  await t.throwsAsync(openResultsFile(dir, never), {
    message: `the results file ${dir} cannot be written: illegal operation on a directory (EISDIR)`,
  });
  const missing = join(dir, 'missing', 'file');
  await t.throwsAsync(openResultsFile(missing, never), {
    message: `the results file ${missing} cannot be written: no such file or directory (ENOENT)`,
  });
});

test('a full disk is told when the last lines are written, and to who asks before', async (t) => {
  const full = {
    name: 'Failure',
    message: 'the results file /dev/full cannot be written: no space left on device (ENOSPC)',
  };
  const results = await openResultsFile('/dev/full', never);
  results.append(outcome);
  await t.throwsAsync(results.close(), full);
  const longer = await openResultsFile('/dev/full', never);
  for (let count = 0; count < 10_000; count += 1) longer.append(outcome);
  await t.throwsAsync(longer.ready(), full);
  await t.throwsAsync(longer.close(), full);
});

test('the file of the commands is refused under each of its names, and any other is not', async (t) => {
  const dir = await scratch(t);
  const commands = join(dir, 'commands');
  await writeFile(commands, 'GET a\n');
  await writeFile(join(dir, 'other'), 'GET a\n');
  await symlink(commands, join(dir, 'soft'));
  await link(commands, join(dir, 'hard'));
  const facts = await stat(commands);
  for (const name of ['commands', './commands', 'soft', 'hard', `../${basename(dir)}/commands`]) {
    const path = `${dir}/${name}`;
    const message = `--results is ${path}, the file of the commands; name another`;
    await t.throwsAsync(refuseCommandsFile(path, facts), { instanceOf: UsageError, message }, name);
  }
  for (const name of ['other', 'missing', '.']) await t.notThrowsAsync(refuseCommandsFile(join(dir, name), facts));
  await t.notThrowsAsync(refuseCommandsFile('/dev/null', await stat('/dev/null')), 'a device keeps nothing');
});
