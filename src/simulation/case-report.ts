/** What is written beside a case that failed: how to run it again, what broke first, and what was sent just before. */
import type { SimulationCase } from './case.js';
import type { SeenEvent } from './seen-events.js';
import { mermaidSequence, textSequence } from './sequence-diagram.js';
import type { TwinsScenario } from './twins-scenario.js';
import type { Violation } from './violation.js';

/** What a report tells. */
export interface CaseReport {
  /** The file in which the case stands. */
  readonly file: string;
  readonly case: SimulationCase;
  /** How many faults the run had from which the case was made. */
  readonly faultsBefore: number;
  /** Null where nothing broke when the case was run again: then the run is not deterministic. */
  readonly violation: Violation | null;
  /** The revision of git, or the version of the package. */
  readonly revision: string;
  /** What happened last, oldest first. */
  readonly seen: readonly SeenEvent[];
}

/** A Markdown document. Its length is bounded by that of `seen` and of the case. */
export function caseReport({ file, case: parameters, faultsBefore, violation, revision, seen }: CaseReport): string {
  const { seed, replicas, faults, rule, tenure } = parameters;
  return failureReport({
    title: `Seed ${seed}`,
    made: `${replicas} replicas, ${rule}, tenure ${tenure}; ${faults.length} faults of ${faultsBefore} are left`,
    again: `hotstuff simulate --mode replay --case ${file}`,
    called: 'case',
    data: parameters,
    replicas,
    violation,
    revision,
    seen,
  });
}

/** What a report tells of a scenario of twins; the rest as in {@link CaseReport}. */
export interface TwinsReportParts extends Pick<CaseReport, 'file' | 'violation' | 'revision' | 'seen'> {
  readonly scenario: TwinsScenario;
  /** How many views the scenario had from which this one was made. */
  readonly viewsBefore: number;
}

/** The same of a scenario of twins. */
export function scenarioReport({ file, scenario, viewsBefore, ...rest }: TwinsReportParts): string {
  const { seed, replicas, rule, twins, views } = scenario;
  const copies = twins.map((twin, index) => `node ${replicas + index} is a copy of replica ${twin}`);
  return failureReport({
    title: `Twins, seed ${seed}`,
    made: `${replicas} replicas, ${rule}; ${[...copies, `${views.length} views of ${viewsBefore} are left`].join('; ')}`,
    again: `hotstuff simulate --mode twins --case ${file}`,
    called: 'scenario',
    data: scenario,
    replicas,
    ...rest,
  });
}

interface FailureReport extends Pick<CaseReport, 'violation' | 'revision' | 'seen'> {
  readonly title: string;
  /** What the run was made of, in a line. */
  readonly made: string;
  /** The command that runs it again. */
  readonly again: string;
  readonly called: 'case' | 'scenario';
  readonly data: SimulationCase | TwinsScenario;
  readonly replicas: number;
}

function failureReport({
  title,
  made,
  again,
  called,
  data,
  replicas,
  violation,
  revision,
  seen,
}: FailureReport): string {
  const nodes = Math.max(replicas, ...seen.flatMap(nodesOf).map((node) => node + 1));
  const broke =
    violation === null
      ? `Nothing broke when the ${called} was run again.`
      : `**${violation.invariant}** broke at ${violation.at.toFixed(1)} ms of virtual time, in event ${violation.event}: ${violation.detail}`;
  return `# ${title}

${broke}

- ${made}
- revision ${revision}
- run it again: \`${again}\`

## What was sent last

\`\`\`mermaid
${mermaidSequence(seen, { nodes, replicas })}
\`\`\`

\`\`\`text
${textSequence(seen)}
\`\`\`

## The ${called}

\`\`\`json
${JSON.stringify(data, null, 2)}
\`\`\`
`;
}

function nodesOf(event: SeenEvent): readonly number[] {
  if (event.type === 'sent') return [event.from, event.to];
  return event.node === null ? [] : [event.node];
}
