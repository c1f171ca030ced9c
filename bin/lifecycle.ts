/**
 * When a command must stop: at the first SIGINT, SIGTERM or SIGHUP, when standard output is closed, or when the
 * process that started it is gone. A second signal ends the process at once.
 */
import { systemReason } from '../src/adapters/system-reason.js';

/** Stopping in order takes at most this long; DESIGN section 11 allows 5 s. */
const STOP_MS = 4500;

/** How a command ends, and where it prints. */
export interface Lifecycle {
  /** Aborted once, when the command is to stop accepting, flush and end. */
  readonly stopping: AbortSignal;
  /** Milliseconds until a command that is to stop is ended whatever it does; infinite while it is not. */
  timeLeftMs(): number;
  /** Prints one line on standard output; nothing any more once that is closed. */
  print(line: string): void;
  /** Prints one line on standard error. */
  warn(line: string): void;
}

/** Follows this process's signals and streams. Called once, by the main program. */
export function followProcess(): Lifecycle {
  const controller = new AbortController();
  let outputClosed = false;
  let endsAt = Number.POSITIVE_INFINITY;

  function stop(): void {
    if (controller.signal.aborted) return;
    endsAt = performance.now() + STOP_MS;
    controller.abort();
    const watchdog = setTimeout(() => {
      process.stderr.write(`hotstuff: did not stop within ${STOP_MS} ms\n`);
      process.exit(1);
    }, STOP_MS);
    watchdog.unref();
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      stop();
    });
  }
  process.once('disconnect', stop);
  // It may have gone while the modules were loaded; undefined where nobody started this process with a channel.
  if (process.connected === false) stop();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Who closed it has read enough; anything else lost what was to be read, and that is told once.
    if (error.code !== 'EPIPE' && !outputClosed) {
      process.stderr.write(`hotstuff: standard output cannot be written: ${systemReason(error)}\n`);
      process.exitCode = 1;
    }
    outputClosed = true;
    stop();
  });
  // Whoever closed standard error does not want to read that it is closed.
  process.stderr.on('error', () => undefined);

  return {
    stopping: controller.signal,
    timeLeftMs: () => endsAt - performance.now(),
    print(line) {
      if (!outputClosed) process.stdout.write(`${line}\n`);
    },
    warn(line) {
      process.stderr.write(`${line}\n`);
    },
  };
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves after `milliseconds`, or at once when `signal` is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

/** A lifecycle that ends at `other`, too. */
export function endingWith(lifecycle: Lifecycle, other: AbortSignal): Lifecycle {
  const either = new AbortController();
  for (const signal of [lifecycle.stopping, other]) {
    void aborted(signal).then(() => either.abort(signal.reason));
  }
  return { ...lifecycle, stopping: either.signal };
}
