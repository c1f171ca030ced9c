#!/usr/bin/env node
/** The command line: one file a command in `commands/`. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { registerBench } from './commands/bench.js';
import { registerCharts } from './commands/charts.js';
import { registerCluster } from './commands/cluster.js';
import { registerInit } from './commands/init.js';
import { registerLog } from './commands/log.js';
import { registerStart } from './commands/start.js';
import { registerStatus } from './commands/status.js';
import { registerSubmit } from './commands/submit.js';
import { followProcess, type Lifecycle } from './lifecycle.js';
import { exitCodeOf, UsageError } from './outcome.js';

async function main(args: readonly string[], lifecycle: Lifecycle): Promise<number> {
  const program = createProgram(lifecycle);
  try {
    if (args.length === 0) throw new UsageError('no command is given; hotstuff --help lists them');
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, lifecycle.warn);
  } finally {
    if (process.connected) process.disconnect();
  }
}

function createProgram(lifecycle: Lifecycle): Command {
  const program = new Command('hotstuff')
    .description('Byzantine-fault-tolerant replication of a state machine')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', '\nExample:\n  hotstuff cluster --commands examples/key-value/commands.txt --exit')
    // Errors are told in one line by exitCodeOf.
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  registerInit(program, lifecycle);
  registerStart(program, lifecycle);
  registerCluster(program, lifecycle);
  registerSubmit(program, lifecycle);
  registerStatus(program, lifecycle);
  registerLog(program, lifecycle);
  registerCharts(program, lifecycle);
  registerBench(program, lifecycle);
  return program;
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const lifecycle = followProcess();
const exitCode = await main(process.argv.slice(2), lifecycle);
// Standard output may have failed, and said so, where the command itself did not.
if (exitCode !== 0) process.exitCode = exitCode;
