import { checkOptions } from '../src/config/check-options.js';
import { abortSignal, type OptionTable } from '../src/config/option-kinds.js';

/** How a request may end before it is answered. */
export interface RequestOptions {
  /** Aborted, the promise rejects with its reason at once. What was begun by then is not undone. Null is none. */
  readonly signal?: AbortSignal | null;
}

const REQUEST_TABLE: OptionTable<RequestOptions> = { signal: abortSignal };

/**
 * Returns the signal that a request to `call` was given; undefined for none.
 * @throws ConfigurationError for what is no signal, and for an option that there is not; what the signal was aborted with.
 */
export function signalOf(call: string, options: RequestOptions): AbortSignal | undefined {
  checkOptions(REQUEST_TABLE, options, { call });
  options.signal?.throwIfAborted();
  return options.signal ?? undefined;
}
