import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { describe, machines, mermaidOf, outlineOf } from '../../machines/index.js';
import { run, runHere, scratch } from '../support/command-line.js';

const descriptions = machines.map(describe);
const block = descriptions.find(({ name }) => name === 'block');

test('without a name every chart is told, in the format asked for, as text unless one is', async (t) => {
  const [plain, text, mermaid, json, svg] = await Promise.all(
    [[], ['--format', 'text'], ['--format', 'mermaid'], ['--format', 'json'], ['--format', 'svg']].map((flags) =>
      runHere(['charts', ...flags]),
    ),
  );
  t.is(text?.stdout, `${descriptions.map(outlineOf).join('\n\n')}\n`);
  t.is(plain?.stdout, text?.stdout);
  t.deepEqual(JSON.parse(json?.stdout ?? ''), { charts: descriptions });
  for (const chart of descriptions) {
    t.true(mermaid?.stdout.includes(`\n\n\`\`\`mermaid\n${mermaidOf(chart)}\n\`\`\`\n`), chart.name);
    t.true(svg?.stdout.includes(`>${chart.name}: ${chart.about}</text>`), chart.name);
  }
  for (const result of [plain, text, mermaid, json, svg]) t.deepEqual([result?.code, result?.stderr], [0, '']);
});

test('one chart is told alone: a bare diagram, a document with one chart in the same form', async (t) => {
  t.truthy(block);
  if (block === undefined) return;
  t.is((await runHere(['charts', 'block', '--format', 'mermaid'])).stdout, `${mermaidOf(block)}\n`);
  t.is((await run(t, ['charts', 'block', '--out', '-'])).stdout, `${outlineOf(block)}\n`);
  const json = await runHere(['charts', 'block', '--format', 'json']);
  t.deepEqual(JSON.parse(json.stdout), { charts: [block] });
});

test('--out writes what would be printed, over what the file held, and prints nothing', async (t) => {
  const file = join(await scratch(t), 'charts.svg');
  await writeFile(file, 'x'.repeat(1_000_000));
  const written = await run(t, ['charts', '--format', 'svg', '--out', file]);
  t.deepEqual([written.code, written.stdout, written.stderr], [0, '', '']);
  t.is(await readFile(file, 'utf8'), (await runHere(['charts', '--format', 'svg'])).stdout);
});

test('a file that cannot be written is told in one line', async (t) => {
  const dir = await scratch(t);
  await mkdir(join(dir, 'taken'));
  for (const [name, code] of [
    ['taken', 'illegal operation on a directory (EISDIR)'],
    ['missing/charts.svg', 'no such file or directory (ENOENT)'],
  ] as const) {
    const file = join(dir, name);
    const failed = await runHere(['charts', '--out', file]);
    t.deepEqual([failed.code, failed.stdout], [1, '']);
    t.is(failed.stderr, `hotstuff: --out ${file} cannot be written: ${code}\n`);
  }
});

test('the charts in the readme are what the command prints', async (t) => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const drawn = [...readme.matchAll(/```mermaid\n(stateDiagram-v2\n.*?)\n```/gs)].map(([, diagram]) => diagram);
  t.deepEqual(
    drawn,
    ['block', 'pacemaker'].flatMap((name) => descriptions.filter((chart) => chart.name === name).map(mermaidOf)),
  );
});
