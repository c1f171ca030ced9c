/**
 * S12, of the store: what a replica has said is proved against another, its disk holds a while later, as a proof that convinces
 * who sees nothing else: two signed messages of one view that contradict each other. Reads the disk, not the log alone.
 */
import type { Equivocation } from '../../protocol/evidence.js';
import { asReplicaId } from '../../protocol/numbers.js';
import { evidenceAgainst } from '../../wire/store-layout.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';

type Kind = Equivocation['kind'];

interface KeptProofsOptions {
  /** The proof that a store's bytes are; null where they are none, or a signature in it does not hold. */
  readonly proofIn: (bytes: Uint8Array) => Equivocation | null;
  /** Milliseconds after which a proof must be on the disk: it rests until something else is written, or a moment. */
  readonly patienceMs: number;
  /** From when on nothing slows a replica or its disk any more; infinite where that never comes. */
  readonly quietFrom: number;
  /** Proofs that are kept against one replica: beyond, they are counted alone. */
  readonly proofsMax: number;
  readonly accuse: Accuse;
}

/** What a replica has said of another. */
export interface ToldProof {
  readonly by: number;
  readonly culprit: number;
  readonly kind: Kind;
  readonly disk: SimulatedDisk;
  readonly at: number;
}

/** Judges at the end of a run whether the proofs that replicas have told of stand on their disks. */
export class KeptProofsChecker {
  readonly #options: KeptProofsOptions;
  #told: ToldProof[] = [];

  constructor(options: KeptProofsOptions) {
    this.#options = options;
  }

  /** A correct replica has said that it holds its first proof of a kind against another. */
  proved(told: ToldProof): void {
    this.#told.push(told);
  }

  /** Its life has ended, perhaps before a proof was written: it may find another, and say so again. */
  ended(replica: number): void {
    this.#told = this.#told.filter(({ by }) => by !== replica);
  }

  /** At the end of a run. */
  end(now: number): void {
    const { patienceMs, quietFrom } = this.#options;
    for (const told of this.#told) if (now - Math.max(told.at, quietFrom) > patienceMs) this.#judge(told);
  }

  #judge({ by, culprit, kind, disk }: ToldProof): void {
    const { accuse, proofIn, proofsMax } = this.#options;
    const { from, to } = evidenceAgainst(asReplicaId(culprit));
    const stored = [...disk.entries.range(from, to)].map(([, bytes]) => proofIn(bytes.slice()));
    const against = `replica ${by} has told that it holds a proof of two ${kind} against ${culprit}`;
    if (stored.length < proofsMax && !stored.some((proof) => proof?.kind === kind))
      accuse('S12', `${against}, and on its disk is none`);
    for (const proof of stored) {
      if (proof?.replica !== culprit || !contradicts(proof))
        accuse('S12', `${against}, and one on its disk proves nothing`);
    }
  }
}

function contradicts(proof: Equivocation): boolean {
  const { view, replica } = proof;
  if (proof.kind === 'votes') {
    const [first, second] = proof.messages;
    return (
      first.block !== second.block && proof.messages.every((vote) => vote.view === view && vote.signer === replica)
    );
  }
  const [first, second] = proof.messages;
  return (
    first.hash !== second.hash &&
    proof.messages.every(({ header }) => header.view === view && header.proposer === replica)
  );
}
