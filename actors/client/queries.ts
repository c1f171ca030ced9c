/** Questions to replicas that are not commands: their status, blocks of their log, and their proofs of equivocation. */
import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { ClientAnswer, ClientRequest, ReplicaStatus } from '../../src/wire/client-messages.js';
import type { Links } from './links.js';
import type { ClientEffect, ClientMessage, StatusAnswer } from './messages.js';

interface StatusQuery {
  readonly kind: 'status';
  readonly ticket: number;
  readonly asked: Set<ReplicaId>;
  readonly answers: Map<ReplicaId, ReplicaStatus>;
}

/** What one replica is asked. */
interface SingleQuery {
  readonly kind: 'log' | 'evidence';
  readonly ticket: number;
  readonly replica: ReplicaId;
  readonly request: ClientRequest;
  asked: boolean;
}

type StatusAsked = Extract<ClientMessage, { type: 'statusAsked' }>;
type LogAsked = Extract<ClientMessage, { type: 'logAsked' }>;
type EvidenceAsked = Extract<ClientMessage, { type: 'evidenceAsked' }>;

const expiryTimer = (ticket: number): string => `query ${ticket}`;

/** The ticket of a question is its token on the wire too. */
export class Queries {
  readonly #links: Links;
  readonly #replicas: readonly ReplicaId[];
  readonly #open = new Map<number, StatusQuery | SingleQuery>();

  constructor(links: Links, replicas: readonly ReplicaId[]) {
    this.#links = links;
    this.#replicas = replicas;
  }

  askStatus({ ticket, withinMs }: StatusAsked, out: ClientEffect[]): void {
    this.#open.set(ticket, { kind: 'status', ticket, asked: new Set(), answers: new Map() });
    this.#watch(ticket, withinMs, out);
  }

  askLog({ ticket, replica, fromHeight, maxBlocks, withinMs }: LogAsked, out: ClientEffect[]): void {
    const request = { type: 'log', token: ticket, fromHeight, maxBlocks } as const;
    this.#open.set(ticket, { kind: 'log', ticket, replica, request, asked: false });
    this.#watch(ticket, withinMs, out);
  }

  askEvidence({ ticket, replica, accused, withinMs }: EvidenceAsked, out: ClientEffect[]): void {
    const request = { type: 'evidence', token: ticket, accused } as const;
    this.#open.set(ticket, { kind: 'evidence', ticket, replica, request, asked: false });
    this.#watch(ticket, withinMs, out);
  }

  /** Asks replicas that have become reachable, and settles what can no longer be answered. Call after any change. */
  linksChanged(out: ClientEffect[]): void {
    for (const query of this.#open.values()) {
      if (query.kind === 'status') this.#advanceStatus(query, out);
      else this.#advanceSingle(query, out);
    }
  }

  /** A connection is gone, and every answer that was to come by it. */
  connectionLost(replica: ReplicaId, out: ClientEffect[]): void {
    for (const query of this.#open.values()) {
      if (query.kind !== 'status' && query.replica === replica && query.asked) this.#reject(query, out);
    }
    this.linksChanged(out);
  }

  /** Takes an answer; one that nobody asked this replica for is ignored. */
  answered(
    from: ReplicaId,
    answer: Extract<ClientAnswer, { type: 'status' | 'log' | 'evidence' }>,
    out: ClientEffect[],
  ): void {
    const query = this.#open.get(answer.token);
    if (answer.type === 'status' && query?.kind === 'status') {
      if (!query.asked.has(from)) return;
      query.answers.set(from, { ...answer.status, id: from });
      this.#advanceStatus(query, out);
    } else if (answer.type === 'log' && query?.kind === 'log' && query.replica === from) {
      this.#close(query.ticket, out);
      const { blocks, committedHeight } = answer;
      out.push({ type: 'answerLog', ticket: query.ticket, blocks, committedHeight });
    } else if (answer.type === 'evidence' && query?.kind === 'evidence' && query.replica === from) {
      this.#close(query.ticket, out);
      // Copies: the application may keep them.
      const proofs = answer.proofs.map((proof) => proof.slice());
      out.push({ type: 'answerEvidence', ticket: query.ticket, proofs });
    }
  }

  expired(ticket: number, out: ClientEffect[]): void {
    const query = this.#open.get(ticket);
    if (query === undefined) return;
    if (query.kind === 'status') this.#answerStatus(query, out);
    else this.#reject(query, out);
  }

  /** No question is answered any more. */
  stop(out: ClientEffect[]): void {
    for (const query of this.#open.values()) {
      if (query.kind === 'status') this.#answerStatus(query, out);
      else this.#reject(query, out);
    }
  }

  #watch(ticket: number, withinMs: number, out: ClientEffect[]): void {
    const message = { type: 'queryExpired', ticket } as const;
    out.push({ type: 'startTimer', timer: expiryTimer(ticket), delayMs: withinMs, message });
    this.linksChanged(out);
  }

  #advanceStatus(query: StatusQuery, out: ClientEffect[]): void {
    let undecided = false;
    for (const replica of this.#replicas) {
      if (query.answers.has(replica)) continue;
      const phase = this.#links.phaseOf(replica);
      if (phase !== 'backoff') undecided = true;
      if (phase === 'ready' && !query.asked.has(replica)) {
        query.asked.add(replica);
        this.#links.send(replica, { type: 'status', token: query.ticket }, out);
      }
    }
    if (!undecided) this.#answerStatus(query, out);
  }

  #advanceSingle(query: SingleQuery, out: ClientEffect[]): void {
    const phase = this.#links.phaseOf(query.replica);
    if (phase === 'backoff') this.#reject(query, out);
    if (phase !== 'ready' || query.asked) return;
    query.asked = true;
    this.#links.send(query.replica, query.request, out);
  }

  #answerStatus(query: StatusQuery, out: ClientEffect[]): void {
    this.#close(query.ticket, out);
    const replicas = this.#replicas.map((id): StatusAnswer => {
      const status = query.answers.get(id);
      return status === undefined ? { reachable: false, id, ...this.#problem(id) } : { reachable: true, ...status };
    });
    out.push({ type: 'answerStatus', ticket: query.ticket, replicas });
  }

  #reject({ kind, ticket, replica }: SingleQuery, out: ClientEffect[]): void {
    this.#close(ticket, out);
    const type = kind === 'log' ? 'rejectLog' : 'rejectEvidence';
    out.push({ type, ticket, replica, ...this.#problem(replica) });
  }

  #problem(replica: ReplicaId): { readonly problem?: string } {
    const problem = this.#links.problemOf(replica);
    return problem === null ? {} : { problem };
  }

  #close(ticket: number, out: ClientEffect[]): void {
    this.#open.delete(ticket);
    out.push({ type: 'cancelTimer', timer: expiryTimer(ticket) });
  }
}
