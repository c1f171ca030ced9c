/**
 * S6: a certificate that a correct replica has accepted is one, and so is a Timeout. What it has accepted shows in what it says, since it hands on no
 * certificate that it has not taken for good, and in the records on its disk. Counts signers and checks signatures itself.
 */
import { equalBytes } from '../../crypto/hash.js';
import type { QuorumCertificate, SafetyRecord, TimeoutCertificate, TimeoutStatement } from '../../protocol/types.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';
import { recordsOn } from './disk-records.js';
import { certificatesIn } from './seen-certificates.js';
import type { SeenVotes } from './seen-votes.js';

interface AcceptedCertificatesOptions {
  readonly replicas: number;
  readonly votes: SeenVotes;
  /** Whether the signature is the signer's, over that tenure and view. */
  readonly isTimeout: (statement: TimeoutStatement) => boolean;
  readonly accuse: Accuse;
}

/** Judges every certificate that a correct replica sends, or has in a record on its disk, each once. */
export class AcceptedCertificatesChecker {
  readonly #options: AcceptedCertificatesOptions;
  readonly #quorum: number;
  #last: PeerMessage | null = null;
  readonly #judged = new WeakSet<SafetyRecord>();
  readonly #versions = new Map<number, number>();
  /** Signatures that were found good, by statement and signer. */
  readonly #timeouts = new Map<string, Uint8Array>();

  constructor(options: AcceptedCertificatesOptions) {
    this.#options = options;
    this.#quorum = options.replicas - Math.floor((options.replicas - 1) / 3);
  }

  /** A message leaves a correct replica, whose disk this is. */
  sent(replica: number, disk: SimulatedDisk, message: PeerMessage): void {
    if (message !== this.#last) {
      this.#last = message;
      const { qcs, tcs } = certificatesIn(message);
      const where = `replica ${replica} sent a ${message.type} with`;
      for (const qc of qcs) this.#judgeQc(where, qc);
      for (const tc of tcs) this.#judgeTc(where, tc);
      if (message.type === 'timeout') this.#judgeTimeout(where, message.timeout);
    }
    if (this.#versions.get(replica) === disk.version) return;
    this.#versions.set(replica, disk.version);
    for (const record of recordsOn(disk)) {
      if (this.#judged.has(record)) continue;
      this.#judged.add(record);
      const where = `replica ${replica} has on its disk`;
      this.#judgeQc(where, record.highQc);
      if (record.entry?.kind === 'qc') this.#judgeQc(where, record.entry.qc);
      else if (record.entry?.kind === 'tc') this.#judgeTc(where, record.entry.tc);
    }
  }

  /** Genesis is certified by nobody, in view 0. */
  #judgeQc(where: string, qc: QuorumCertificate): void {
    if (qc.view === 0) return;
    const valid = this.#options.votes.validSigners(qc);
    if (valid < this.#quorum) this.#tooFew(`${where} a certificate of view ${qc.view}`, valid);
  }

  /** That of another it hands on when it has taken it for good. */
  #judgeTimeout(where: string, timeout: TimeoutStatement): void {
    if (this.#isTimeout(timeout)) return;
    const { signer, tenure } = timeout;
    this.#options.accuse('S6', `${where} a signature of replica ${signer} for tenure ${tenure} that does not hold`);
  }

  #judgeTc(where: string, { tenure, timeouts, highQc }: TimeoutCertificate): void {
    const what = `${where} a timeout certificate of tenure ${tenure}`;
    const valid = timeouts.filter((timeout) => timeout.tenure >= tenure && this.#isTimeout(timeout));
    const members = new Set(valid.map(({ signer }) => signer)).size;
    if (members < this.#quorum) this.#tooFew(what, members);
    this.#judgeQc(where, highQc);
    const named = Math.max(0, ...timeouts.map(({ highQcView }) => highQcView));
    if (highQc.view >= named) return;
    this.#options.accuse('S6', `${what} that names view ${named}, and comes with a certificate of view ${highQc.view}`);
  }

  #tooFew(what: string, valid: number): void {
    this.#options.accuse('S6', `${what}, and ${valid} of ${this.#quorum} signers are valid`);
  }

  #isTimeout(statement: TimeoutStatement): boolean {
    const { signer, tenure, highQcView, signature } = statement;
    if (!(signer >= 0 && signer < this.#options.replicas)) return false;
    const key = `${tenure} ${highQcView} ${signer}`;
    const known = this.#timeouts.get(key);
    if (known !== undefined && equalBytes(known, signature)) return true;
    if (!this.#options.isTimeout(statement)) return false;
    this.#timeouts.set(key, signature);
    return true;
  }
}
