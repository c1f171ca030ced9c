/**
 * `npm run spec [-- --seed N --samples N --traces N]`: checks the model `spec/hotstuff.qnt` of both commit rules, sees that
 * its negative controls fail, and replays its traces against `src/protocol`. Exits 1 at a violation, at a control
 * that finds none, at the first difference of a replay, and when the traces do not reach what they are to compare.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commitRule } from '../../src/protocol/rules/index.js';
import { quint } from './quint.js';
import { type Coverage, replay } from './replay.js';
import { readTrace } from './traces.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    samples: { type: 'string', default: '200' },
    traces: { type: 'string', default: '100' },
  },
});
/** Of the modules `threeChain` and `twoChain`. */
const CLUSTER = { replicas: 4, tenureLength: 2 };
const STEPS = 24;
/** Only with these in the traces does their replay say anything. */
const COMPARED = ['vote', 'timeout', 'commit', 'notHeld', 'staleView', 'tenureGivenUp', 'viewNotEntered'];

const RULES = [
  { module: 'threeChain', name: 'three-chain', compared: [...COMPARED, 'conflictsWithLock', 'laterTenureGivenUp'] },
  { module: 'twoChain', name: 'two-chain', compared: [...COMPARED, 'justifyBelowTc', 'laterTenureGivenUp'] },
] as const;

type Rule = (typeof RULES)[number];

/** Simulates the model, which must be safe, and replays the traces of the simulation. */
async function checkRule(rule: Rule, folder: string): Promise<void> {
  const { seed, samples, traces } = values;
  const { result, output } = await quint('run', [
    `--main=${rule.module}`,
    '--invariants',
    'agreement',
    'oneCertifiedAView',
    'lockSafety',
    'ordered',
    `--seed=${seed}`,
    `--max-samples=${samples}`,
    `--max-steps=${STEPS}`,
    `--n-traces=${traces}`,
    `--out-itf=${join(folder, `${rule.name}-{seq}.itf.json`)}`,
  ]);
  if (result !== 'ok') return fail(`${rule.name}: ${result}\n${output}`);
  say(`${rule.name}: samples ${samples}, no violation`);
  await replayTraces(rule, folder);
}

async function replayTraces(rule: Rule, folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.startsWith(rule.name)).sort();
  const coverage: Coverage = new Map();
  const cluster = { rule: commitRule(rule.name), ...CLUSTER };
  for (const file of files) {
    try {
      replay(readTrace(await readFile(join(folder, file), 'utf8')), cluster, coverage);
    } catch (error) {
      return fail(`${rule.name}: src/protocol differs from the model in trace ${file}: ${String(error)}`);
    }
  }
  say(`${rule.name}: traces ${files.length}, ${[...coverage].map(([what, times]) => `${what} ${times}`).join(', ')}`);
  const missed = rule.compared.filter((what) => !coverage.has(what));
  if (missed.length > 0) fail(`${rule.name}: no trace has ${missed.join(', ')}: more --traces are needed`);
}

/** With quorums of 2f the same adversary must find a fork. */
async function checkControl(module: string): Promise<void> {
  const { result, output } = await quint('run', [
    `--main=${module}`,
    '--step=split',
    '--invariant=agreement',
    `--seed=${values.seed}`,
    '--max-samples=400',
    `--max-steps=${STEPS}`,
  ]);
  if (result !== 'violated') return fail(`${module}: a fork should be found, but ${result}\n${output}`);
  say(`${module}: forks, as it must`);
}

/** The attacks that need a rule left out: each forks then, and only then. */
async function checkAttacks(): Promise<void> {
  const { result, output } = await quint('test', ['--main=controls', `--seed=${values.seed}`]);
  const passed = Number(/(\d+) passing/.exec(output)?.[1] ?? 0);
  if (result !== 'ok' || passed === 0) return fail(`attacks: ${result}, passed ${passed}\n${output}`);
  say(`attacks: passed ${passed}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(line: string): void {
  say(`FAILED ${line}`);
  process.exitCode = 1;
}

const folder = await mkdtemp(join(tmpdir(), 'hotstuff-spec-'));
try {
  const [three, two] = RULES;
  // Two lanes, for two cores.
  await Promise.all([
    checkRule(three, folder).then(() => checkControl('threeChainQuorum2f')),
    checkRule(two, folder)
      .then(() => checkControl('twoChainQuorum2f'))
      .then(checkAttacks),
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
