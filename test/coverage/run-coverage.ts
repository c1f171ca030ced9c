/**
 * `npm run coverage`: runs the tests under c8 and fails where they reach too little of the core, by the floors of
 * `.c8rc.json`. The core is what runs in a replica, a client and the simulator: `src`, `machines` and `actors`, without modules
 * that hold types alone. Left out are the tests of real processes, which time out where all is counted, and those of the
 * tree and of the package, which run nothing of the core.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiledModules } from '../support/imports.js';
import { typesAlone } from './types-alone.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TESTS = ['dist/test/**/*.test.js', ...['process', 'house', 'package'].map((room) => `!dist/test/${room}/**`)];
/** Without a test that ends, after which ava gives up: counting makes the simulator several times slower. */
const PATIENCE = '20m';

const left = typesAlone(compiledModules()).map((path) => `--exclude=dist/${path}`);
const ava = ['node_modules/ava/entrypoints/cli.mjs', `--timeout=${PATIENCE}`, ...TESTS];
const c8 = ['node_modules/c8/bin/c8.js', ...left, process.execPath, ...ava];
const child = spawn(process.execPath, c8, { cwd: ROOT, stdio: 'inherit' });
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
