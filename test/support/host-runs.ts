/** What a test does on one host is counted while it runs: a test on both hosts is proven to have used both, or fails. */
import { AsyncLocalStorage } from 'node:async_hooks';

export type Host = 'inline' | 'across threads';

export const HOSTS: readonly Host[] = ['inline', 'across threads'];

/** A test, or a part of one, on one host. */
export interface HostRun {
  readonly host: Host;
  /** Actor systems that were made. */
  systems: number;
  /** Messages that actors handled. */
  told: number;
  /** Messages and effects that were copied on their way, as the border of a thread copies them. */
  crossed: number;
}

const runs = new AsyncLocalStorage<HostRun>();
const comparisons = new AsyncLocalStorage<ReadonlyMap<Host, HostRun>>();

/** A run of which nothing has been done yet. */
export function newRun(host: Host): HostRun {
  return { host, systems: 0, told: 0, crossed: 0 };
}

/** Does something as a part of `run`, and of no other. */
export function within<Made>(run: HostRun, make: () => Made): Made {
  return runs.run(run, make);
}

/**
 * The run that the caller is part of. Whoever makes an actor asks, and keeps it: what the actor is told counts there.
 * @throws Error outside of any: a test that ava itself declares has no host.
 */
export function presentRun(): HostRun {
  const run = runs.getStore();
  if (run === undefined) {
    throw new Error(
      'an actor is made by a test that has no host: declare it with onBothHosts of test/support/hosts.ts',
    );
  }
  return run;
}

/** Counts messages that cross, where that is part of a test's run. A way between threads may be tested without any actor. */
export function crossingCounter(): (messages: number) => void {
  const run = runs.getStore();
  return (messages) => {
    if (run !== undefined) run.crossed += messages;
  };
}

/** Why a run of a test of the runtime itself, which posts by itself, proves nothing of its host, or null where it does. */
export function problemOfSystem({ host, systems }: HostRun): string | null {
  return systems === 0 ? `${host}: no actor system was made` : null;
}

/** Why a run proves nothing of its host, or null where it does. */
export function problemOf({ host, told, crossed }: HostRun): string | null {
  if (told === 0) return `${host}: no actor was told anything`;
  return host === 'across threads' && crossed === 0 ? `${host}: nothing crossed the border of a thread` : null;
}

/** Does something that compares the hosts, by {@link onHost}; resolves with why it does not, a line a host. */
export async function comparing(compare: () => void | Promise<void>): Promise<readonly string[]> {
  const both = new Map(HOSTS.map((host) => [host, newRun(host)]));
  await comparisons.run(both, compare);
  return [...both.values()].flatMap((run) => problemOf(run) ?? []);
}

/**
 * Makes something on a host of the test's choice.
 * @throws Error but in a test that compares hosts: one of its own host must not leave it.
 */
export function onHost<Made>(host: Host, make: () => Made): Made {
  const run = comparisons.getStore()?.get(host);
  if (run === undefined) {
    throw new Error(`only a test that betweenHosts declares chooses its host, and this one asks for ${host}`);
  }
  return within(run, make);
}
