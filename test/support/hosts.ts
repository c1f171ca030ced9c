/** Every actor test runs on both hosts: all actors on one thread, and each across the border of a thread of its own. */
import { AsyncLocalStorage } from 'node:async_hooks';
import ava, { type ExecutionContext } from 'ava';
import type { AnyEffect } from '../../src/runtime/actor.js';
import { type ActorDefinition, ActorSystem, type ActorSystemOptions } from '../../src/runtime/actor-system.js';
import type { Message, NoTasks, Roles, Tasks } from '../../src/runtime/behaviour.js';
import { OutgoingBytes } from '../../src/runtime/outgoing-bytes.js';
import { SpanningSystem } from './spanning-system.js';

export type Host = 'inline' | 'across threads';

/** What tests do with an actor system, wherever its actors are. */
export interface TestSystem<R extends Roles, T extends Tasks = NoTasks>
  extends Pick<ActorSystem<R, T>, 'start' | 'post' | 'runUntilIdle' | 'stop' | 'counters'> {
  add<Role extends keyof R & string, Effect extends AnyEffect>(
    role: Role,
    definition: ActorDefinition<R, R[Role], Effect, T>,
  ): TestSystem<R, T>;
}

export const HOSTS: readonly Host[] = ['inline', 'across threads'];
const host = new AsyncLocalStorage<Host>();

/** The host that the running test is for. */
export function currentHost(): Host {
  return host.getStore() ?? 'inline';
}

/** Makes something across threads, whatever test runs. */
export function acrossThreads<Made>(make: () => Made): Made {
  return host.run('across threads', make);
}

/** Declares a test twice: once on either host. */
export function onBothHosts(title: string, run: (t: ExecutionContext) => void | Promise<void>): void {
  for (const each of HOSTS) {
    ava(each === 'inline' ? title : `${title} (${each})`, (t) => host.run(each, () => run(t)));
  }
}

/**
 * Answers with what arrives of a message, or of an effect with its messages, on the host of the running test: itself, or
 * across threads a copy, made as a border makes it. For tests that drive one behaviour by hand.
 */
export function asCrossed<Sent extends Message>(sent: Sent): Sent {
  if (currentHost() === 'inline') return sent;
  const bytes = new OutgoingBytes();
  const prepared = bytes.prepare(sent);
  return structuredClone(prepared, { transfer: bytes.moved }) as Sent;
}

/** Declares a test of what only one thread promises: the turns of actors among each other, or that something is at once. */
export const onOneThread = ava;

/** Makes an actor system on the host of the running test; `threads` says which roles share one, the others have their own. */
export function systemOnHost<R extends Roles, T extends Tasks = NoTasks>(
  options: ActorSystemOptions<R, T>,
  threads: readonly (readonly (keyof R & string)[])[] = [],
): TestSystem<R, T> {
  return currentHost() === 'inline' ? new ActorSystem(options) : new SpanningSystem(options, threads);
}

/** Declares a test that compares one host with the other. */
export const betweenHosts = ava;

/** Makes something on a host of the test's choice. */
export function onHost<Made>(which: Host, make: () => Made): Made {
  return host.run(which, make);
}
