/** What a failed dial tells of the other side, where it tells more than that nobody answers. */
/** Somebody answers at a replica's address, or nobody ever can, and only a person can mend it. */
export interface DialProblem {
  /** One of a few literal names, whatever the other side does; each is worth one line of the log. */
  readonly kind: string;
  /** Goes on from the name of the replica: `shows a key that is no replica's`. */
  readonly detail: string;
  readonly mend: string;
}

/** Reasons that a replica which is down, starting, stopping or cut off gives too: no problem while others answer. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'refused',
  'connectionReset',
  'timedOut',
  'unreachable',
  'handshakeTimeout',
  'aborted',
]);

const WRONG_KEY_MEND =
  "give it the transport key that init made for it, or correct that replica's transportKey, host and port in cluster.json";

const PROBLEMS: Readonly<Record<string, Omit<DialProblem, 'kind'>>> = {
  unknownKey: { detail: "shows a transport key that is no replica's of this cluster", mend: WRONG_KEY_MEND },
  anotherReplicasKey: {
    detail: 'shows the transport key of another replica',
    mend: 'correct hosts and ports in cluster.json: another replica listens at this address',
  },
  noCertificate: { detail: 'shows no certificate with an Ed25519 key', mend: WRONG_KEY_MEND },
  sessionResumed: { detail: 'resumes a TLS session, which proves no key', mend: 'see what stands between the two' },
  refusesOurKey: {
    detail: 'refuses our transport key',
    mend: 'let both sides use the same cluster.json, and this side the key that stands in it',
  },
  hostUnknown: { detail: 'has a host name without an address', mend: "correct that replica's host in cluster.json" },
};

/** Returns what a `dialFailed` of this reason tells; null where the replica is merely not there. */
export function dialProblem(reason: string): DialProblem | null {
  if (UNREACHABLE.has(reason)) return null;
  const kind = reason === 'answered 403' ? 'refusesOurKey' : reason;
  const known = Object.hasOwn(PROBLEMS, kind) ? PROBLEMS[kind] : undefined;
  if (known !== undefined) return { kind, ...known };
  return {
    kind: 'notAReplica',
    detail: `does not answer as a replica does: ${reason}`,
    mend: 'see what listens at that port, and that both sides have the same transport in cluster.json',
  };
}
