/** What a thread of a replica runs: its share of the actors. Loaded by `startShares`. */
import { poolAt } from '../src/adapters/pool-port.js';
import type { ThreadContext } from '../src/adapters/thread-module.js';
import { type LoadedApplication, loadApplication, nameOf } from './application.js';
import { composeShare, type ShareData } from './compose-share.js';
import type { MachineModule } from './proposal-generator/machine-module.js';
import { resolveActors } from './resolve-actors.js';
import { StarterPort } from './starter-port.js';

/** A {@link MachineModule} or an actor's as it crosses: a URL cannot. */
export interface ModuleData {
  readonly module: string;
  readonly options?: unknown;
}

/** What a thread of a replica is given. */
export interface ReplicaThreadData {
  readonly share: ShareData;
  /** Where the machine is on this thread. */
  readonly application: { readonly kind: LoadedApplication['kind']; readonly machine: ModuleData } | null;
  /** Whether the machine is made on a thread, whose name for it is waited for; `share.settings.machine` counts otherwise. */
  readonly machineElsewhere: boolean;
  /** Actors in place of ours that are on this thread, by role. */
  readonly actors: { readonly [role: string]: ModuleData };
}

/** Runs the share of this thread. @throws as `createReplica` does. */
export async function runThread({ name, links, data, ports }: ThreadContext): Promise<void> {
  const given = data as ReplicaThreadData;
  const starter = new StarterPort(ports.starter as NonNullable<typeof ports.starter>);
  const application = given.application === null ? null : await loadedFrom(given.application);
  if (application !== null) starter.tellMachine(nameOf(application));
  const actors = await resolveActors(
    Object.fromEntries(Object.entries(given.actors).map(([role, actor]) => [role, moduleFrom(actor)])),
  );
  const machine = given.machineElsewhere ? await starter.machineNamed() : given.share.settings.machine;
  const { share } = given;
  const system = composeShare(
    { ...share, settings: { ...share.settings, machine } },
    {
      thread: name,
      links: [...links.values()],
      log: starter.log,
      application,
      actors,
      logPort: ports.log,
      machinePort: ports.machine,
      pool: ports.pool === undefined ? null : poolAt(ports.pool),
      // The calling thread hears of it, and stops the replica.
      onFailure: () => undefined,
    },
  );
  system.start();
}

function loadedFrom({ kind, machine }: NonNullable<ReplicaThreadData['application']>): Promise<LoadedApplication> {
  return loadApplication({ kind, machine: moduleFrom(machine) });
}

function moduleFrom({ module, options }: ModuleData): MachineModule {
  return { module: new URL(module), options };
}
