/**
 * Marks: things that a run should have come to, each under a name, counted from what can be seen of a replica from
 * outside: its counters, its warnings, how its lives begin and end.
 */
import type { ConsensusCounters } from '../consensus/counters.js';
import type { GatewayCounters } from '../gateway/gateway.js';
import type { NetworkCounters, PeerCounters } from '../network/counters.js';
import type { ProposalGeneratorCounters } from '../proposal-generator/proposal-generator.js';
import type { ReplicaCounters } from './bounds.js';

type Counts = Readonly<Partial<Record<string, number>>>;

/** What the replicas of one run have come to. */
export class Marks {
  readonly #counts = new Map<string, number>();

  /** How often each mark was hit. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  hit(mark: string, times = 1): void {
    if (times > 0) this.#counts.set(mark, (this.#counts.get(mark) ?? 0) + times);
  }

  /** A replica is up again; `height`: what it had committed. */
  recovered(height: number): void {
    this.hit(height === 0 ? 'recovered at genesis' : 'recovered above genesis');
  }

  /** Adds up what the actors of a replica have counted, once its life is over or the run is. */
  lived(counters: ReplicaCounters): void {
    const { consensus, network, gateway, proposalGenerator } = counters;
    if (consensus.own !== null) this.#consensus(consensus.own as ConsensusCounters);
    if (network.own !== null) this.#network(network.own as NetworkCounters);
    if (gateway.own !== null) this.#gateway(gateway.own as GatewayCounters);
    if (proposalGenerator.own !== null) this.#generator(proposalGenerator.own as ProposalGeneratorCounters);
    for (const { lanes } of Object.values(counters)) {
      for (const { refused, heldBack } of Object.values(lanes)) {
        this.hit('mailbox refused', refused);
        this.hit('mailbox held its sender back', heldBack);
      }
    }
  }

  #consensus({ viewsEntered, signed, committed, refusals, evidence }: ConsensusCounters): void {
    this.#each('view entered by', viewsEntered);
    this.#each('signed', signed);
    this.#each('committed', committed);
    this.#each('consensus refused', refusals);
    this.#each('proof of contradicting', evidence);
  }

  #network({ peers, refusals }: NetworkCounters): void {
    this.#each('network refused', refusals);
    for (const peer of peers) this.#peer(peer);
  }

  #peer({ connected, dialsFailed, undelivered, paused, dropped }: PeerCounters): void {
    this.hit('peer connected', connected);
    this.hit('dial failed', dialsFailed);
    this.hit('message undelivered', undelivered);
    this.hit('socket paused', paused);
    this.#each('made room in lane', dropped);
  }

  #gateway({ refusals, accepted, unclaimedReplies, paused }: GatewayCounters): void {
    this.#each('gateway refused', refusals);
    this.hit('client accepted', accepted);
    this.hit('reply unclaimed', unclaimedReplies);
    this.hit('client paused', paused);
  }

  #generator({ executed, refused, turnedAway }: ProposalGeneratorCounters): void {
    this.hit('command executed', executed);
    this.hit('command refused', refused);
    this.hit('forwarded command turned away', turnedAway);
  }

  #each(what: string, counts: Counts): void {
    for (const [name, times = 0] of Object.entries(counts)) this.hit(`${what} ${name}`, times);
  }
}
