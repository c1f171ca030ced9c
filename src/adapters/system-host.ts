import type { ActorSystemOptions } from '../runtime/actor-system.js';
import type { Roles } from '../runtime/behaviour.js';
import { systemClock } from './system-clock.js';
import { systemTimers } from './system-timers.js';
import { scheduleTurn } from './turn-scheduler.js';

/**
 * This process as the host of an actor system: the machine's monotonic clock, Node's timers, and turns between the events of
 * its loop. `new ActorSystem({ ...systemHost, roles, onFailure })`
 */
export const systemHost: Pick<ActorSystemOptions<Roles>, 'clock' | 'timers' | 'schedule'> = {
  clock: systemClock,
  timers: systemTimers,
  schedule: scheduleTurn,
};
