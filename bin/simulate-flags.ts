/** The flags of `hotstuff simulate`, and which of them each mode takes. */
import type { LeaderScheduleName } from '../src/protocol/leader-schedule.js';
import { UsageError } from './outcome.js';
import type { Part } from './simulate-part.js';

/** What `--mode` may be. */
export const MODES = ['vopr', 'byzz', 'lite', 'twins', 'crashpoint', 'corpus', 'replay'] as const;
type Mode = (typeof MODES)[number];

/** What `--rule` may be. */
export const RULES = ['three-chain', 'two-chain'] as const;

/** The flags as they are given. */
export interface SimulateFlags {
  readonly mode: Mode;
  readonly seed?: number;
  readonly seeds?: number;
  readonly scenarios?: number;
  readonly exhaustive?: true;
  readonly part?: Part;
  readonly jobs: number;
  readonly case?: string;
  readonly replicas?: number;
  readonly rule?: (typeof RULES)[number];
  readonly tenure?: number;
  readonly leaderSchedule?: LeaderScheduleName;
  readonly speculative?: true;
  readonly signatures?: 'hash' | 'ed25519';
  readonly events?: number;
  readonly floors?: true;
  /** False with `--no-shrink`. */
  readonly shrink: boolean;
  readonly json?: true;
}

const DRAWN = ['vopr', 'byzz', 'lite'] as const;
const SEEDED = [...DRAWN, 'crashpoint'] as const;
const MADE = [...SEEDED, 'twins'] as const;

/** The modes that take each flag: in another one it would do nothing, and whoever gives it means something else. */
const MODES_OF: { readonly [Flag in keyof Required<Omit<SimulateFlags, 'mode'>>]: readonly Mode[] } = {
  seed: MADE,
  seeds: SEEDED,
  scenarios: ['twins'],
  exhaustive: ['twins'],
  part: MADE,
  jobs: MADE,
  case: ['replay', 'corpus', 'twins'],
  replicas: MADE,
  rule: MADE,
  tenure: SEEDED,
  leaderSchedule: SEEDED,
  speculative: ['vopr', 'byzz'],
  signatures: SEEDED,
  events: SEEDED,
  floors: ['vopr'],
  shrink: MODES.filter((mode) => mode !== 'replay'),
  json: MODES,
};

/** What a scenario of twins in a file says already. */
const OF_SAMPLES = ['seed', 'scenarios', 'exhaustive', 'part', 'jobs', 'replicas', 'rule', 'shrink'] as const;

/** @throws UsageError for the first flag that does nothing in its mode, or beside another one. */
export function checkFlags(flags: SimulateFlags): void {
  const { mode, jobs, case: file, seeds, speculative, floors } = flags;
  if (floors && (mode !== 'vopr' || speculative))
    throw new UsageError('--floors is for --mode vopr, without --speculative: other runs come to other things');
  for (const name of Object.keys(MODES_OF) as (keyof typeof MODES_OF)[]) {
    if (!isGiven(flags, name) || MODES_OF[name].includes(mode)) continue;
    throw new UsageError(`${flagOf(name)} is for --mode ${inWords(MODES_OF[name])}; --mode ${mode} takes none`);
  }
  const beside = file === undefined || mode !== 'twins' ? undefined : OF_SAMPLES.find((name) => isGiven(flags, name));
  if (beside !== undefined)
    throw new UsageError(`--case names one scenario, which is run as it is: it takes no ${flagOf(beside)}`);
  if (mode === 'replay' && file === undefined) throw new UsageError('--mode replay needs --case FILE');
  if (mode === 'crashpoint' && seeds !== undefined && jobs > 1)
    throw new UsageError('--mode crashpoint shares out the crashes of one seed: it takes no --seeds with --jobs');
}

/** The flags again, as a process is given them that runs a part. Floors are of all parts together. */
export function argumentsOf({
  part: _part,
  jobs: _jobs,
  json: _json,
  floors: _floors,
  shrink,
  ...flags
}: SimulateFlags): readonly string[] {
  const given = Object.entries(flags).flatMap(([name, value]) => {
    return value === true ? [flagOf(name)] : [flagOf(name), String(value)];
  });
  return shrink ? given : [...given, '--no-shrink'];
}

function isGiven(flags: SimulateFlags, name: keyof typeof MODES_OF): boolean {
  if (name === 'shrink') return !flags.shrink;
  return name === 'jobs' ? flags.jobs > 1 : flags[name] !== undefined;
}

function flagOf(name: string): string {
  const flag = name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
  return name === 'shrink' ? '--no-shrink' : `--${flag}`;
}

function inWords(modes: readonly Mode[]): string {
  return modes.length === 1 ? `${modes[0]}` : `${modes.slice(0, -1).join(', ')} and ${modes.at(-1)}`;
}
