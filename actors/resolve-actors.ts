import { importModule } from '../src/adapters/import-module.js';
import { describe, isMade, misfit, RIGHT_RESULT } from './make-replacement.js';
import type { ActorFactories, ActorModule, ActorReplacements } from './replacement.js';
import { REPLICA_ROLES } from './roles.js';

/** A factory of some role; which, the key that it stands under says. */
type SomeFactory = (parts: never) => unknown;

/**
 * Checks the actors that an application gave; modules are not loaded.
 * @throws ConfigurationError for a role that there is not, and for what is no actor.
 */
export function checkActors(replacements: ActorReplacements): void {
  for (const [role, replacement] of Object.entries(replacements)) {
    if (!REPLICA_ROLES.some((known) => known === role)) {
      throw misfit(role, `is not the name of an actor; the actors of a replica are ${REPLICA_ROLES.join(', ')}`);
    }
    checkReplacement(role, replacement);
  }
}

/**
 * Loads those of the checked actors that are modules, on this thread.
 * @throws ConfigurationError for a module that cannot be loaded, or makes no actor.
 */
export async function resolveActors(replacements: ActorReplacements): Promise<ActorFactories> {
  const factories: Record<string, SomeFactory> = {};
  for (const [role, replacement] of Object.entries(replacements)) factories[role] = await factoryOf(role, replacement);
  return factories as ActorFactories;
}

function checkReplacement(role: string, replacement: unknown): void {
  if (typeof replacement === 'function' || isMade(replacement)) return;
  if (!isModule(replacement)) {
    const right = `${RIGHT_RESULT}, a function that makes one, or { module: URL }`;
    throw misfit(role, `is ${describe(replacement)}; it must be ${right}`);
  }
  if (!(replacement.module instanceof URL)) {
    const right = "a URL, as in new URL('./my-actor.js', import.meta.url)";
    throw misfit(role, `has the module ${describe(replacement.module)}; it must be ${right}`);
  }
  copyOf(role, replacement.options);
}

async function factoryOf(role: string, replacement: unknown): Promise<SomeFactory> {
  if (typeof replacement === 'function') return replacement as SomeFactory;
  if (isModule(replacement)) return factoryOfModule(role, replacement);
  return () => replacement;
}

async function factoryOfModule(role: string, { module, options }: ActorModule): Promise<SomeFactory> {
  const copy = copyOf(role, options);
  const loaded = await importModule(module);
  if (!loaded.ok) throw misfit(role, `has the module ${module}, which cannot be loaded: ${loaded.reason}`);
  const { createActor } = loaded.exports as { readonly createActor?: unknown };
  if (typeof createActor === 'function') return (parts) => createActor(parts, copy);
  throw misfit(role, `has the module ${module}; it must export a function createActor`);
}

function copyOf(role: string, options: unknown): unknown {
  try {
    return structuredClone(options);
  } catch (error) {
    throw misfit(role, `has options that are not safe to clone to another thread: ${String(error)}`);
  }
}

function isModule(value: unknown): value is ActorModule {
  return typeof value === 'object' && value !== null && 'module' in value;
}
