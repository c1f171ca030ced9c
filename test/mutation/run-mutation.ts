/**
 * `npm run test:mutation [-- WORDS]`: changes the compiled safety rules, quorums and codecs in every small way that Stryker
 * knows, one at a time, and sees that the tests of the file notice. Prints what survives, and a table; exits 1 where fewer than
 * nine tenths of a target's mutants are killed. With WORDS only the targets whose name holds them are mutated.
 */
import { type MutationOutcome, mutate } from './stryker.js';
import { mutationTargets } from './targets.js';

const words = process.argv.slice(2).join(' ');
const targets = mutationTargets.filter(({ name }) => name.includes(words));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function row(name: string, { sound, killed, timedOut, survived }: MutationOutcome, seconds: number): string {
  const noticed = killed + timedOut;
  const mutants = noticed + survived;
  const score = mutants === 0 ? 'no mutants' : `${((100 * noticed) / mutants).toFixed(1)} %`;
  const figures = [name, mutants, killed, timedOut, survived, score, seconds.toFixed(0)];
  return `${sound ? '' : 'FAILED '}${figures.join(' | ')}`;
}

const rows: string[] = [];
let sound = targets.length > 0;
for (const target of targets) {
  const started = process.hrtime.bigint();
  const outcome = await mutate(target);
  rows.push(row(target.name, outcome, Number(process.hrtime.bigint() - started) / 1e9));
  say(rows.at(-1) ?? '');
  sound = sound && outcome.sound;
}
say(['target | mutants | killed | timed out | survived | score | seconds', ...rows].join('\n'));
const failure =
  targets.length === 0 ? `no target has "${words}" in its name` : 'too much survives, or a run did not begin';
if (!sound) say(failure);
process.exitCode = sound ? 0 : 1;
