/**
 * Events that a statechart has nothing to do for in some states, and why that is right (S13). An event that is ignored in
 * a state that stands here for no such reason is one that the chart forgets, or that its actor should not have told it.
 */

/** One event, and the states of one chart that need not take it. */
export interface IgnorableEvent {
  readonly chart: string;
  readonly event: string;
  /** Leaves, or outer states with all that is in them. */
  readonly states: readonly string[];
  readonly reason: string;
}

/** All of them. Blocks have none: their actor stops the replica at an event that the chart does not take. */
export const IGNORABLE: readonly IgnorableEvent[] = [
  {
    chart: 'pacemaker',
    event: 'workArrived',
    states: ['following', 'timedOut'],
    reason: 'another leads, or nobody any more: who leads next is told whether work waits when it enters',
  },
  {
    chart: 'pacemaker',
    event: 'workArrived',
    states: ['leading.unstable'],
    reason: 'it has proposed at once, whatever there was; what it proposes next follows the certificate',
  },
  {
    chart: 'pacemaker',
    event: 'heartbeatDue',
    states: ['timedOut'],
    reason: 'it gave the tenure up while it rested, and the timer of the rest runs on',
  },
  {
    chart: 'pacemaker',
    event: 'gaveUp',
    states: ['timedOut'],
    reason: 'consensus says of the Timeout that this actor asked for what it knows',
  },
  {
    chart: 'pacemaker',
    event: 'commandTimerExpired',
    states: ['timedOut'],
    reason: 'the tenure of the leader that left the command out is given up already',
  },
  {
    chart: 'sync',
    event: 'blocksMissing',
    states: ['behind'],
    reason: 'it fetches already, and what it fetches is data: the newer certificate',
  },
  {
    chart: 'sync',
    event: 'nothingMissing',
    states: ['complete'],
    reason: 'consensus lacks nothing any more, and settles the batches that it was given before',
  },
  {
    chart: 'sync',
    event: 'deliveredInVain',
    states: ['behind.asking', 'behind.resting'],
    reason: 'it begins anew on what is committed once the answer is here, or the rest is over',
  },
  {
    chart: 'sync',
    event: 'peerConnected',
    states: ['complete', 'behind.delivering', 'behind.asking'],
    reason: 'one more to ask, and only who found nobody waits for one',
  },
  {
    chart: 'proposal-generator',
    event: 'leadershipLost',
    states: ['validating', 'rewinding.following'],
    reason: 'told at each change of the leader, and it did not lead before either',
  },
  {
    chart: 'proposal-generator',
    event: 'leadershipGained',
    states: ['proposing', 'rewinding.leading'],
    reason: 'told at each change of the leader, and of those that it hears of it leads two in a row',
  },
  {
    chart: 'storage',
    event: 'gathered',
    states: ['open.gathering', 'open.sealing', 'open.writing'],
    reason: 'a batch is being written or rests, and what is gathered goes with the next one',
  },
  {
    chart: 'connection',
    event: 'misbehaved',
    states: ['banned'],
    reason: 'it is kept out already, and spoke on a connection that it had not greeted on',
  },
];

/** Whether a reason stands here for which a chart ignores `event` in the leaf `state`. */
export function mayIgnore(chart: string, state: string, event: string): boolean {
  return IGNORABLE.some(
    (row) => row.chart === chart && row.event === event && row.states.some((region) => isIn(state, region)),
  );
}

function isIn(state: string, region: string): boolean {
  return state === region || state.startsWith(`${region}.`);
}
