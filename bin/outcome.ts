/** How a command ends: exit codes 0 done, 1 failed, 2 wrong usage, and one line on standard error that says why. */
import { CommanderError } from 'commander';
import { oneLine } from '../src/adapters/system-reason.js';

/** The command line itself is wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for could not be done; exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Errors of our own whose message is written for the user. */
const FOR_USERS = new Set(['UsageError', 'Failure', 'ConfigurationError', 'OperationalError']);

/** Tells the user, in one line, why a command ended, and returns the exit code. */
export function exitCodeOf(error: unknown, print: (line: string) => void): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    print(commanderLine(error));
    return 2;
  }
  print(`hotstuff: ${messageOf(error)}`);
  return error instanceof UsageError ? 2 : 1;
}

/** One line about an error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  if ('syscall' in error && error.syscall === 'uv_cwd') return 'the current directory is gone; change to another';
  return oneLine(FOR_USERS.has(error.name) || isSystemError(error) ? error.message : `a bug: ${error.message}`);
}

function isSystemError(error: Error): boolean {
  return 'syscall' in error;
}

function commanderLine(error: CommanderError): string {
  return `hotstuff: ${oneLine(error.message.replace(/^error: /, ''))}`;
}
