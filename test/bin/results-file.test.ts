import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openResultsFile } from '../../bin/results-file.js';

test('each outcome is one JSON object a line, in the order in which they came', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'hotstuff-test-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const path = join(dir, 'results.jsonl');
  const results = await openResultsFile(path);
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

test('an older file is replaced, and a path that cannot be written is refused by name', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'hotstuff-test-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const path = join(dir, 'results.jsonl');
  for (const command of ['first', 'second']) {
    const results = await openResultsFile(path);
    results.append({ index: 0, command, result: 'OK', height: 1 });
    await results.close();
  }
  t.is(await readFile(path, 'utf8'), '{"index":0,"command":"second","result":"OK","height":1}\n');
  await t.throwsAsync(openResultsFile(dir), { message: `the results file ${dir} cannot be written: EISDIR` });
});
