/**
 * A machine that can be placed on another thread: a module that exports {@link MachineModuleExports}. It is loaded, and the
 * machine made, on the thread of the proposal generator.
 */
export interface MachineModule {
  /** `new URL('./my-machine.js', import.meta.url)`. */
  readonly module: URL;
  /** Handed to `createMachine` as a copy, so that it must be structured-clone safe. */
  readonly options?: unknown;
}

/** What the module of a {@link MachineModule} exports: a `CommandMachine` comes of it, or a `StateMachine`. */
export interface MachineModuleExports<Machine, Options = unknown> {
  /** Makes the machine, on the thread where it is to run. */
  readonly createMachine: (options: Options) => Machine | Promise<Machine>;
}

/** Whether a machine is given as its module; a machine itself has methods. */
export function isMachineModule(machine: object): machine is MachineModule {
  return 'module' in machine && !('apply' in machine) && !('propose' in machine);
}
