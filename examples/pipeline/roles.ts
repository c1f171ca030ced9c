/** Who is there, what they say to each other, and how much may wait for each. */
import type { MailboxOptions, Message } from 'hotstuff/runtime';

/** Reads texts, as fast as they find a place further on. */
export type ReaderMessage =
  | { readonly type: 'readingWanted' }
  | { readonly type: 'batchRead'; readonly texts: readonly string[]; readonly last: boolean };

/** Takes its time for each text. */
export type DigesterMessage = { readonly type: 'text'; readonly index: number; readonly text: string } | Ended;

/** Counts what comes out. */
export type TallyMessage =
  | { readonly type: 'digested'; readonly index: number; readonly digest: string }
  | { readonly type: 'reportDue' }
  | Ended;

/** Comes after the last text. */
export interface Ended {
  readonly type: 'ended';
  readonly texts: number;
}

export type PipelineRoles = {
  readonly reader: ReaderMessage;
  readonly digester: DigesterMessage;
  readonly tally: TallyMessage;
};

/** In the order in which stop() closes their ports: from the source on. */
export const roles: readonly (keyof PipelineRoles)[] = ['reader', 'digester', 'tally'];

/** Messages that may wait for an actor. Who has one more for it waits, with all that it has to do after that. */
export const WAITING_MAX = 64;

const lane = { capacity: WAITING_MAX, overflow: 'holdBack' } as const;

/** For each of the three: the work goes into the bulk lane, and a report does not wait behind it. */
export const mailbox: MailboxOptions<Message> = {
  lanes: { control: lane, protocol: lane, bulk: lane },
  laneOf: ({ type }) => (type === 'reportDue' ? 'control' : 'bulk'),
};
