/** What a log shows of a block. */
import type { Block } from '../protocol/types.js';
import type { BlockSummary } from './client-messages.js';
import { countCommands } from './command-batch.js';

/** Sums a block up; a body that holds no commands we can read counts as none. */
export function summaryOf({ hash, header, body }: Block): BlockSummary {
  const { height, view, parent, proposer } = header;
  return { height, view, hash, parent, proposer, bodyBytes: body.length, commands: countCommands(body) };
}
