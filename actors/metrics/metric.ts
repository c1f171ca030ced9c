/** What a metric is made of: its definition, and where its values stand in a snapshot. */
import type { MetricDefinition, MetricFamily, MetricSample } from '../../src/metric-family.js';
import type { ConsensusCounters } from '../consensus/counters.js';
import type { GatewayCounters } from '../gateway/gateway.js';
import type { NetworkCounters } from '../network/counters.js';
import type { ProposalGeneratorCounters } from '../proposal-generator/proposal-generator.js';
import type { ReplicaSnapshot, Snapshot } from './snapshot.js';

/** Finds a metric's values. */
export type Read = (snapshot: Snapshot) => readonly MetricSample[];

/** A metric and where its values come from. */
export interface Metric extends MetricDefinition {
  readonly read: Read;
}

/** What our actors count by themselves. One that an application put in its place may count something else, or nothing. */
interface OwnCounters {
  readonly consensus: ConsensusCounters;
  readonly proposalGenerator: ProposalGeneratorCounters;
  readonly network: NetworkCounters;
  readonly gateway: GatewayCounters;
}

/** The ways, `held.votes` say, that lead through counters to a `Leaf`. */
export type PathTo<Counters, Leaf> = {
  [Key in keyof Counters & string]: Counters[Key] extends Leaf
    ? Key
    : Counters[Key] extends Readonly<Record<string, unknown>>
      ? `${Key}.${PathTo<Counters[Key], Leaf>}`
      : never;
}[keyof Counters & string];

type Counts = Readonly<Partial<Record<string, number>>>;

const NO_LABELS: MetricSample['labels'] = {};

/** Makes a metric whose values only grow, until what counts them starts anew. */
export function counter(name: string, help: string, read: Read, labels: readonly string[] = []): Metric {
  return { name, help, type: 'counter', labels, read };
}

/** Makes a metric whose values go up and down: how things stand at the moment of the snapshot. */
export function gauge(name: string, help: string, read: Read, labels: readonly string[] = []): Metric {
  return { name, help, type: 'gauge', labels, read };
}

/** A value of the process. */
export function ofProcess(pick: (load: Snapshot['load']) => number): Read {
  return ({ load }) => sampleOf(pick(load));
}

/** A value of the replica, once there is one. */
export function ofReplica(pick: (replica: ReplicaSnapshot) => number): Read {
  return ({ replica }) => (replica === null ? [] : sampleOf(pick(replica)));
}

/** A number that an actor of ours counts. */
export function own<Role extends keyof OwnCounters>(role: Role, path: PathTo<OwnCounters[Role], number>): Read {
  return (snapshot) => sampleOf(found(ownOf(snapshot, role), path));
}

/** Numbers that an actor of ours counts by a literal name, which becomes the label's value. */
export function ownBy<Role extends keyof OwnCounters>(
  label: string,
  role: Role,
  path: PathTo<OwnCounters[Role], Counts>,
): Read {
  return (snapshot) => countsOf(label, found(ownOf(snapshot, role), path));
}

/** One sample for each number of `counts`, whatever that is: an actor of an application's own may give anything. */
export function countsOf(label: string, counts: unknown, labels = NO_LABELS): readonly MetricSample[] {
  if (typeof counts !== 'object' || counts === null) return [];
  return Object.entries(counts).flatMap(([name, value]) => sampleOf(value, { ...labels, [label]: name }));
}

/** The sample of a number that a metric may have; none for anything else. */
export function sampleOf(value: unknown, labels = NO_LABELS): readonly MetricSample[] {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? [{ labels, value }] : [];
}

/** What stands at the end of a path through objects; undefined where it breaks off. */
export function found(from: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), from);
}

/** What an actor counts by itself; null where there is nothing. */
export function ownOf({ replica }: Snapshot, role: string): unknown {
  return replica?.actors?.[role]?.own ?? null;
}

/** The metrics with their values. One without labels that has none is left out: it would be taken for zero. */
export function familiesOf(metrics: readonly Metric[], snapshot: Snapshot): readonly MetricFamily[] {
  return metrics.flatMap(({ read, ...definition }) => {
    const samples = read(snapshot);
    return samples.length === 0 && definition.labels.length === 0 ? [] : [{ ...definition, samples }];
  });
}
