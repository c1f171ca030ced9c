/** Every actor test runs on both hosts: all actors on one thread, and each across the border of a thread of its own. */
import { fileURLToPath } from 'node:url';
import ava, { type ExecutionContext } from 'ava';
import type { AnyEffect } from '../../src/runtime/actor.js';
import { type ActorDefinition, ActorSystem, type ActorSystemOptions } from '../../src/runtime/actor-system.js';
import type { NoTasks, Roles, Tasks } from '../../src/runtime/behaviour.js';
import { inSystem } from './border.js';
import { comparing, HOSTS, newRun, presentRun, problemOf, problemOfSystem, within } from './host-runs.js';
import { SpanningSystem } from './spanning-system.js';

export { type Host, onHost } from './host-runs.js';

/** What tests do with an actor system, wherever its actors are. */
export interface TestSystem<R extends Roles, T extends Tasks = NoTasks>
  extends Pick<ActorSystem<R, T>, 'start' | 'post' | 'runUntilIdle' | 'stop' | 'counters'> {
  add<Role extends keyof R & string, Effect extends AnyEffect>(
    role: Role,
    definition: ActorDefinition<R, R[Role], Effect, T>,
  ): TestSystem<R, T>;
}

/** Files with tests of actors for one host, below `test`, each with its reason. Their runs print it. */
export const ON_ONE_HOST: ReadonlyMap<string, string> = new Map([
  ['actors/consensus/leader-schedule', 'what it compares are paces, with the turns of one thread'],
]);

type Implementation = (t: ExecutionContext) => void | Promise<void>;

/**
 * Declares a test twice: once on either host. It fails on a host where no actor is told anything, and across threads where
 * nothing crosses; one of the runtime itself, where no actor system is made.
 */
export function onBothHosts(title: string, run: Implementation): void {
  for (const host of HOSTS) {
    ava(host === 'inline' ? title : `${title} (${host})`, async (t) => {
      const own = newRun(host);
      await within(own, () => run(t));
      const problem = testedActor() === null ? problemOfSystem(own) : problemOf(own);
      if (problem !== null) t.fail(problem);
    });
  }
}

/**
 * Declares a test of what only one thread promises: the turns of actors among each other, or that something is at once.
 * @throws Error where {@link ON_ONE_HOST} does not name the file, unless it tests the runtime itself.
 */
export function onOneThread(title: string, run: Implementation): void {
  const reason = reasonForOneHost(testedActor());
  ava(title, async (t) => {
    if (reason !== null) t.log(`on one host: ${reason}`);
    await within(newRun('inline'), () => run(t));
  });
}

/**
 * Makes something across threads, whatever test runs.
 * @throws Error as {@link onOneThread} does.
 */
export function acrossThreads<Made>(make: () => Made): Made {
  reasonForOneHost(testedActor());
  return within(newRun('across threads'), make);
}

/** Declares a test that compares one host with the other, by `onHost`. It fails unless it has used both. */
export function betweenHosts(title: string, run: Implementation): void {
  ava(title, async (t) => {
    const problems = await comparing(() => run(t));
    if (problems.length > 0) t.fail(problems.join('\n'));
  });
}

/** Makes an actor system on the host of the running test; `threads` says which roles share one, the others have their own. */
export function systemOnHost<R extends Roles, T extends Tasks = NoTasks>(
  options: ActorSystemOptions<R, T>,
  threads: readonly (readonly (keyof R & string)[])[] = [],
): TestSystem<R, T> {
  const run = presentRun();
  run.systems += 1;
  const spans = run.host === 'across threads';
  const system: TestSystem<R, T> = spans ? new SpanningSystem(options, threads) : new ActorSystem(options);
  const add: typeof system.add = system.add.bind(system);
  system.add = (role, definition) => {
    add(role, { ...definition, behaviour: inSystem(definition.behaviour) } as unknown as typeof definition);
    return system;
  };
  return system;
}

/** Whether the host of the running test copies messages: on one thread they are shared, as in an inline replica. */
export function copiesMessages(): boolean {
  return presentRun().host === 'across threads';
}

/** The test file that runs, below `test`; null for one of the runtime itself. */
function testedActor(): string | null {
  const [, file = ''] = /[/\\]test[/\\](.*)\.test\.js$/.exec(fileURLToPath(ava.meta.file)) ?? [];
  const path = file.replaceAll('\\', '/');
  return path.startsWith('runtime/') ? null : path;
}

/**
 * Why a file below `test` has tests for one host; null for null, which is one of the runtime itself.
 * @throws Error where there is no reason.
 */
export function reasonForOneHost(file: string | null): string | null {
  if (file === null) return null;
  const reason = ON_ONE_HOST.get(file);
  if (reason === undefined) throw new Error(`${file} has a test for one host, and no reason in test/support/hosts.ts`);
  return reason;
}
