/**
 * Scenarios of twins: by view, who leads and which nodes hear each other. Plain data: a scenario and its seed give one run.
 * Source: Twins: BFT Systems Made Robust, arXiv:2004.10617, sections 4 and 5.
 */

import { fixedSchedule, type LeaderSchedule } from '../protocol/leader-schedule.js';
import { asReplicaId, type ReplicaId } from '../protocol/numbers.js';
import { faultBound } from '../protocol/quorum.js';
import { SIMULATED_REPLICAS_MAX } from './case.js';
import { misfit } from './json-kinds.js';
import { readObject } from './json-object.js';
import type { NodeId } from './links.js';

/** One view. */
export interface TwinsView {
  /** The replica that leads it; all its copies do, where it has several. */
  readonly leader: number;
  /** The nodes, each in exactly one part; only those of one part hear each other. */
  readonly parts: readonly (readonly NodeId[])[];
}

/**
 * Node i is replica i; node n + j is a further copy of replica `twins[j]`, which has three where it is named twice. After the last of `views` all nodes hear each
 * other, and the replicas without a twin lead by turns.
 */
export interface TwinsScenario {
  readonly version: 1;
  readonly mode: 'twins';
  /** Breaks ties. */
  readonly seed: number;
  readonly replicas: number;
  /** In ascending order; f replicas at most, each of them once or twice. */
  readonly twins: readonly number[];
  readonly rule: 'three-chain' | 'two-chain';
  /** The first is view 1. */
  readonly views: readonly TwinsView[];
}

/** By node, which replica it is. */
export function identitiesOf({ replicas, twins }: Pick<TwinsScenario, 'replicas' | 'twins'>): readonly ReplicaId[] {
  return [...Array(replicas).keys(), ...twins].map(asReplicaId);
}

/** The scenario's leaders, then by turns those that have no twin. A tenure is a view. */
export function scheduleOf({ replicas, twins, views }: TwinsScenario): LeaderSchedule {
  const honest = [...Array(replicas).keys()].filter((replica) => !twins.includes(replica));
  const later = (tenure: number): number => honest[tenure % honest.length] ?? 0;
  return fixedSchedule((tenure) => asReplicaId(views[tenure - 1]?.leader ?? later(tenure)));
}

/** Whether what belongs to a view passes from one node to another. */
export function reachesOf({
  replicas,
  twins,
  views,
}: TwinsScenario): (view: number, from: NodeId, to: NodeId) => boolean {
  const partOf = views.map(({ parts }) => {
    const of = new Array<number>(replicas + twins.length).fill(0);
    for (const [part, nodes] of parts.entries()) for (const node of nodes) of[node] = part;
    return of;
  });
  return (view, from, to) => {
    const of = partOf[view - 1];
    return of === undefined || of[from] === of[to];
  };
}

/** What a file of a scenario says. */
export type ScenarioReading =
  | { readonly ok: true; readonly scenario: TwinsScenario }
  | { readonly ok: false; readonly problem: string };

/** Reads a scenario that a failed run has left, or that somebody wrote. Says what is wrong with a text that is none. */
export function parseScenario(json: string): ScenarioReading {
  const reading = readObject(json);
  if (!reading.ok) return reading;
  const problem = scenarioProblem(reading.fields);
  return problem === null ? { ok: true, scenario: reading.fields as unknown as TwinsScenario } : { ok: false, problem };
}

/** Says why a value is no scenario that can be run; null where it is one. */
export function scenarioProblem(value: unknown): string | null {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { version, mode, seed, replicas, twins, rule, views } = fields;
  const must = (name: string, what: string): string => misfit(fields[name], name, what);
  if (version !== 1) return must('version', '1');
  if (mode !== 'twins') return must('mode', '"twins"');
  if (!isIndex(seed, 2 ** 32)) return must('seed', 'a whole number from 0 to 4294967295');
  if (!isIndex(replicas, SIMULATED_REPLICAS_MAX + 1) || replicas < 4) {
    return must('replicas', `a whole number from 4 to ${SIMULATED_REPLICAS_MAX}`);
  }
  if (!isTwins(twins, replicas))
    return must('twins', 'a list of at most f replicas in ascending order, each once or twice');
  if (rule !== 'three-chain' && rule !== 'two-chain') return must('rule', 'three-chain or two-chain');
  if (!Array.isArray(views)) return must('views', 'a list');
  const nodes = replicas + twins.length;
  for (const [index, view] of views.entries()) {
    const { leader, parts } = (view ?? {}) as Record<string, unknown>;
    if (!isIndex(leader, replicas)) return `views[${index}].leader is ${JSON.stringify(leader)}; it must be a replica`;
    if (!isPartition(parts, nodes))
      return `views[${index}].parts is ${JSON.stringify(parts)}; it must be a list of lists that hold each of the ${nodes} nodes once`;
  }
  return null;
}

function isIndex(value: unknown, below: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < below;
}

function isTwins(value: unknown, replicas: number): value is readonly number[] {
  if (!Array.isArray(value) || new Set(value).size > faultBound(replicas)) return false;
  return value.every(
    (twin, index) =>
      isIndex(twin, replicas) && (index === 0 || twin >= value[index - 1]) && (index < 2 || twin > value[index - 2]),
  );
}

function isPartition(value: unknown, nodes: number): boolean {
  if (!Array.isArray(value) || !value.every(Array.isArray)) return false;
  const all: unknown[] = value.flat();
  return all.length === nodes && new Set(all).size === nodes && all.every((node) => isIndex(node, nodes));
}
