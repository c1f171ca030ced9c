import type { Message } from '../../src/runtime/behaviour.js';
import type { Lane, OverflowPolicy } from '../../src/runtime/lane.js';
import type { MailboxOptions } from '../../src/runtime/mailbox.js';

/** Mailbox options whose three lanes are alike; all messages go to `protocol` unless `laneOf` says otherwise. */
export function mailboxOf<Own extends Message>(
  capacity: number,
  overflow: OverflowPolicy = 'refuse',
  laneOf: (message: Own) => Lane = () => 'protocol',
): MailboxOptions<Own> {
  const lane = { capacity, overflow };
  return { lanes: { control: lane, protocol: lane, bulk: lane }, laneOf };
}
