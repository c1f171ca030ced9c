/** The log as the rest of the code sees it. It is handed in as a synchronous object; pino stands behind it in adapters. */
import type { ErrorFacts } from './errors.js';

/** `event` is a literal name that a reader can search for; what varies goes into `facts`. Quiet in normal operation. */
export interface Logger {
  /** What an operator may want to know; not written unless asked for. */
  info(event: string, facts?: ErrorFacts): void;
  /** What somebody should look at. */
  warn(event: string, facts?: ErrorFacts): void;
}

/** A log that keeps nothing. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined };
