/**
 * The other half of S12: where two messages of one replica for one view reach a correct replica from the liar itself, in time
 * to be looked at, that replica must come to hold the proof. It is told of messages and of what the log says is proved; that
 * the proof is then on the disk is looked at by the checker of what is kept.
 */
import type { Equivocation } from '../../protocol/evidence.js';
import type { PeerMessage } from '../../wire/peer-messages.js';
import type { Accuse } from '../violation.js';
import type { KeptProofsChecker, ToldProof } from './kept-proofs.js';

type Kind = Equivocation['kind'];

interface EvidenceOptions {
  /** Liars that send nothing but what is well formed and truly signed: others are not listened to for a while. */
  readonly culprits: ReadonlySet<number>;
  /** Who gathers the votes of a view: nobody else looks at them. */
  readonly collectorsOf: (view: number) => readonly number[];
  /** Time enough for a replica to look at a message, milliseconds. */
  readonly patienceMs: number;
  readonly kept: KeptProofsChecker;
  readonly accuse: Accuse;
}

/** What came from a liar to one replica: the first block it named in each view. */
interface Heard {
  readonly first: Map<string, string>;
  /** When proof of a kind was here first. */
  readonly due: Map<Kind, number>;
}

/** Judges whether correct replicas come to hold proofs of the contradictions that liars have sent them (S12). */
export class EvidenceChecker {
  readonly #options: EvidenceOptions;
  readonly #heard = new Map<string, Heard>();
  readonly #proved = new Set<string>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Kinds of proofs that correct replicas hold against liars, each counted once. */
  get count(): number {
    return this.#proved.size;
  }

  /** A message has reached the correct replica `to`, which is in `view` and has not left it. */
  arrived(from: number, to: { readonly id: number; readonly view: number }, message: PeerMessage, now: number): void {
    const said = this.#options.culprits.has(from) ? statementIn(message) : null;
    if (said === null || said.signer !== from || said.view < to.view) return;
    if (said.kind === 'votes' && !this.#options.collectorsOf(said.view).includes(to.id)) return;
    const heard = this.#heardBy(to.id, from);
    const seat = `${said.kind} ${said.view}`;
    const first = heard.first.get(seat) ?? said.block;
    heard.first.set(seat, first);
    if (first !== said.block && !heard.due.has(said.kind)) heard.due.set(said.kind, now);
  }

  proved(told: ToldProof): void {
    this.#proved.add(`${told.by} ${told.culprit} ${told.kind}`);
    this.#options.kept.proved(told);
  }

  /** Its life has ended: what a replica had in memory alone is gone. */
  ended(replica: number): void {
    for (const culprit of this.#options.culprits) this.#heard.delete(`${replica} ${culprit}`);
    this.#options.kept.ended(replica);
  }

  /** At the end of a run: says what a replica should know by now. */
  end(now: number): void {
    const { accuse, patienceMs, kept } = this.#options;
    kept.end(now);
    for (const [pair, { due }] of this.#heard) {
      for (const [kind, since] of due) {
        if (now - since < patienceMs || this.#proved.has(`${pair} ${kind}`)) continue;
        const [by, culprit] = pair.split(' ');
        accuse(
          'S12',
          `replica ${by} was sent contradicting ${kind} by ${culprit} at ${Math.round(since)} ms and keeps no proof`,
        );
      }
    }
  }

  #heardBy(replica: number, culprit: number): Heard {
    const key = `${replica} ${culprit}`;
    const heard = this.#heard.get(key) ?? { first: new Map(), due: new Map() };
    this.#heard.set(key, heard);
    return heard;
  }
}

function statementIn(message: PeerMessage) {
  if (message.type === 'vote') {
    const { signer, view, block } = message.vote;
    return { kind: 'votes', signer, view, block } as const;
  }
  if (message.type !== 'proposal') return null;
  const { hash, header } = message.proposal.block;
  return { kind: 'proposals', signer: header.proposer, view: header.view, block: hash } as const;
}
