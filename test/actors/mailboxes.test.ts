import test from 'ava';
import { mailboxFor } from '../../actors/mailboxes.js';
import { Mailbox } from '../../src/runtime/mailbox.js';

function networkMailbox() {
  return new Mailbox(mailboxFor('network', 4), () => undefined);
}

const transmitted = { type: 'transmitted', connection: 1, bytes: 65_536 } as const;
const frame = { type: 'frameReceived', connection: 2, frame: Uint8Array.of(1) } as const;

test('network hands on what was read before it sends more of a body', (t) => {
  const mailbox = networkMailbox();
  for (const message of [transmitted, transmitted, frame]) mailbox.offer(message, 0, null);
  t.deepEqual(
    [0, 1, 2].map((now) => mailbox.take(now)?.type),
    ['frameReceived', 'transmitted', 'transmitted'],
  );
});

test('peers that send without end do not keep network from sending', (t) => {
  const mailbox = networkMailbox();
  mailbox.offer(transmitted, 0, null);
  let frames = 0;
  do {
    mailbox.offer(frame, 0, null);
    frames += 1;
  } while (mailbox.take(0)?.type === 'frameReceived' && frames < 1000);
  t.true(frames < 100, `${frames} frames`);
});
