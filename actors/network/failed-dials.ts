/** What the log says of peers that cannot be dialed. */
import { dialProblem } from '../dial-problems.js';
import type { NetworkContext } from './context.js';
import type { PeerLink } from './peer-link.js';

/** Hex digits of a key that tell it from others; people compare them. */
const KEY_DIGITS = 16;

/**
 * Logs a failed dial. Of a peer that is not there, only the first in a row, and quietly; of one at whose address
 * something else answers, a warning that says how to mend it, once a kind until the peer was well in between.
 */
export function logFailedDial({ cluster, log }: NetworkContext, link: PeerLink, reason: string): void {
  const { peer, problemsLogged } = link;
  const problem = dialProblem(reason);
  if (problem === null) {
    if (link.attempts === 0) log.info('dialFailed', { peer, reason });
    return;
  }
  if (problemsLogged.has(problem.kind)) return;
  problemsLogged.add(problem.kind);
  const { kind, detail, mend } = problem;
  const info = cluster.replicas[peer];
  const expectedKey = cluster.transport === 'tls' ? { expectedKey: info?.transportKey.slice(0, KEY_DIGITS) ?? '' } : {};
  const address = `${info?.host}:${info?.peerPort}`;
  log.warn('dialFailed', { peer, address, reason, problem: kind, detail, ...expectedKey, mend });
}
