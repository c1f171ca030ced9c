/** Cases of the simulator in files: one, or a corpus of those that failed once. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SimulationCase } from '../actors/simulate.js';
import { systemReason } from '../src/adapters/system-reason.js';
import { parseCase } from '../src/simulation/case-text.js';
import { Failure } from './outcome.js';

/** Where a checkout keeps its corpus; a package that was installed has none. */
const CORPUS = fileURLToPath(new URL('../../test/corpus', import.meta.url));

/** @throws Failure where the file cannot be read or holds no case. */
export async function readCase(file: string): Promise<SimulationCase> {
  const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`the case ${file} cannot be read: ${systemReason(error)}`);
  });
  const parsed = parseCase(json);
  if (!parsed.ok) throw new Failure(`${file} is no case: ${parsed.problem}`);
  return parsed.case;
}

/** The cases of the checkout that this program was built in, from wherever it is run. @throws Failure where there is no checkout. */
export async function ownCorpus(): Promise<readonly SimulationCase[]> {
  if (existsSync(CORPUS)) return readCorpus(CORPUS);
  throw new Failure(
    `there is no corpus at ${CORPUS}: it is a part of a checkout of hotstuff, and not of the package; --case DIR names another directory of cases`,
  );
}

/** The cases in a directory's `.json` files, by name. @throws Failure where there are none. */
export async function readCorpus(directory: string): Promise<readonly SimulationCase[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`the corpus ${directory} cannot be read: ${systemReason(error)}`);
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) throw new Failure(`the corpus ${directory} has no case: there is no .json file in it`);
  return Promise.all(files.map((file) => readCase(join(directory, file))));
}
