/** A module of an actor: our storage, with what comes in counted under the name that the options give. */
import { type ActorBehaviour, type ActorModuleExports, type ActorParts, createStorage } from 'hotstuff/actors';

export interface CountingOptions {
  readonly name: string;
}

export function createActor({ options }: ActorParts<'storage'>, { name }: CountingOptions): ActorBehaviour<'storage'> {
  const ours = createStorage(options);
  const seen: Record<string, number> = {};
  return {
    receive(message, turn) {
      seen[message.type] = (seen[message.type] ?? 0) + 1;
      return ours.receive(message, turn);
    },
    counters: () => ({ name, seen: { ...seen } }),
  };
}

/** That the module is what createReplica takes, checked where it is written. */
export const contract: ActorModuleExports<'storage', CountingOptions> = { createActor };
