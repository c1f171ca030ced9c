/** Runs the Quint tool of `spec/`, a package of its own, and says what came of it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SPEC = fileURLToPath(new URL('../../../spec/', import.meta.url));
/** The Rust evaluator would be fetched from the network. */
const ALWAYS = ['--backend=typescript', '--verbosity=1'];
const MINUTES_MAX = 5;

/** `violated`: the tool found a violation and says so; `failed`: anything else that is not success. */
export interface QuintOutcome {
  readonly result: 'ok' | 'violated' | 'failed';
  readonly output: string;
}

/** One call of the tool on `hotstuff.qnt`. */
export function quint(command: 'run' | 'test', args: readonly string[]): Promise<QuintOutcome> {
  const tool = `${SPEC}node_modules/@informalsystems/quint/dist/src/cli.js`;
  const options = { cwd: SPEC, timeout: MINUTES_MAX * 60_000, maxBuffer: 2 ** 24 };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [tool, command, 'hotstuff.qnt', ...ALWAYS, ...args],
      options,
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`;
        if (error === null) return resolve({ result: 'ok', output });
        resolve({ result: output.includes('[violation]') ? 'violated' : 'failed', output });
      },
    );
  });
}
