import { ConfigurationError, OperationalError, sentenceOf } from '../src/errors.js';
import { type ActorFactory, type ActorParts, type CheckedActor, CustomActor } from './replacement.js';
import type { ReplicaRole } from './roles.js';

/** What stands for an actor, in words. */
export const RIGHT_RESULT = 'a behaviour (an object with a function receive) or a customActor';

/**
 * Makes one replacement; where it has no port of its own, ours performs its effects.
 * @throws ConfigurationError for what is no actor of that role; OperationalError `APPLICATION_THREW` with the cause.
 */
export function makeReplacement<Role extends ReplicaRole>(
  factory: ActorFactory<Role>,
  parts: ActorParts<Role>,
): CheckedActor<Role> {
  const { role, port } = parts;
  const made = callFactory(factory, parts);
  if (made instanceof CustomActor) {
    if (made.role === role) return made.actor as CheckedActor<Role>;
    throw misfit(role, `is a custom actor for ${made.role}; make it with customActor('${role}', …)`);
  }
  if (isMade(made)) return { behaviour: made, port } as unknown as CheckedActor<Role>;
  throw misfit(role, `makes ${describe(made)}; it must make, at once, ${RIGHT_RESULT}`);
}

/** Whether a value stands for an actor as it is. */
export function isMade(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof CustomActor || ('receive' in value && typeof value.receive === 'function');
}

/** The error for a replacement that cannot be; `what` ends a sentence that begins with its option. */
export function misfit(role: string, what: string): ConfigurationError {
  return new ConfigurationError('ACTOR_REPLACEMENT', `actors.${role} ${what}`, { role });
}

/** Names a value that is no actor. */
export function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? 'another object' : String(value);
}

function callFactory<Role extends ReplicaRole>(factory: ActorFactory<Role>, parts: ActorParts<Role>): unknown {
  try {
    return factory(parts);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const { role } = parts;
    const detail = `actors.${role} threw when it was made: ${sentenceOf(error)}`;
    throw new OperationalError('APPLICATION_THREW', detail, { role }, error);
  }
}
