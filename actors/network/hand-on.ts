/** Messages of peers on their way to the actors that they are for, each on its peer's credit. */
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import type { NetworkContext } from './context.js';
import type { PeerLink } from './peer-link.js';
import { type TrafficClass, trafficClassOf } from './traffic.js';

/** Sends a message, `bytes` long as it came, to the actor that it is for; its consumer's turn gives the credit back. */
export function handOn(context: NetworkContext, link: PeerLink, message: PeerMessage, bytes: number): void {
  const from = link.peer;
  const credit = { account: accountOf(link, trafficClassOf(message)), units: bytes };
  switch (message.type) {
    case 'proposal':
      context.effects.push({
        type: 'send',
        credit,
        to: 'consensus',
        message: { type: 'proposalReceived', from, proposal: message.proposal },
      });
      return;
    case 'vote':
      context.effects.push({
        type: 'send',
        credit,
        to: 'consensus',
        message: { type: 'voteReceived', from, vote: message.vote },
      });
      return;
    case 'timeout':
      context.effects.push({
        type: 'send',
        credit,
        to: 'consensus',
        message: { type: 'timeoutReceived', from, timeout: message.timeout },
      });
      return;
    case 'certificates': {
      const { certificates } = message;
      context.effects.push({
        type: 'send',
        credit,
        to: 'consensus',
        message: { type: 'certificatesReceived', from, certificates },
      });
      return;
    }
    case 'fetchRequest':
      context.effects.push({
        type: 'send',
        credit,
        to: 'sync',
        message: { type: 'fetchRequested', from, request: message.request },
      });
      return;
    case 'fetchAnswer':
      context.effects.push({
        type: 'send',
        credit,
        to: 'sync',
        message: { type: 'fetchAnswered', from, answer: message.answer },
      });
      return;
    case 'commands': {
      const { batches } = message;
      context.effects.push({
        type: 'send',
        credit,
        to: 'proposalGenerator',
        message: { type: 'commandsForwarded', from, batches },
      });
      return;
    }
  }
}

/** The name of one class of a link's credit, as the consumers' returns bear it. */
export function accountOf(link: PeerLink, trafficClass: TrafficClass): string {
  return `${link.peer} ${trafficClass}`;
}
