/** The client actor's mailbox: sockets, the application's commands, and the actor's own timers do not wait for each other. */
import type { Lane, MailboxOptions } from '../../src/runtime/index.js';
import type { ClientMessage } from './messages.js';

function laneOf(message: ClientMessage): Lane {
  switch (message.type) {
    case 'commandsSubmitted':
    case 'submissionsAbandoned':
    case 'statusAsked':
    case 'logAsked':
      return 'bulk';
    case 'retryDue':
    case 'dialDue':
    case 'greetingExpired':
    case 'queryExpired':
    case 'openClient':
    case 'stopRequested':
      return 'control';
    default:
      return 'protocol';
  }
}

/** What a full lane does not take is offered again by the sockets, the timers and the facade: nothing is lost. */
export const clientMailbox: MailboxOptions<ClientMessage> = {
  lanes: {
    control: { capacity: 1024, overflow: 'refuse' },
    protocol: { capacity: 1024, overflow: 'refuse' },
    bulk: { capacity: 1024, overflow: 'refuse' },
  },
  laneOf,
};
