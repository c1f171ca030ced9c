import type { ClientId, ReplicaId } from '../../src/protocol/numbers.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { Command, CommandBatch } from '../../src/wire/peer-messages.js';
import { RefusalGroups, RepeatedGroups } from './block-result.js';
import type { Admission, CommandPool } from './command-pool.js';
import type { ClientCommands, ClientRefusal, RepeatedReplies } from './messages.js';
import { detachFromFrame, type PendingCommand } from './pending-command.js';
import { refusalOf, type SessionTable } from './session-table.js';

/** What came of a client's commands; those that stand nowhere here are in the pool. */
export interface IntakeResult {
  /** Newly accepted, or asked after again by their client: the leader is to hear of them. */
  readonly taken: readonly PendingCommand[];
  readonly repeated: readonly RepeatedReplies[];
  readonly refused: readonly ClientRefusal[];
}

/** What decides about a command before it enters the pool. */
export interface IntakeRules {
  /** Bytes of one command. */
  readonly commandBytes: number;
  readonly isValid: (command: Uint8Array) => boolean;
}

/** Lets commands into the pool: none that is too large, too old, invalid, or known to have run. */
export class Intake {
  readonly #id: ReplicaId;
  readonly #pool: CommandPool;
  /** What the machine remembers of its clients, as far as it has told: all that it held at the start, and what ran since. */
  readonly #executed: SessionTable;
  readonly #rules: IntakeRules;

  constructor(options: { id: ReplicaId; pool: CommandPool; executed: SessionTable; rules: IntakeRules }) {
    this.#id = options.id;
    this.#pool = options.pool;
    this.#executed = options.executed;
    this.#rules = options.rules;
  }

  /** Takes commands from this replica's own gateway. */
  fromClient({ batch: { client, commands }, address }: ClientCommands, now: number): IntakeResult {
    const origin = { source: this.#id, address };
    const taken: PendingCommand[] = [];
    const arrived: PendingCommand[] = [];
    const repeated = new RepeatedGroups();
    const refused = new RefusalGroups();
    for (const command of commands) {
      const { sequence } = command;
      const past = this.#executed.recall(client, sequence);
      if (past?.outcome instanceof Uint8Array) {
        repeated.add(client, { sequence, height: past.height, reply: past.outcome });
        continue;
      }
      const refusal = past === null ? this.#refusal(command) : refusalOf(past);
      if (refusal !== null) {
        refused.add(client, sequence, refusal);
        continue;
      }
      const { outcome, pending } = this.#pool.admit(origin, client, command, now);
      if (outcome === 'poolFull') {
        refused.add(client, sequence, 'poolFull');
        continue;
      }
      taken.push(pending);
      if (outcome === 'accepted') arrived.push(pending);
    }
    detachFromFrame(arrived);
    return { taken, repeated: repeated.build(), refused: refused.build() };
  }

  /** Takes commands that `peer` forwarded, and returns for how many its space had no room. */
  fromPeer(peer: ReplicaId, batches: readonly CommandBatch[], now: number): number {
    let turnedAway = 0;
    const arrived: PendingCommand[] = [];
    for (const { client, commands } of batches) {
      for (const command of commands) {
        const admission = this.#admitForwarded(peer, client, command, now);
        if (admission?.outcome === 'accepted') arrived.push(admission.pending);
        else if (admission?.outcome === 'poolFull') turnedAway += 1;
      }
    }
    detachFromFrame(arrived);
    return turnedAway;
  }

  /** Null for a command that is not for the pool. */
  #admitForwarded(peer: ReplicaId, client: ClientId, command: Command, now: number): Admission | null {
    if (this.#executed.recall(client, command.sequence) !== null || this.#refusal(command) !== null) return null;
    return this.#pool.admit({ source: peer, address: '' }, client, command, now);
  }

  #refusal({ bytes }: Command): RefusalReason | null {
    if (bytes.length > this.#rules.commandBytes) return 'tooLarge';
    return this.#rules.isValid(bytes) ? null : 'invalid';
  }
}
