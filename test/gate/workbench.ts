/** A copy of the compiled code in which a bug is planted, the tests are run, and the bug is taken out again. */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from './catalogue.js';
import type { Plant, PlantedBug } from './planted-bug.js';

/** No test that is run here takes a quarter of it on a busy machine. */
const TEST_TIMEOUT = '120s';

/** What ava reports in the place of a test's title when a file did not run to its end. */
const NO_TEST = /^\w*(Error|Exception|Violation)\b|exited|exception|rejection|No tests|Could not/i;

/** What is planted, whoever is to notice it. */
interface Bug extends Plant {
  readonly bug: string;
  readonly guards?: readonly Plant[];
}

export type TestRun = Pick<PlantedBug, 'caughtBy' | 'match'>;

/** What came of a run: `broken` is a run that tells nothing, since something else than a test failed. */
export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly test: string }
  | { readonly kind: 'broken'; readonly output: string };

export class Workbench {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Copies the project at `project`, which is built, with the files that its tests read. */
  static async copyOf(project: string): Promise<Workbench> {
    const root = await mkdtemp(join(tmpdir(), 'hotstuff-gate-'));
    for (const part of ['dist', 'examples', 'package.json', 'test/corpus'])
      await cp(join(project, part), join(root, part), { recursive: true });
    await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
    return new Workbench(root);
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true });
  }

  /** {@link placesOf} in this copy, of the bug or of the guard before it that does not stand once. */
  async places(bug: Bug): Promise<number> {
    for (const guard of bug.guards ?? []) {
      const places = placesOf(guard, await readFile(this.#pathOf(guard), 'utf8'));
      if (places !== 1) return places;
    }
    return placesOf(bug, await readFile(this.#pathOf(bug), 'utf8'));
  }

  /** Runs the tests that must notice `bug` with it planted. */
  plant(bug: PlantedBug): Promise<Verdict> {
    return this.#withBug(bug, () => this.run(bug));
  }

  /** Runs node with `args` in this copy with `bug` planted; resolves with what it prints. */
  async runWith(bug: Bug, args: readonly string[]): Promise<string> {
    const { code, output } = await this.#withBug(bug, () => this.#node(args));
    if (code !== 0) throw new Error(`with ${bug.bug}, node ${args.join(' ')} exits with ${code}: ${output}`);
    return output;
  }

  #withBug<Result>(bug: Bug, run: () => Promise<Result>): Promise<Result> {
    const guarded = (bug.guards ?? []).reduce((inner, guard) => () => this.#withPlant(guard, inner), run);
    return this.#withPlant(bug, guarded);
  }

  async #withPlant<Result>(plant: Plant, run: () => Promise<Result>): Promise<Result> {
    const path = this.#pathOf(plant);
    const sound = await readFile(path, 'utf8');
    await writeFile(
      path,
      sound.replace(plant.find, () => plant.replace),
    );
    try {
      return await run();
    } finally {
      await writeFile(path, sound);
    }
  }

  async run({ caughtBy, match }: TestRun): Promise<Verdict> {
    const only = match === undefined ? [] : ['--match', match];
    const file = join('dist', 'test', `${caughtBy}.test.js`);
    const ava = join('node_modules', 'ava', 'entrypoints', 'cli.mjs');
    const { code, output } = await this.#node([
      ava,
      '--tap',
      '--fail-fast',
      `--timeout=${TEST_TIMEOUT}`,
      ...only,
      file,
    ]);
    const failed = /^not ok \d+ - (.*)$/m.exec(output)?.[1];
    const ran = Number(/^# tests (\d+)$/m.exec(output)?.[1] ?? 0);
    if (code === 0 && ran > 0) return { kind: 'passed' };
    return failed !== undefined && !NO_TEST.test(failed)
      ? { kind: 'failed', test: failed }
      : { kind: 'broken', output };
  }

  #pathOf({ file }: Plant): string {
    return join(this.#root, 'dist', `${file}.js`);
  }

  #node(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: this.#root, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      const take = (chunk: Buffer) => {
        output += chunk.toString();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, output }));
    });
  }
}
