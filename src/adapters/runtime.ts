/**
 * Actors on event queues (`hotstuff/runtime`): the runtime, which is pure, and this process as its host: clock, timers,
 * scheduler and threads. Knows nothing of HotStuff. What it promises stands in docs/runtime.md.
 * @module hotstuff/runtime
 */
export { ConfigurationError, type ErrorFacts, InvariantViolation, OperationalError } from '../errors.js';
export type { PoolCounters } from '../pool-counters.js';
export * from '../runtime/index.js';
export { createPool, type Pool, type PoolOptions } from './pool.js';
export { systemRandom } from './random.js';
export { startThreads, type ThreadPlan } from './start-threads.js';
export { systemClock } from './system-clock.js';
export { systemHost } from './system-host.js';
export { systemTimers } from './system-timers.js';
export { MAIN_THREAD, type ThreadContext, type ThreadModule } from './thread-module.js';
export type { ThreadPort } from './thread-port.js';
export { scheduleTurn } from './turn-scheduler.js';
