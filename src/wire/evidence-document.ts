/** Proofs of equivocation as JSON: what `hotstuff evidence --json` prints a line, and anybody can check. */
import { bytesToHex, hexToBytes } from '../crypto/hash.js';
import type { Equivocation } from '../protocol/evidence.js';
import { asReplicaId, asView, NUMBER_MAX } from '../protocol/numbers.js';
import { fromEquivocationBytes, toEquivocationBytes, unreadableMessage } from './evidence.js';
import type { EvidenceCluster } from './evidence-check.js';

/** The form of the document. Another is refused. */
const VERSION = 1;

/**
 * A proof of equivocation as it is exported. A message is in hex: of a vote the block's hash (32 bytes) and the signature
 * (64), of a proposal the header's length (4), the header and the signature (64).
 */
export interface EvidenceDocument {
  readonly version: typeof VERSION;
  /** 64 lower-case hex digits. */
  readonly clusterId: string;
  readonly epoch: number;
  readonly kind: Equivocation['kind'];
  readonly replica: number;
  readonly view: number;
  /** In the order in which they came, in lower-case hex digits. */
  readonly messages: readonly [string, string];
}

/** What came of reading a document; `detail` says in one line why it is none. */
export type EvidenceReading =
  | { readonly ok: true; readonly proof: Equivocation }
  | { readonly ok: false; readonly detail: string };

/** Returns the document of a proof of equivocation in the cluster. */
export function evidenceDocument(proof: Equivocation, { clusterId, epoch }: EvidenceCluster): EvidenceDocument {
  const { kind, replica, view, messages } = toEquivocationBytes(proof);
  const [first, second] = messages;
  return { version: VERSION, clusterId, epoch, kind, replica, view, messages: [bytesToHex(first), bytesToHex(second)] };
}

/**
 * Returns the proof in the text of a document, whose further fields are of no account. Whether it is valid,
 * {@link checkEquivocation} tells.
 */
export function readEvidence(text: string, cluster: EvidenceCluster): EvidenceReading {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('it is no JSON object');
  const fields = value as Readonly<Record<string, unknown>>;
  for (const [name, rule] of Object.entries(rulesOf(cluster))) {
    if (!(name in fields)) return refused(`${name} is missing`);
    if (!rule.holds(fields[name])) return refused(`${name} is ${shown(fields[name])}; it must be ${rule.says}`);
  }
  return decode(fields as unknown as EvidenceDocument, cluster);
}

function decode({ kind, replica, view, messages }: EvidenceDocument, { clusterId }: EvidenceCluster): EvidenceReading {
  const [first, second] = messages;
  const bytes = {
    kind,
    replica: asReplicaId(replica),
    view: asView(view),
    messages: [hexToBytes(first), hexToBytes(second)],
  } as const;
  const proof = fromEquivocationBytes(clusterId, bytes);
  if (proof !== null) return { ok: true, proof };
  const what = kind === 'votes' ? 'vote' : 'proposal';
  return refused(`message ${unreadableMessage(clusterId, bytes)} is no ${what}`);
}

interface Rule {
  readonly says: string;
  holds(value: unknown): boolean;
}

function rulesOf({ clusterId, epoch, replicas }: EvidenceCluster): Readonly<Record<keyof EvidenceDocument, Rule>> {
  const exactly = (wanted: string | number, whose: string): Rule => {
    return { says: `${JSON.stringify(wanted)}, ${whose}`, holds: (value) => value === wanted };
  };
  const upTo = (max: number): Rule => {
    const holds = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
    return { says: `a whole number from 0 to ${max}`, holds };
  };
  return {
    version: exactly(VERSION, 'the form that this program reads'),
    clusterId: exactly(clusterId, 'this cluster'),
    epoch: exactly(epoch, 'that of the cluster'),
    kind: { says: '"votes" or "proposals"', holds: (value) => value === 'votes' || value === 'proposals' },
    replica: upTo(replicas.length - 1),
    view: upTo(NUMBER_MAX),
    messages: {
      says: 'two messages, each pairs of lower-case hex digits',
      holds: (value) => Array.isArray(value) && value.length === 2 && value.every(isHex),
    },
  };
}

function isHex(value: unknown): boolean {
  return typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-f]*$/.test(value);
}

const SHOWN_MAX = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refused(detail: string): EvidenceReading {
  return { ok: false, detail };
}
