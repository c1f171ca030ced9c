/** The log of a process: JSON lines by pino, on standard error, so that standard output stays the program's own. */
import { destination, type Level, pino } from 'pino';
import type { ErrorFacts } from '../errors.js';
import type { Logger } from '../logger.js';

/** What `createLogger` takes. */
export interface LoggerOptions {
  /** The least that is written. Default `warn`: normal operation writes nothing. */
  readonly level?: Level | 'silent';
  /** Stands in every line, `{ replica: 2 }` say. */
  readonly context?: ErrorFacts;
  /** Where lines go; a file descriptor. Default 2. */
  readonly fd?: number;
}

/** Makes a logger whose lines are `{ level, time, event, …context, …facts }`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'warn', context = {}, fd = 2 } = options;
  const log = pino({ level, base: context, messageKey: 'event' }, destination({ fd, sync: true }));
  return {
    info: (event, facts = {}) => log.info(facts, event),
    warn: (event, facts = {}) => log.warn(facts, event),
  };
}
