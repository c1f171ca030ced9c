/** What is written beside a case that failed: how to run it again, what broke first, and what was sent just before. */
import type { SimulationCase } from './case.js';
import type { SeenEvent } from './seen-events.js';
import { mermaidSequence, textSequence } from './sequence-diagram.js';
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
  const nodes = Math.max(replicas, ...seen.flatMap(nodesOf).map((node) => node + 1));
  const broke =
    violation === null
      ? 'Nothing broke when the case was run again.'
      : `**${violation.invariant}** broke at ${violation.at.toFixed(1)} ms of virtual time, in event ${violation.event}: ${violation.detail}`;
  return `# Seed ${seed}

${broke}

- ${replicas} replicas, ${rule}, tenure ${tenure}; ${faults.length} faults of ${faultsBefore} are left
- revision ${revision}
- run it again: \`hotstuff simulate --mode replay --case ${file}\`

## What was sent last

\`\`\`mermaid
${mermaidSequence(seen, { nodes, replicas })}
\`\`\`

\`\`\`text
${textSequence(seen)}
\`\`\`

## The case

\`\`\`json
${JSON.stringify(parameters, null, 2)}
\`\`\`
`;
}

function nodesOf(event: SeenEvent): readonly number[] {
  if (event.type === 'sent') return [event.from, event.to];
  return event.node === null ? [] : [event.node];
}
