import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { commandModules } from './command-modules.js';
import type { Lifecycle } from './lifecycle.js';
import { exitCodeOf, UsageError } from './outcome.js';

/** Runs the command that `args` say, to its end; resolves with the exit code. What went wrong is told in one line. */
export async function runProgram(args: readonly string[], lifecycle: Lifecycle): Promise<number> {
  const program = await createProgram(args[0], lifecycle);
  try {
    if (args.length === 0) throw new UsageError('no command is given; hotstuff --help lists them');
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, lifecycle.warn);
  }
}

async function createProgram(command: string | undefined, lifecycle: Lifecycle): Promise<Command> {
  const program = new Command('hotstuff')
    .description('Byzantine-fault-tolerant replication of a state machine')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', '\nExample:\n  hotstuff cluster --commands examples/key-value/commands.txt --exit')
    // Errors are told in one line by exitCodeOf.
    .configureOutput({ writeOut: (text) => lifecycle.print(text.replace(/\n$/, '')), writeErr: () => undefined })
    .exitOverride();
  for (const register of await commandModules(command)) register(program, lifecycle);
  return program;
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
