import type { ReplicaId } from '../../src/protocol/numbers.js';
import type { RefusalReason } from '../../src/wire/client-messages.js';
import type { Command, CommandBatch } from '../../src/wire/peer-messages.js';
import { RefusalGroups, RepeatedGroups } from './block-result.js';
import type { CommandPool } from './command-pool.js';
import type { ClientRefusal, RepeatedReplies } from './messages.js';
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
  /** What this replica has seen executed since its start: a copy of a part of the machine's own table. */
  readonly #executed: SessionTable;
  readonly #rules: IntakeRules;

  constructor(options: { id: ReplicaId; pool: CommandPool; executed: SessionTable; rules: IntakeRules }) {
    this.#id = options.id;
    this.#pool = options.pool;
    this.#executed = options.executed;
    this.#rules = options.rules;
  }

  /** Takes commands from this replica's own gateway. */
  fromClient({ client, commands }: CommandBatch, now: number): IntakeResult {
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
      const admission = refusal ?? this.#pool.admit(this.#id, client, command, now);
      if (admission !== 'accepted' && admission !== 'duplicate') {
        refused.add(client, sequence, admission);
        continue;
      }
      const pending = this.#pool.find(client, sequence) as PendingCommand;
      taken.push(pending);
      if (admission === 'accepted') arrived.push(pending);
    }
    detachFromFrame(arrived);
    return { taken, repeated: repeated.build(), refused: refused.build() };
  }

  /** Takes commands that `peer` forwarded; returns how many its space had no room for. */
  fromPeer(peer: ReplicaId, batches: readonly CommandBatch[], now: number): number {
    let turnedAway = 0;
    const arrived: PendingCommand[] = [];
    for (const { client, commands } of batches) {
      for (const command of commands) {
        if (this.#executed.recall(client, command.sequence) !== null || this.#refusal(command) !== null) continue;
        const admission = this.#pool.admit(peer, client, command, now);
        if (admission === 'poolFull') turnedAway += 1;
        if (admission === 'accepted') arrived.push(this.#pool.find(client, command.sequence) as PendingCommand);
      }
    }
    detachFromFrame(arrived);
    return turnedAway;
  }

  #refusal({ bytes }: Command): RefusalReason | null {
    if (bytes.length > this.#rules.commandBytes) return 'tooLarge';
    return this.#rules.isValid(bytes) ? null : 'invalid';
  }
}
