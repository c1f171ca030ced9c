/** Failed scenarios of twins as files: the scenario, made smaller, and a report beside it. */
import { writeFile } from 'node:fs/promises';
import { reportOfTwins, shrinkTwins, type TwinsRunReport, type TwinsScenario } from '../actors/simulate.js';
import { type FailedCasesOptions, REPORTS_MAX, SHRINK_MS } from './failed-cases.js';
import { ownRevision } from './own-revision.js';

type Options = Omit<FailedCasesOptions, 'names'>;

/** The name of the files of a failed scenario, without their endings. */
export function scenarioName({ replicas, rule, seed }: TwinsScenario): string {
  return `hotstuff-twins-${replicas}-${rule}-${seed}`;
}

/** Writes a scenario for each failure into the current directory, and for the first ones a report beside it. */
export async function writeScenarios(failures: readonly TwinsRunReport[], options: Options): Promise<void> {
  const revision = await ownRevision();
  for (const [index, failure] of failures.entries()) {
    const name = scenarioName(failure.scenario);
    const isReported = index < REPORTS_MAX;
    const scenario = isReported && options.shrinks ? await smaller(failure, name, options) : failure.scenario;
    await writeFile(`${name}.json`, `${JSON.stringify(scenario)}\n`);
    if (!isReported) continue;
    const viewsBefore = failure.scenario.views.length;
    await writeFile(`${name}.md`, await reportOfTwins(scenario, { file: `${name}.json`, revision, viewsBefore }));
  }
}

async function smaller(failure: TwinsRunReport, name: string, { lifecycle, tell }: Options): Promise<TwinsScenario> {
  const signal = AbortSignal.any([lifecycle.stopping, AbortSignal.timeout(SHRINK_MS)]);
  const { scenario: before } = failure;
  const { scenario: after, violation, runs } = await shrinkTwins(failure, { signal });
  const left = [
    `${after.views.length} of ${before.views.length} views`,
    `${after.twins.length} of ${before.twins.length} copies`,
    `${parted(after)} of ${parted(before)} parted views`,
  ];
  tell(`${name}.json: ${left.join(', ')} are left after ${runs} runs; ${violation.invariant} breaks`);
  return after;
}

function parted({ views }: TwinsScenario): number {
  return views.filter(({ parts }) => parts.length > 1).length;
}
