/**
 * Makes a failing scenario of twins smaller, as long as the same invariant breaks: fewer views, whatever is between them;
 * fewer copies; views in which all nodes hear each other; leaders that are the first ones. As `shrink` does it for cases.
 */
import { identitiesOf, type TwinsScenario, type TwinsView } from './twins-scenario.js';
import type { Violation } from './violation.js';

interface ShrinkScenarioOptions {
  /** Runs a scenario: the first thing that broke in it, null where nothing did. */
  readonly run: (candidate: TwinsScenario) => Promise<Violation | null>;
  /** Runs at most; by default 500. */
  readonly runsMax?: number;
  /** Ends it between two runs with the smallest scenario so far. */
  readonly signal?: { readonly aborted: boolean } | null;
}

/** What came of shrinking a scenario. */
export interface ShrunkTwins {
  readonly scenario: TwinsScenario;
  /** What breaks in it: the invariant that broke in the scenario it was made of. */
  readonly violation: Violation;
  /** Runs that it took. */
  readonly runs: number;
}

const RUNS_MAX = 500;

/** Returns the smallest scenario that it found. `violation` is the first one of a run of `scenario`. */
export async function shrinkScenario(
  scenario: TwinsScenario,
  violation: Violation,
  options: ShrinkScenarioOptions,
): Promise<ShrunkTwins> {
  const { run, runsMax = RUNS_MAX, signal } = options;
  let best: ShrunkTwins = { scenario, violation, runs: 0 };
  for (let found = true; found; ) {
    found = false;
    for (const candidate of simplerScenarios(best.scenario)) {
      if (best.runs >= runsMax || signal?.aborted === true) return best;
      const broke = await run(candidate);
      best = { ...best, runs: best.runs + 1 };
      found = broke?.invariant === violation.invariant;
      if (!found || broke === null) continue;
      best = { ...best, scenario: candidate, violation: broke };
      break;
    }
  }
  return best;
}

/** Simpler scenarios by one step, the most promising ones first. Each step makes something less, so that they come to an end. */
export function* simplerScenarios(scenario: TwinsScenario): Generator<TwinsScenario> {
  const { views, twins, replicas } = scenario;
  for (let chunk = Math.ceil(views.length / 2); chunk >= 1; chunk = Math.floor(chunk / 2)) {
    // From the end on: what comes after the violation is not needed at all.
    for (let to = views.length; to > 0; to -= chunk) {
      const from = Math.max(0, to - chunk);
      yield { ...scenario, views: views.toSpliced(from, to - from) };
    }
  }
  for (let copy = twins.length - 1; copy >= 0; copy -= 1) yield withoutCopy(scenario, copy);
  const all = [...identitiesOf({ replicas, twins }).keys()];
  for (const [index, { parts, leader }] of views.entries()) {
    if (parts.length > 1) yield withView(scenario, index, { leader, parts: [all] });
    if (parts.length > 2) {
      for (let part = 0; part < parts.length; part += 1)
        yield withView(scenario, index, { leader, parts: merged(parts, part) });
    }
  }
  for (const [index, { parts, leader }] of views.entries()) {
    for (let first = 0; first < leader; first += 1) yield withView(scenario, index, { leader: first, parts });
  }
}

function withView(scenario: TwinsScenario, index: number, view: TwinsView): TwinsScenario {
  return { ...scenario, views: scenario.views.with(index, view) };
}

/** The part of that number goes into the next one. */
function merged(parts: TwinsView['parts'], part: number): TwinsView['parts'] {
  const into = (part + 1) % parts.length;
  const both = [...(parts[part] ?? []), ...(parts[into] ?? [])].sort((a, b) => a - b);
  return parts.map((nodes, index) => (index === into ? both : nodes)).filter((_, index) => index !== part);
}

/** The replica that has it runs once less, and the copies after it move up. */
function withoutCopy(scenario: TwinsScenario, copy: number): TwinsScenario {
  const { replicas, twins, views } = scenario;
  const gone = replicas + copy;
  const moved = (nodes: readonly number[]) =>
    nodes.filter((node) => node !== gone).map((node) => (node > gone ? node - 1 : node));
  return {
    ...scenario,
    twins: twins.toSpliced(copy, 1),
    views: views.map(({ leader, parts }) => ({ leader, parts: parts.map(moved).filter((part) => part.length > 0) })),
  };
}
