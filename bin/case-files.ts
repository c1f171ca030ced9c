/** Cases of the simulator in files: one, or a corpus of those that failed once. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulationCase } from '../actors/simulate.js';
import { systemReason } from '../src/adapters/system-reason.js';
import { parseCase } from '../src/simulation/case-text.js';
import { Failure } from './outcome.js';

/** Where a checkout keeps its corpus. */
export const CORPUS = 'test/corpus';

/** @throws Failure where the file cannot be read or holds no case. */
export async function readCase(file: string): Promise<SimulationCase> {
  const json = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`the case ${file} cannot be read: ${systemReason(error)}`);
  });
  const parsed = parseCase(json);
  if (!parsed.ok) throw new Failure(`${file} is no case: ${parsed.problem}`);
  return parsed.case;
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
