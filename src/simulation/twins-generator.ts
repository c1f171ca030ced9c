/** Draws and enumerates scenarios of twins. Source: Twins, arXiv:2004.10617, section 4 (partitions times leaders, by view). */
import { checkOptions, checkValue } from '../config/check-options.js';
import { clusterRules } from '../config/cluster-file.js';
import { type OptionTable, oneOf, whole } from '../config/option-kinds.js';
import { faultBound, quorumSize } from '../protocol/quorum.js';
import { SIMULATED_REPLICAS_MAX } from './case.js';
import { type Random, stream } from './random.js';
import { identitiesOf, type TwinsScenario, type TwinsView } from './twins-scenario.js';

/** What the caller of {@link sampledScenario} fixes. */
export interface TwinsOptions {
  /** By default 4. */
  readonly replicas?: number;
  /** By default drawn. */
  readonly rule?: TwinsScenario['rule'];
}

const RULE = oneOf(...clusterRules);
/** Fewer than four bear no twin. */
const TABLE: OptionTable<TwinsOptions> = { replicas: whole(4, SIMULATED_REPLICAS_MAX), rule: RULE };

const EXHAUSTIVE_VIEWS = 4;
const EXHAUSTIVE = { replicas: 4, twins: [0] } as const;
const SPLITS = splitsWithQuorum();
const CHOICES = 2 * SPLITS.length;

/** 24⁴, a number for each scenario that {@link exhaustiveScenario} knows. */
export const EXHAUSTIVE_SCENARIOS = CHOICES ** EXHAUSTIVE_VIEWS;

/**
 * The scenario of that number among all of this kind: four replicas, the first of which has a twin; four views; in each one
 * of the 12 splits of the five nodes into two parts such that some part holds a quorum of replicas, and one of two leaders:
 * the replica with the twin, or the honest replica whose turn it is (1, 2, 3, 1). After them all nodes hear each other.
 *
 * Which replica has the twin is without loss: they are alike. Not among them: views in which no part has a quorum (3 more
 * splits) or all hear each other, and honest leaders in another order; those are drawn by {@link sampledScenario}. Changing
 * the two copies for each other in all views gives a scenario that is among them too.
 * @throws ConfigurationError for a number or a rule that there is not.
 */
export function exhaustiveScenario(index: number, rule: TwinsScenario['rule']): TwinsScenario {
  checkValue('index', index, whole(0, EXHAUSTIVE_SCENARIOS - 1));
  checkValue('rule', rule, RULE);
  const views = Array.from({ length: EXHAUSTIVE_VIEWS }, (_, turn): TwinsView => {
    const choice = Math.floor(index / CHOICES ** turn) % CHOICES;
    return { leader: choice % 2 === 0 ? 0 : 1 + (turn % 3), parts: SPLITS[choice >> 1] ?? [] };
  });
  return { version: 1, mode: 'twins', seed: index, ...EXHAUSTIVE, rule, views };
}

function splitsWithQuorum(): readonly TwinsView['parts'][] {
  const nodes = [...identitiesOf(EXHAUSTIVE).keys()];
  const splits: TwinsView['parts'][] = [];
  // By bit, which part a node is in; the first node is in the first part, and the second part is not empty.
  for (let bits = 2; bits < 2 ** nodes.length; bits += 2) {
    const isSecond = (node: number): boolean => (bits & (2 ** node)) !== 0;
    const parts = [nodes.filter((node) => !isSecond(node)), nodes.filter(isSecond)];
    if (hasQuorum(parts, EXHAUSTIVE)) splits.push(parts);
  }
  return splits;
}

const VIEWS = { least: 7, most: 12 } as const;
/** Of how many parts a view is, each as likely. With two it takes the fewest views for both copies to be believed. */
const PARTS = [1, 2, 2, 2, 3] as const;
/** Views in which some part shall hold a quorum: the others are left by Timeouts alone, and show little. */
const WITH_QUORUM = 0.8;
/** Replicas with a twin that have another one: so many copies can each be believed by somebody else. */
const THREE_COPIES = 0.15;
/** Views that a replica with a twin leads: those in which there are two proposals. */
const LED_BY_TWIN = 0.5;

/**
 * The scenario of that number in a sample: f replicas have twins, some of them two, 7 to 12 views, any parts up to three, any leaders.
 * @throws ConfigurationError for what is no seed or number, and for options that cannot work.
 */
export function sampledScenario(seed: number, index: number, options: TwinsOptions = {}): TwinsScenario {
  checkValue('seed', seed, whole(0, Number.MAX_SAFE_INTEGER));
  checkValue('index', index, whole(0, Number.MAX_SAFE_INTEGER));
  checkOptions(TABLE, options, { call: 'sampledScenario' });
  const random = stream(seed, `twins ${index}`);
  const replicas = options.replicas ?? 4;
  const ids = [...Array(replicas).keys()];
  const twins = random
    .shuffled(ids)
    .slice(0, faultBound(replicas))
    .sort((a, b) => a - b)
    .flatMap((twin) => (random.chance(THREE_COPIES) ? [twin, twin] : [twin]));
  const rule = options.rule ?? random.pick(['three-chain', 'two-chain']);
  const length = VIEWS.least + random.below(VIEWS.most - VIEWS.least + 1);
  const views = Array.from({ length }, (): TwinsView => {
    const leader = random.chance(LED_BY_TWIN) ? random.pick(twins) : random.pick(ids);
    return { leader, parts: partsOf(random, { replicas, twins }) };
  });
  return { version: 1, mode: 'twins', seed: random.uint32(), replicas, twins, rule, views };
}

function partsOf(random: Random, cluster: Pick<TwinsScenario, 'replicas' | 'twins'>): TwinsView['parts'] {
  const wantsQuorum = random.chance(WITH_QUORUM);
  const nodes = [...identitiesOf(cluster).keys()];
  const count = random.pick(PARTS);
  for (;;) {
    const partOf = nodes.map(() => random.below(count));
    const parts = Array.from({ length: count }, (_, part) => nodes.filter((node) => partOf[node] === part));
    const filled = parts.filter((part) => part.length > 0);
    if (!wantsQuorum || hasQuorum(filled, cluster)) return filled;
  }
}

/** Whether the nodes of some part bear the identities of a quorum. */
function hasQuorum(parts: TwinsView['parts'], cluster: Pick<TwinsScenario, 'replicas' | 'twins'>): boolean {
  const identities = identitiesOf(cluster);
  const needed = quorumSize(cluster.replicas);
  return parts.some((part) => new Set(part.map((node) => identities[node])).size >= needed);
}
