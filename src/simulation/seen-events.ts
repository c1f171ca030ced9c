/** What a reader of a failed run is shown of it: messages between replicas, and what happened to them, each in a few words. */
import type { QuorumCertificate, TimeoutCertificate } from '../protocol/types.js';
import type { PeerMessage } from '../wire/peer-messages.js';
import type { Fault } from './case.js';

/** One thing that happened. `at`: virtual milliseconds. */
export type SeenEvent = { readonly at: number } & (
  | { readonly type: 'sent'; readonly from: number; readonly to: number; readonly text: string }
  /** About one node, or all of them (null). */
  | { readonly type: 'note'; readonly node: number | null; readonly text: string }
);

/** Digits of a hash that are shown: enough to tell the blocks of one run apart. */
const HASH_DIGITS = 6;

/** A message in a few words: its type, view, height and short hashes. */
export function messageText(message: PeerMessage): string {
  switch (message.type) {
    case 'proposal': {
      const { hash, header, body } = message.proposal.block;
      const what = body.length === 0 ? 'empty' : `${body.length} B`;
      return `proposal ${short(hash)} v${header.view} h${header.height} (${what}), ${qcText(header.justify)}${tcText(message.proposal.tc)}`;
    }
    case 'vote':
      return `vote v${message.vote.view} ${short(message.vote.block)}`;
    case 'timeout':
      return `Timeout t${message.timeout.tenure}, ${qcText(message.timeout.highQc)}`;
    case 'certificates':
      return `${qcText(message.certificates.highQc)}${tcText(message.certificates.tc)}`;
    case 'fetchRequest': {
      const { request } = message;
      return request.kind === 'range' ? `fetch from h${request.fromHeight}` : `fetch branch ${short(request.tip)}`;
    }
    case 'fetchAnswer': {
      const [first, last] = [message.answer.blocks[0], message.answer.blocks.at(-1)];
      if (first === undefined || last === undefined) return 'no blocks';
      return `blocks h${first.header.height} to h${last.header.height}`;
    }
    case 'commands':
      return `${message.batches.reduce((sum, { commands }) => sum + commands.length, 0)} commands`;
  }
}

/** A fault in a few words, and whom it strikes: one replica, or all (null). */
export function faultNote(fault: Fault): { readonly node: number | null; readonly text: string } {
  switch (fault.type) {
    case 'crash':
      return { node: fault.replica, text: `crash asked (writes ${fault.loss})` };
    case 'crashAtWrite': {
      const who = fault.everyone ? ' with everyone' : '';
      return {
        node: fault.replica,
        text: `will crash${who} at write ${fault.write} (${fault.loss}, ${fault.earlier})`,
      };
    }
    case 'crashAtFetch':
      return { node: fault.replica, text: 'all others will crash as it asks for what is on no disk' };
    case 'slow':
      return { node: fault.replica, text: `slow by ${fault.milliseconds} ms` };
    case 'clockRate':
      return { node: fault.replica, text: `clock runs ${fault.factor} times as fast` };
    case 'clockJump':
      return { node: fault.replica, text: `clock leaps ${fault.milliseconds} ms` };
    case 'cut':
    case 'join':
      return { node: null, text: `${fault.type} ${fault.from.join(',')} to ${fault.to.join(',')}` };
    case 'break':
      return { node: null, text: `connections of ${fault.a} and ${fault.b} break` };
    case 'link':
      return { node: null, text: `link from ${fault.a} to ${fault.b} ${JSON.stringify(fault.changes)}` };
    case 'cutClient':
    case 'joinClient':
      return { node: null, text: `${fault.type} ${fault.client} and ${fault.replicas.join(',')}` };
    case 'links':
      return { node: null, text: `links ${JSON.stringify(fault.changes)}` };
    case 'damage':
      return { node: fault.replica, text: `disk damaged: ${fault.damage}` };
    case 'disk':
      return { node: fault.replica, text: `disk ${JSON.stringify(fault.changes)}` };
    default:
      return { node: 'replica' in fault ? fault.replica : null, text: fault.type };
  }
}

function short(hash: string): string {
  return hash.slice(0, HASH_DIGITS);
}

function qcText({ view, block }: QuorumCertificate): string {
  return view === 0 ? 'QC genesis' : `QC v${view} ${short(block)}`;
}

function tcText(tc: TimeoutCertificate | null): string {
  return tc === null ? '' : `, TC t${tc.tenure}`;
}
