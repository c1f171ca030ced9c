/** Reads what `quint run --out-itf` writes: the Informal Trace Format, of the variables of `spec/hotstuff.qnt`. */

/** A block of the model, named by its place in the list; genesis is 0. */
export interface ModelBlock {
  readonly view: number;
  readonly parent: number;
  /** The TC that comes with its proposal, of tenure −1 for none; `high` is the block of the highest QC that it names. */
  readonly tc: { readonly tenure: number; readonly high: number };
}

/** A correct replica of the model; blocks stand for the certificates that name them. */
export interface ModelReplica {
  readonly votedView: number;
  readonly gaveUp: number;
  readonly lock: number;
  readonly highQc: number;
  readonly committed: number;
}

/** What the adversary did in a step, and what each replica answered: '' when it was not asked. */
export interface ModelStep {
  readonly kind: 'init' | 'show' | 'inform' | 'giveUp';
  readonly block: number;
  readonly reached: readonly number[];
  readonly tenure: number;
  readonly answers: ReadonlyMap<number, string>;
}

export interface ModelTimeout {
  readonly signer: number;
  readonly tenure: number;
  readonly high: number;
}

/** The variables of the model after a step; `votes` is by block. */
export interface ModelState {
  readonly blocks: readonly ModelBlock[];
  readonly votes: readonly (readonly number[])[];
  readonly timeouts: readonly ModelTimeout[];
  readonly replicas: ReadonlyMap<number, ModelReplica>;
  readonly last: ModelStep;
}

/** Returns the states of a trace, the initial one first. */
export function readTrace(json: string): readonly ModelState[] {
  const { states } = JSON.parse(json, decode) as { readonly states: readonly Record<string, unknown>[] };
  return states.map((state) => Object.fromEntries(Object.entries(state).map(unqualified)) as unknown as ModelState);
}

/** Integers are small here; sets become lists. */
function decode(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('#bigint' in value) return Number(value['#bigint']);
  if ('#set' in value) return value['#set'];
  if ('#map' in value) return new Map(value['#map'] as readonly (readonly [unknown, unknown])[]);
  return value;
}

/** A variable carries the names of its modules. */
function unqualified([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  return [name.slice(name.lastIndexOf(':') + 1), value];
}
