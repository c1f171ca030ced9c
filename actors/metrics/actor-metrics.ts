/** Metrics that every actor has: its mailbox, its turns. */
import type { ActorCounters } from '../../src/runtime/inspection.js';
import type { LaneCounters } from '../../src/runtime/lane.js';
import { counter, gauge, type Metric, type Read, sampleOf } from './metric.js';
import type { Snapshot } from './snapshot.js';

const LANES = ['control', 'protocol', 'bulk'] as const;
const LANE_LABELS = ['actor', 'lane'];
const ACTOR_LABELS = ['actor'];

const mailboxes: readonly Metric[] = [
  gauge(
    'hotstuff_mailbox_messages',
    'Messages that wait in a lane of an actor’s mailbox.',
    ofLanes(({ depth }) => depth),
    LANE_LABELS,
  ),
  gauge(
    'hotstuff_mailbox_high_water_messages',
    'Most messages that ever waited there.',
    ofLanes(({ highWater }) => highWater),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_accepted_total',
    'Messages put into the lane.',
    ofLanes(({ accepted }) => accepted),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_handled_total',
    'Messages of the lane that the actor has handled.',
    ofLanes(({ handled }) => handled),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_refused_total',
    'Messages that the full lane refused.',
    ofLanes(({ refused }) => refused),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_dropped_total',
    'Messages of the full lane that made room for newer ones.',
    ofLanes(({ dropped }) => dropped),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_held_back_total',
    'Times that a sender had to wait for the full lane.',
    ofLanes(({ heldBack }) => heldBack),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_waiting_seconds_total',
    'Time that handled messages had waited in the lane, summed up.',
    ofLanes(({ waitedMs }) => waitedMs / 1e3),
    LANE_LABELS,
  ),
  counter(
    'hotstuff_mailbox_processing_seconds_total',
    'Time that the actor spent on messages of the lane.',
    ofLanes(({ processedMs }) => processedMs / 1e3),
    LANE_LABELS,
  ),
];

/** Of each actor. */
export const ACTOR_METRICS: readonly Metric[] = [
  ...mailboxes,
  counter(
    'hotstuff_actor_turns_total',
    'Turns that an actor had; one may handle many messages.',
    ofActors(({ turns }) => turns),
    ACTOR_LABELS,
  ),
  gauge(
    'hotstuff_actor_timers',
    'Timers of an actor that run.',
    ofActors(({ timers }) => timers),
    ACTOR_LABELS,
  ),
  gauge(
    'hotstuff_actor_offloads',
    'Tasks that an actor has given to the pool and that are not answered.',
    ofActors(({ offloads }) => offloads),
    ACTOR_LABELS,
  ),
  gauge(
    'hotstuff_actor_held_back',
    '1 while an actor waits for room in the mailbox of another one.',
    ofActors(({ heldBack }) => (heldBack ? 1 : 0)),
    ACTOR_LABELS,
  ),
];

function ofLanes(pick: (lane: LaneCounters) => number): Read {
  return (snapshot) =>
    actorsOf(snapshot).flatMap(([actor, { lanes }]) =>
      LANES.flatMap((lane) => sampleOf(pick(lanes[lane]), { actor, lane })),
    );
}

function ofActors(pick: (actor: ActorCounters) => number): Read {
  return (snapshot) => actorsOf(snapshot).flatMap(([actor, counters]) => sampleOf(pick(counters), { actor }));
}

function actorsOf({ replica }: Snapshot): readonly (readonly [string, ActorCounters])[] {
  return Object.entries(replica?.actors ?? {});
}
