/**
 * Messages whose certificates the pool looks at. Nothing of a message counts until its answer has come: then it is received
 * again from the start, by what is known at that moment, with its signatures known to be good. What the pool cannot do is
 * done here.
 */
import { packChecks, type VerifiedSignatures } from '../../src/crypto/heavy-tasks.js';
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { TaskResult } from '../../src/runtime/behaviour.js';
import type { CertificatesToCheck } from './certificate-verifier.js';
import type { ConsensusContext } from './context.js';
import type { CertifiedMessage } from './offloaded-checks.js';
import type { Refusal } from './peer-refusals.js';

/**
 * Gives the signatures of a message to the pool where they are many and it has room; true where it did. The message is
 * received again when the answer has come; until then nothing that it says is believed.
 */
export function checkElsewhere(
  context: ConsensusContext,
  message: CertifiedMessage,
  certificates: CertificatesToCheck,
): boolean {
  const { checks: offloaded, settings } = context;
  const from = settings.offloadSignatures ?? Number.POSITIVE_INFINITY;
  if (signaturesOf(certificates) < from || offloaded.receivingAgain || !offloaded.hasRoomFor(message)) return false;
  const checks = settings.verifier.openChecks(certificates);
  if (checks.length < from) return false;
  const id = offloaded.begin(message, checks);
  context.effects.push({ type: 'offload', task: 'verifySignatures', id, input: packChecks(checks) });
  return true;
}

function signaturesOf({ qc, tc }: CertificatesToCheck): number {
  const timeouts = tc === null ? 0 : tc.timeouts.length + tc.highQc.signatures.length;
  return (qc === null ? 0 : qc.signatures.length) + timeouts;
}

/** Receives a message as if it came now, and answers why it was not acted on, or null. */
export type Receive = (message: CertifiedMessage) => Refusal | null;

/**
 * The pool's answer: the message is received again, or its sender is excluded for this view, and then the proposals that
 * waited behind it. `settle` gets what became of each.
 */
export function checksAnswered(
  context: ConsensusContext,
  { id, result }: { readonly id: number; readonly result: TaskResult<VerifiedSignatures> },
  receive: Receive,
  settle: (from: ReplicaId, refusal: Refusal | null) => void,
): void {
  const { checks: offloaded, settings, refusals, view } = context;
  const checked = offloaded.take(id);
  if (checked === null) return;
  const { message, checks } = checked;
  const { from } = message;
  if (result.ok && result.bad.length > 0) {
    refusals.exclude(from, view);
    settle(from, message.type === 'timeoutReceived' ? 'badTimeout' : 'badCertificate');
  } else {
    offloaded.receivingAgain = true;
    // What the pool did not do is done here: no signature is taken for good that nobody has looked at.
    settle(
      from,
      settings.verifier.withGood(result.ok ? checks : [], () => receive(message)),
    );
    offloaded.receivingAgain = false;
  }
  for (let next = offloaded.takeWaiting(from); next !== null; next = offloaded.takeWaiting(from)) {
    settle(from, receive(next));
  }
}
