/** What actors see of a statechart: a table that they step through, and no trace of the library it is written in. */

/** The phase that a step led to and the named actions to perform, in order: exits, the transition's own, entries. */
export interface ChartStep<State extends string, Action extends string> {
  readonly state: State;
  readonly actions: readonly Action[];
}

/** `'leading.stable'` lies in `'leading.stable'` and in `'leading'`. */
export type Region<State extends string> = State extends `${infer Outer}.${infer Inner}`
  ? Outer | `${Outer}.${Region<Inner>}`
  : State;

/**
 * A statechart compiled to a table. It holds no state of its own: the actor keeps the name of its phase and hands it in.
 * States are leaves, nested ones joined by dots: `'leading.stable'`.
 */
export interface Chart<State extends string, Event extends { readonly type: string }, Action extends string> {
  readonly initial: State;
  /** The entry actions of the initial state, for the actor's start. */
  readonly initialActions: readonly Action[];
  /** Every leaf, in the order of the definition. */
  readonly states: readonly State[];
  /** Every event type that some state accepts. */
  readonly events: readonly Event['type'][];
  /**
   * One event in one state; null when `state` does not accept it (xstate would ignore it silently: count it).
   * Steps are shared and frozen: the same transition gives the same object.
   */
  step(state: State, event: Event): ChartStep<State, Action> | null;
  /** Whether `state` is `region` or lies in it. */
  matches(state: State, region: Region<State>): boolean;
}

/**
 * A chart of any actor. Options that take one name this type, and the actor narrows it: the exact types come from xstate,
 * whose declarations users of the actors should not need.
 */
export type AnyChart = Chart<string, { readonly type: string }, string>;
