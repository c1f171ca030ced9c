/**
 * The mailboxes of a replica's actors. What the replica's own actors say to each other goes through the control lane,
 * in order, and holds its sender back rather than get lost; what strangers can cause goes through the others, where the
 * credits of DESIGN section 3 keep it far below the lane's capacity.
 */
import { limits } from '../src/config/limits.js';
import type { Message } from '../src/runtime/behaviour.js';
import type { Lane } from '../src/runtime/lane.js';
import type { MailboxOptions } from '../src/runtime/mailbox.js';
import type { ReplicaRoles } from './roles.js';

type LanesOf<Own extends Message> = Partial<Record<Own['type'], Exclude<Lane, 'control'>>>;

/** What is not named here is control. */
const LANES: { readonly [Role in keyof ReplicaRoles]: LanesOf<ReplicaRoles[Role]> } = {
  replica: {},
  pacemaker: {},
  consensus: {
    voteReceived: 'protocol',
    timeoutReceived: 'protocol',
    certificatesReceived: 'protocol',
    proposalReceived: 'bulk',
    ancestorsArrived: 'bulk',
  },
  proposalGenerator: { commandsReceived: 'bulk', commandsForwarded: 'bulk', stateHashWanted: 'bulk' },
  network: {
    frameReceived: 'protocol',
    connectionOpened: 'protocol',
    connectionClosed: 'protocol',
    // What was read is handed on before more of a body is sent: of a leader's votes, the slowest hundredth waited for that.
    transmitted: 'bulk',
  },
  storage: { readRange: 'bulk', readBranch: 'bulk', readEvidence: 'bulk' },
  sync: { fetchRequested: 'bulk', fetchAnswered: 'bulk' },
  gateway: { frameReceived: 'protocol', connectionOpened: 'protocol', connectionClosed: 'protocol' },
};

/**
 * Returns the mailbox of one role in a cluster of `replicas`: its lanes for strangers hold what all peers may have on the
 * way, and as much again for clients.
 */
export function mailboxFor<Role extends keyof ReplicaRoles>(
  role: Role,
  replicas: number,
): MailboxOptions<ReplicaRoles[Role]> {
  const lanes = new Map<string, Lane>(Object.entries(LANES[role]));
  const capacity = limits.mailboxPerReplica * Math.max(limits.mailboxReplicasMin, replicas);
  return {
    lanes: {
      control: { capacity: limits.mailboxControl, overflow: 'holdBack' },
      protocol: { capacity, overflow: 'refuse' },
      bulk: { capacity, overflow: 'refuse' },
    },
    laneOf: ({ type }) => lanes.get(type) ?? 'control',
  };
}
