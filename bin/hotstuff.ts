#!/usr/bin/env node
/**
 * The command line: one file a command in `commands/`. Signals are followed before anything else is loaded, so that
 * nothing is imported here but what follows them.
 */
import { followProcess } from './lifecycle.js';

const lifecycle = followProcess();
const { runProgram } = await import('./program.js');
const exitCode = await runProgram(process.argv.slice(2), lifecycle);
// Standard output may have failed, and said so, where the command itself did not.
if (exitCode !== 0) process.exitCode = exitCode;
// Whoever started this process with a channel is told by its end, which the channel would put off.
if (process.connected) process.disconnect();
