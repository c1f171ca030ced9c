/** Runs Stryker of `test/mutation/node_modules`, a package of its own, on one target and says what came of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MutationTarget } from './targets.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STRYKER = 'test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js';
const AVA = 'node node_modules/ava/entrypoints/cli.mjs --fail-fast --concurrency=1';
const SCORE_MIN = 90;
/** Beyond what the tests take without a mutant: a loop that ends only later, and not a busy machine, is a timeout. */
const PATIENCE_MS = 15_000;

/** The states that Stryker gives a mutant. */
type MutantStatus = 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'CompileError' | 'RuntimeError' | 'Ignored';

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: MutantStatus }[] }>>;
}

/** How many mutants there were. `sound`: Stryker has ended well, with a share of noticed ones that is not below the floor. */
export interface MutationOutcome {
  readonly sound: boolean;
  readonly killed: number;
  /** Noticed too: the tests did not come to their end. */
  readonly timedOut: number;
  readonly survived: number;
}

/** Mutates one target in a copy of the compiled code, and prints what survives. */
export async function mutate(target: MutationTarget): Promise<MutationOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'hotstuff-mutation-'));
  try {
    const config = join(folder, 'config.json');
    const report = join(folder, 'report.json');
    await writeFile(config, JSON.stringify(options(target, folder, report)));
    const child = spawn(process.execPath, [STRYKER, 'run', config], { cwd: ROOT, stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    const statuses = await statusesIn(report);
    const count = (wanted: MutantStatus) => statuses.filter((status) => status === wanted).length;
    const killed = count('Killed');
    return { sound: code === 0 && killed > 0, killed, timedOut: count('Timeout'), survived: count('Survived') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function options({ mutate: files, tests }: MutationTarget, folder: string, report: string): object {
  return {
    mutate: files.map((file) => `dist/${file}.js`),
    testRunner: 'command',
    commandRunner: { command: [AVA, ...tests.map((file) => `dist/${file}.js`)].join(' ') },
    coverageAnalysis: 'off',
    concurrency: 2,
    timeoutMS: PATIENCE_MS,
    ignorePatterns: ['/*', '!/dist', '!/package.json', '*.d.ts', '*.map'],
    plugins: [fileURLToPath(new URL('./ignore-sentences.js', import.meta.url))],
    ignorers: ['sentences'],
    disableTypeChecks: false,
    thresholds: { high: 100, low: SCORE_MIN, break: SCORE_MIN },
    tempDirName: join(folder, 'copy'),
    cleanTempDir: 'always',
    reporters: ['clear-text', 'json'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    jsonReporter: { fileName: report },
    logLevel: 'warn',
    allowConsoleColors: false,
  };
}

/** None where Stryker wrote no report: it has said why. */
async function statusesIn(path: string): Promise<readonly MutantStatus[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{"files":{}}';
    throw error;
  });
  const { files } = JSON.parse(text) as Report;
  return Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
}
