/** `npm run -s hotstuff` in a checkout: the compiled program, which is built first where it is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/bin/hotstuff.js', import.meta.url);

function build() {
  process.stderr.write('hotstuff: built once first, since dist/ is missing\n');
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  if (!existsSync(compiler)) return 'there is no compiler here; run npm ci first';
  const project = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] });
  return status === 0 ? null : 'the build failed; npm run build shows why';
}

const problem = existsSync(program) ? null : build();
if (problem === null) await import(program.href);
else {
  process.stderr.write(`hotstuff: ${problem}\n`);
  process.exitCode = 1;
}
