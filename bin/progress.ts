/** A bar on standard error while commands go through a cluster: for people at a terminal, nobody else. */
import { SingleBar } from 'cli-progress';
import type { LineInput } from './command-input.js';

/** Shows the work on a terminal, where there is one. */
export interface Progress {
  /** One more command, of this text, has its outcome. */
  step(command: string): void;
  stop(): void;
}

/** Shows how much of `input` has its outcome and how many commands that are; nothing where nobody sees it or the size is unknown. */
export function showProgress(input: LineInput, wanted: boolean): Progress {
  const { stats } = input;
  if (!wanted || !process.stderr.isTTY || !stats.isFile()) return { step: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {commands} commands, {rate} per second',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  const bytesTotal = stats.size;
  const started = performance.now();
  let commands = 0;
  let bytes = 0;
  bar.start(Math.max(1, bytesTotal), 0, { commands, rate: 0 });
  return {
    step(command) {
      commands += 1;
      bytes += Buffer.byteLength(command) + 1;
      const rate = Math.round((commands * 1000) / Math.max(1, performance.now() - started));
      bar.update(Math.min(bytes, bytesTotal), { commands, rate });
    },
    stop() {
      bar.stop();
    },
  };
}
