/** The flags that benchmarks of speculative machines share. */
import type { Command } from 'commander';
import type { Placement } from '../../actors/placement.js';
import { type SpeculationSettings, speculationDefaults } from '../../bench/speculation-settings.js';
import { clusterRanges } from '../../src/config/cluster-file.js';
import { limits } from '../../src/config/limits.js';
import { oneOf, PLACEMENT_HELP, placement, refuseRepeats, wholeNumber } from '../usage.js';

/** What a command does not ask for is as in the defaults. */
export interface SpeculationFlags extends Omit<SpeculationSettings, 'delayMs' | 'placement' | 'machine' | 'rounds'> {
  readonly machine?: SpeculationSettings['machine'];
  readonly rounds?: number;
  readonly placement?: Placement;
  readonly delay: number;
  readonly runs: number;
  readonly json?: true;
}

/** The fewest views of a tenure, by the stricter rule. */
const TENURE_MIN = 8;

/** Adds the flags, with these defaults, to a command that has none yet. */
export function addSpeculationFlags(command: Command, defaults: SpeculationSettings): void {
  const count = (flag: string, min: number, max: number, what: string, preset: number): void => {
    command.option(`${flag} <N>`, `${what}, ${min} to ${max}`, wholeNumber(flag, { min, max }), preset);
  };
  const name = (flag: string, names: readonly string[], what: string, preset: string): void => {
    command.option(`${flag} <NAME>`, `${what}: ${names.join(' or ')}`, oneOf(flag, names), preset);
  };
  count('--replicas', 1, 100, 'replicas', defaults.replicas);
  count('--delay', 0, 1000, 'milliseconds one way between two replicas', defaults.delayMs);
  count('--propose-ms', 0, 1000, 'CPU milliseconds of one propose()', defaults.proposeMs);
  count('--buffer', 1, limits.proposalBuffer, 'proposals built ahead at most', defaults.buffer);
  count('--tenure', TENURE_MIN, clusterRanges.tenure.max, 'views of one leader', defaults.tenure);
  name('--rule', ['three-chain', 'two-chain'], 'commit rule', defaults.rule);
  name('--transport', ['tls', 'plain'], 'between processes', defaults.transport);
  name('--durability', ['durable', 'volatile'], 'whether votes wait for the disk', defaults.durability);
  command.option('--placement <P>', `${PLACEMENT_HELP}; by default the machine is apart`, placement);
  count('--duration', 1, 3600, 'seconds measured', defaults.duration);
  count('--warmup', 0, 3600, 'seconds before', defaults.warmup);
  count('--runs', 1, 1000, 'runs of each, on fresh clusters; the medians count', 1);
  command.option('--json', 'print one JSON document');
  refuseRepeats(command);
}

/** Returns what the flags say. */
export function speculationSettings({
  delay: delayMs,
  runs: _runs,
  json: _json,
  placement: given,
  ...rest
}: SpeculationFlags): SpeculationSettings {
  return { ...speculationDefaults, ...rest, delayMs, placement: given ?? null };
}
