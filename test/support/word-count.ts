/** The main job on real input: one `INCR word` a word of a text, and what must come of it. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ResultLine } from './process-cluster.js';

const license = new URL('../../../LICENSE', import.meta.url);

export interface WordCount {
  /** A file of commands, one a line. */
  readonly commands: string;
  readonly words: number;
  /** By word, as `sort | uniq -c` counts them. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Writes `INCR word` for every word of the licence, `times` over (1,500 words each time). */
export async function writeWordCount(directory: string, times: number): Promise<WordCount> {
  const text = (await readFile(license, 'utf8')).toLowerCase();
  const once = text.match(/[a-z]+/g) ?? [];
  const words = Array.from({ length: times }, () => once).flat();
  const commands = join(directory, 'commands.txt');
  await writeFile(commands, words.map((word) => `INCR ${word}\n`).join(''));
  const listing = execFileSync('sh', ['-c', 'cut -d " " -f 2 "$1" | sort | uniq -c', 'sh', commands], {
    encoding: 'utf8',
  });
  const counts = new Map(
    listing
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [count = '', word = ''] = line.trim().split(' ');
        return [word, Number(count)] as const;
      }),
  );
  return { commands, words: words.length, counts };
}

/**
 * Demands exactly one result for every command, and for a word that stands k times the results 1 .. k, each once: none
 * was lost and none ran twice.
 */
export function assertCounted(t: ExecutionContext, results: readonly ResultLine[], { words, counts }: WordCount): void {
  t.is(results.length, words, 'every command has a result');
  t.is(new Set(results.map(({ index }) => index)).size, words, 'no command has two');
  const seen = new Map<string, Set<number>>();
  for (const { command, result } of results) {
    const word = command.slice('INCR '.length);
    seen.set(word, (seen.get(word) ?? new Set()).add(Number(result)));
  }
  const wrong = [...counts].filter(([word, count]) => {
    const numbers = seen.get(word) ?? new Set();
    return numbers.size !== count || Math.min(...numbers) !== 1 || Math.max(...numbers) !== count;
  });
  t.deepEqual(wrong, [], 'words that were counted otherwise than sort | uniq -c does');
  t.is(seen.size, counts.size);
}
