import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import type { ProposalGeneratorEffect } from '../roles.js';
import type { CommandCounters, CommandIntake } from './body-maker.js';
import type { ClientCommands } from './messages.js';

/** Refuses every command: a speculative machine builds its blocks itself. */
export class RefusedCommands implements CommandIntake {
  readonly #emit: (effect: ProposalGeneratorEffect) => void;
  #refused = 0;
  #turnedAway = 0;

  constructor(emit: (effect: ProposalGeneratorEffect) => void) {
    this.#emit = emit;
  }

  counters(): CommandCounters {
    return { executed: 0, refused: this.#refused, turnedAway: this.#turnedAway, oldest: null, waiting: 0 };
  }

  fromClient({ batch }: ClientCommands): void {
    this.#refuse(batch, 'invalid');
  }

  refuseAll(batch: CommandBatch): void {
    this.#refuse(batch, 'stopping');
  }

  /** No correct peer of a speculative cluster forwards any. */
  fromPeer(_peer: ReplicaId, batches: readonly CommandBatch[]): void {
    for (const { commands } of batches) this.#turnedAway += commands.length;
  }

  recovered(): void {
    // Its machine remembers no clients.
  }

  peerConnected(): void {
    // Nothing was sent to it that may have been lost.
  }

  forward(): void {
    // None is kept, so that none is ever due.
  }

  #refuse({ client, commands }: CommandBatch, reason: 'invalid' | 'stopping'): void {
    this.#refused += commands.length;
    const sequences = commands.map(({ sequence }) => sequence);
    this.#emit({ type: 'send', to: 'gateway', message: { type: 'commandsRefused', client, sequences, reason } });
  }
}
