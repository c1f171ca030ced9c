/**
 * Actors of one's own in place of ours: anything that takes the messages of the role. Given as an object or a function
 * an actor stays on the calling thread; to be placed elsewhere it is given as a module (DESIGN section 3).
 */
import type { ClusterConfig } from '../src/config/cluster.js';
import type { HeavyTasks } from '../src/crypto/heavy-tasks.js';
import type { Logger } from '../src/logger.js';
import type { ReplicaId } from '../src/protocol/numbers.js';
import type { Behaviour, PortFactory } from '../src/runtime/behaviour.js';
import type { BehaviourWithPort } from '../src/runtime/index.js';
import type { ActorBehaviour, ActorOptions } from './default-actors.js';
import type { PortOf, ReplicaRole, ReplicaRoles } from './roles.js';

/** What our own actor of that role would be made of: to wrap it, to make it with other settings, or to do without it. */
export interface ActorParts<Role extends ReplicaRole> {
  readonly role: Role;
  readonly id: ReplicaId;
  readonly cluster: ClusterConfig;
  readonly log: Logger;
  /** What `createStorage`, say, makes ours from. Consensus's hold the signer: it alone signs. */
  readonly options: ActorOptions[Role];
  /** Performs the effects of ours. It is opened where it is used, and then once. */
  readonly port: PortOf<Role>;
}

interface AnyEffect {
  readonly type: string;
}

/** A behaviour and, where it has effects of its own, its port; that they fit is checked where it is made. */
export interface CheckedActor<Role extends ReplicaRole> {
  readonly behaviour: Behaviour<ReplicaRoles[Role], AnyEffect>;
  readonly port: PortFactory<AnyEffect, ReplicaRoles[Role]> | undefined;
}

/** A behaviour with effects of its own, for one role. Made by {@link customActor}. */
export class CustomActor<Role extends ReplicaRole> {
  readonly role: Role;
  readonly actor: CheckedActor<Role>;

  constructor(role: Role, actor: CheckedActor<Role>) {
    this.role = role;
    this.actor = actor;
  }
}

/**
 * Joins a behaviour of one's own with the port that performs its effects, for one role. A wrong address, message or
 * effect does not compile. A behaviour that asks for no other effects than ours needs none of this.
 */
export function customActor<Role extends ReplicaRole, Effect extends AnyEffect>(
  role: Role,
  actor: BehaviourWithPort<ReplicaRoles, ReplicaRoles[Role], Effect, HeavyTasks>,
): CustomActor<Role> {
  return new CustomActor(role, actor as unknown as CheckedActor<Role>);
}

/** What a replacement comes to: a behaviour whose effects our port performs, or a {@link customActor}. */
export type MadeActor<Role extends ReplicaRole> = ActorBehaviour<Role> | CustomActor<Role>;

/** Makes a replacement when the replica is put together. */
export type ActorFactory<Role extends ReplicaRole> = (parts: ActorParts<Role>) => MadeActor<Role>;

/** A replacement that can be placed on another thread: a module that exports {@link ActorModuleExports}. */
export interface ActorModule {
  /** `new URL('./my-storage.js', import.meta.url)`. */
  readonly module: URL;
  /** Handed to `createActor` as a copy, so that it must be structured-clone safe. */
  readonly options?: unknown;
}

/** What the module of an {@link ActorModule} exports. */
export interface ActorModuleExports<Role extends ReplicaRole, Options = unknown> {
  /** Makes the actor, once for each replica. */
  readonly createActor: (parts: ActorParts<Role>, options: Options) => MadeActor<Role>;
}

/** One actor of one's own, in any of its forms. */
export type ActorReplacement<Role extends ReplicaRole> = MadeActor<Role> | ActorFactory<Role> | ActorModule;

/** Actors of one's own by role; the others are ours. */
export type ActorReplacements = { readonly [Role in ReplicaRole]?: ActorReplacement<Role> };

/** Replacements that can all be made at once: their modules are loaded. */
export type ActorFactories = { readonly [Role in ReplicaRole]?: ActorFactory<Role> };
