/** The log as the rest of the code sees it. It is handed in as a synchronous object; pino stands behind it in adapters. */
import type { ErrorFacts } from './errors.js';

/** What an event is about. Four names stand in every line of the log already, and would hide what they stand for there. */
export type LogFacts = ErrorFacts & {
  readonly level?: never;
  readonly time?: never;
  readonly event?: never;
  readonly replica?: never;
};

/** `event` is a literal name that a reader can search for; what varies goes into `facts`. Quiet in normal operation. */
export interface Logger {
  /** What an operator may want to know; not written unless asked for. */
  info(event: string, facts?: LogFacts): void;
  /** What somebody should look at. */
  warn(event: string, facts?: LogFacts): void;
}

/** A log that keeps nothing. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined };
