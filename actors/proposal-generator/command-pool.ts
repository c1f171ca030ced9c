import { limits } from '../../src/config/limits.js';
import { invariant } from '../../src/errors.js';
import type { ClientId, ReplicaId, Sequence } from '../../src/protocol/numbers.js';
import type { Command, CommandBatch } from '../../src/wire/peer-messages.js';
import { AcceptedCommands } from './accepted-commands.js';
import { type BatchBounds, BatchBuilder } from './batch-builder.js';
import { CommandSource } from './command-source.js';
import { type PendingCommand, type Space, sizeOf } from './pending-command.js';
import { SharedRoom } from './shared-room.js';

/** Whom a command came from: a client at an address, or a peer. */
export type CommandOrigin = Pick<PendingCommand, 'source' | 'address'>;

/** What became of a command that was offered. `poolFull`: there is no room for it. */
export type Admission =
  | { readonly outcome: 'accepted' | 'duplicate'; readonly pending: PendingCommand }
  | { readonly outcome: 'poolFull'; readonly pending: null };

const POOL_FULL = { outcome: 'poolFull', pending: null } as const;

/**
 * The commands that were accepted and are not known to be executed: those of this replica's own clients, and those that
 * peers forwarded. Each source has its own space, so that none can fill another's, and this replica's own clients share
 * theirs by address ({@link SharedRoom}); sources, their addresses and clients are served in turn. A peer fills one n-th of a body at most, so that whatever it forwards the bodies stay small beside
 * what all may fill; this replica's own clients may fill a whole one. A command is kept once, by client and sequence.
 */
export class CommandPool {
  readonly #own: ReplicaId;
  readonly #sources: readonly CommandSource[];
  readonly #pending = new Map<ClientId, Map<Sequence, PendingCommand>>();
  /** No sequence of a client that has any here is lower. */
  readonly #lowest = new Map<ClientId, number>();
  /** Those of this replica's own clients, and since when they wait. */
  readonly accepted = new AcceptedCommands();
  /** How many blocks of the branch in hand hold a command that is not here; it must not wait when it comes. */
  readonly #claimedUnseen = new Map<ClientId, Map<Sequence, number>>();
  /** With commands of this replica's own here, and the address of the first: no more than a leader lets it bring. */
  readonly #ownClients = new Map<ClientId, string>();
  readonly #ownClientRoom: SharedRoom;
  #nextSource = 0;
  #waiting = 0;

  /** `replicas`: n. Commands of source `own` have `ownSpace`, those of every other one `peerSpace`. */
  constructor(options: { own: ReplicaId; replicas: number; ownSpace: Space; ownClients: number; peerSpace: Space }) {
    this.#own = options.own;
    this.#ownClientRoom = new SharedRoom(options.ownClients, { byAddress: true });
    const share = 1 / options.replicas;
    this.#sources = Array.from({ length: options.replicas }, (_, id) =>
      id === options.own
        ? new CommandSource({ space: options.ownSpace, share: 1, byAddress: true })
        : new CommandSource({ space: options.peerSpace, share, byAddress: false }),
    );
  }

  /** How many commands stand in no block of the branch in hand. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether the waiting commands would fill a body. */
  fills(bounds: BatchBounds): boolean {
    let commands = 0;
    let bytes = 0;
    if (this.#waiting === 0) return false;
    for (const source of this.#sources) {
      const servable = source.servable(bounds);
      commands += servable.commands;
      bytes += servable.bytes;
    }
    return commands >= bounds.commands || bytes >= bounds.bytes;
  }

  /** Whether anything of this client is here, or is claimed before it came. */
  knows(client: ClientId): boolean {
    return this.#pending.has(client) || this.#claimedUnseen.has(client);
  }

  find(client: ClientId, sequence: Sequence): PendingCommand | undefined {
    return this.#pending.get(client)?.get(sequence);
  }

  /**
   * Takes a command in. What this replica heard from the client itself takes the place of what a peer said it was: an
   * unsigned command is no more trustworthy than whoever passes it on. No client has more here than its session spans.
   */
  admit({ source, address }: CommandOrigin, client: ClientId, command: Command, now: number): Admission {
    const known = this.find(client, command.sequence);
    if (known !== undefined && (source !== this.#own || known.source === source))
      return { outcome: 'duplicate', pending: known };
    if (source === this.#own && !this.#hasRoomForClient(client, address)) return POOL_FULL;
    if (!this.#sourceOf(source).hasRoomFor(address, sizeOf(command))) return POOL_FULL;
    if (known === undefined && this.#countOf(client) >= limits.sessionWindow) return POOL_FULL;
    if (known !== undefined) this.#remove(known);
    const claims = known?.claims ?? this.#takeUnseen(client, command.sequence);
    const pending = { client, command, source, address, acceptedAt: now, claims, gone: false, listed: false };
    this.#insert(pending);
    return { outcome: 'accepted', pending };
  }

  /** Takes what goes into the next body, sources and clients in turn; it is claimed until released or executed. */
  take(bounds: BatchBounds): readonly CommandBatch[] {
    const batch = new BatchBuilder(bounds);
    const take = (pending: PendingCommand): boolean => {
      if (!batch.add(pending)) return false;
      pending.claims = 1;
      this.#leaveQueue(pending);
      return true;
    };
    for (const source of this.#sources) source.beginBody(bounds);
    for (let served = 0; served < this.#sources.length; ) {
      const source = this.#sourceOf(this.#nextSource);
      if (source.isServed) served += 1;
      else if (source.serve(take)) served = 0;
      else break;
      this.#nextSource = (this.#nextSource + 1) % this.#sources.length;
    }
    return batch.build();
  }

  /** Notes that a block of the branch in hand holds these commands. */
  claim(batches: readonly CommandBatch[]): void {
    for (const { client, commands } of batches) for (const { sequence } of commands) this.#claimOne(client, sequence);
  }

  /** Undoes one {@link claim}, or what {@link take} claimed: commands that no other block holds wait again. */
  release(batches: readonly CommandBatch[]): void {
    for (const { client, commands } of batches) for (const { sequence } of commands) this.#releaseOne(client, sequence);
  }

  /** Forgets an executed command and returns it; undefined when it was not held. */
  executed(client: ClientId, sequence: Sequence): PendingCommand | undefined {
    const pending = this.find(client, sequence);
    if (pending !== undefined) this.#remove(pending);
    else this.#takeUnseen(client, sequence);
    return pending;
  }

  /** Forgets and returns those of a client whose sequence is `upTo` or lower: they will not run. */
  tooOld(client: ClientId, upTo: number): readonly PendingCommand[] {
    // A client that keeps sending is looked through once a window, not once a block.
    if ((this.#lowest.get(client) ?? Number.POSITIVE_INFINITY) > upTo) return [];
    const gone: PendingCommand[] = [];
    let lowest = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending.get(client)?.values() ?? []) {
      if (pending.command.sequence <= upTo) gone.push(pending);
      else lowest = Math.min(lowest, pending.command.sequence);
    }
    this.#lowest.set(client, lowest);
    for (const pending of gone) this.#remove(pending);
    return gone;
  }

  /** Every command here, whosever it is. */
  *all(): Iterable<PendingCommand> {
    for (const ofClient of this.#pending.values()) yield* ofClient.values();
  }

  #claimOne(client: ClientId, sequence: Sequence): void {
    const pending = this.find(client, sequence);
    if (pending === undefined) return this.#claimUnseen(client, sequence, 1);
    pending.claims += 1;
    if (pending.claims === 1) this.#leaveQueue(pending);
  }

  #releaseOne(client: ClientId, sequence: Sequence): void {
    const pending = this.find(client, sequence);
    if (pending === undefined) return this.#claimUnseen(client, sequence, this.#takeUnseen(client, sequence) - 1);
    if (pending.claims === 0) return;
    pending.claims -= 1;
    if (pending.claims === 0) this.#joinQueue(pending);
  }

  #claimUnseen(client: ClientId, sequence: Sequence, claims: number): void {
    if (claims <= 0) return;
    const ofClient = this.#claimedUnseen.get(client) ?? new Map<Sequence, number>();
    ofClient.set(sequence, (ofClient.get(sequence) ?? 0) + claims);
    this.#claimedUnseen.set(client, ofClient);
  }

  /** Forgets and returns the claims on a command that is not here. */
  #takeUnseen(client: ClientId, sequence: Sequence): number {
    const ofClient = this.#claimedUnseen.get(client);
    const claims = ofClient?.get(sequence);
    if (ofClient === undefined || claims === undefined) return 0;
    ofClient.delete(sequence);
    if (ofClient.size === 0) this.#claimedUnseen.delete(client);
    return claims;
  }

  #insert(pending: PendingCommand): void {
    let ofClient = this.#pending.get(pending.client);
    if (ofClient === undefined) {
      ofClient = new Map();
      this.#pending.set(pending.client, ofClient);
    }
    const { sequence } = pending.command;
    ofClient.set(sequence, pending);
    this.#lowest.set(pending.client, Math.min(sequence, this.#lowest.get(pending.client) ?? sequence));
    this.#sourceOf(pending.source).hold(pending);
    if (pending.source === this.#own) {
      this.accepted.add(pending);
      this.#addOwnClient(pending);
    }
    if (pending.claims === 0) this.#joinQueue(pending);
  }

  #remove(pending: PendingCommand): void {
    const ofClient = this.#pending.get(pending.client);
    invariant(ofClient !== undefined, 'a pending command is held by its client');
    ofClient.delete(pending.command.sequence);
    if (ofClient.size === 0) {
      this.#pending.delete(pending.client);
      this.#lowest.delete(pending.client);
      this.#removeOwnClient(pending.client);
    }
    this.#sourceOf(pending.source).letGo(pending);
    this.accepted.delete(pending);
    pending.gone = true;
    if (pending.claims === 0) this.#leaveQueue(pending);
  }

  #joinQueue(pending: PendingCommand): void {
    this.#waiting += 1;
    this.#sourceOf(pending.source).join(pending);
  }

  #leaveQueue(pending: PendingCommand): void {
    this.#waiting -= 1;
    this.#sourceOf(pending.source).leave(pending);
  }

  #hasRoomForClient(client: ClientId, address: string): boolean {
    return this.#ownClients.has(client) || this.#ownClientRoom.hasRoomFor(address, 1);
  }

  #addOwnClient({ client, address }: PendingCommand): void {
    if (this.#ownClients.has(client)) return;
    this.#ownClients.set(client, address);
    this.#ownClientRoom.take(address, 1);
  }

  #removeOwnClient(client: ClientId): void {
    const address = this.#ownClients.get(client);
    if (address === undefined) return;
    this.#ownClients.delete(client);
    this.#ownClientRoom.giveBack(address, 1);
  }

  #countOf(client: ClientId): number {
    return this.#pending.get(client)?.size ?? 0;
  }

  #sourceOf(id: number): CommandSource {
    const source = this.#sources[id];
    invariant(source !== undefined, 'commands come from replicas of the cluster');
    return source;
  }
}
