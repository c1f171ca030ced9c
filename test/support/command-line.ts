import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { runProgram } from '../../bin/program.js';

/** The compiled command line. */
export const PROGRAM = fileURLToPath(new URL('../../bin/hotstuff.js', import.meta.url));
/** Who waits so long in a test waits for what never comes; below ava's own limit, so that it is named. */
export const HANG_MS = 150_000;
/** No command of a test takes longer; one that does is killed and fails its test. */
const RUN_MS = 120_000;

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who runs it and where, in place of whoever runs the test and where. */
export type User = { readonly uid?: number; readonly gid?: number; readonly cwd?: string };

/** A command line that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<RunResult>;
  /** Resolves when standard output or error holds `text`; rejects when the process ends before. */
  said(text: string): Promise<void>;
}

/** Starts `hotstuff` with arguments, and `input` as its standard input. It dies with the test. */
export function start(t: ExecutionContext, args: readonly string[], input = '', user: User = {}): Running {
  const running = startFed(t, args, user);
  running.process.stdin?.end(input);
  return running;
}

/** Starts `hotstuff` with arguments and a standard input that stays open. It dies with the test. */
export function startFed(t: ExecutionContext, args: readonly string[], user: User = {}): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'pipe', ...user });
  let stdout = '';
  let stderr = '';
  let heard = (): void => {};
  const hear = (): void => heard();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    hear();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    hear();
  });
  // A program that refuses its arguments does not read its input.
  child.stdin.on('error', () => {});
  const killer = setTimeout(() => child.kill('SIGKILL'), RUN_MS);
  const ended = new Promise<RunResult>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      hear();
      resolve({ code, signal, stdout, stderr });
    });
  });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  return {
    process: child,
    ended,
    async said(text) {
      while (!`${stdout}${stderr}`.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`ended without saying ${text}: ${stderr}`);
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
  };
}

/** Runs `hotstuff` to its end. */
export function run(t: ExecutionContext, args: readonly string[], input = '', user: User = {}): Promise<RunResult> {
  return start(t, args, input, user).ended;
}

/** Runs `hotstuff` within this process: for what a command says before it begins its work. */
export async function runHere(args: readonly string[]): Promise<Omit<RunResult, 'signal'>> {
  const said: { stdout: string; stderr: string } = { stdout: '', stderr: '' };
  const code = await runProgram(args, {
    stopping: new AbortController().signal,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
    print: (line) => {
      said.stdout += `${line}\n`;
    },
    warn: (line) => {
      said.stderr += `${line}\n`;
    },
  });
  return { code, ...said };
}

/** A directory that is gone after the test. */
export async function scratch(t: ExecutionContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'hotstuff-test-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
