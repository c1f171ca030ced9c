/**
 * What a store holds, judged before anything is signed (DESIGN section 6). LevelDB opens without an error, and with
 * less in it, when its files are damaged; therefore a store that contradicts itself is refused here.
 */
import type { Equivocation } from '../../src/protocol/evidence.js';
import type { Block, SafetyRecord } from '../../src/protocol/types.js';
import { genesisBlock } from '../../src/wire/block.js';
import { decodeSafetyCopy, type SafetyCopy } from '../../src/wire/safety-copy.js';
import {
  type BlockPlace,
  decodeCount,
  decodeMachine,
  decodeMeta,
  MACHINE_KEY,
  META_KEY,
  RECORD_KEY,
  STORE_SCHEMA,
  type StoreIdentity,
  WRITTEN_KEY,
} from '../../src/wire/store-layout.js';
import type { StoreContents } from './messages.js';
import { copiesProblem, mark, type RecordCopies, readableCopies, sealed, slotToWrite } from './record-copies.js';
import { type BlockBounds, recoverBlocks, withinBounds } from './recovered-blocks.js';
import { recoverEvidence } from './recovered-evidence.js';
import { recoverRecord } from './recovered-record.js';
import { refuse, type StoreProblem } from './store-problem.js';

/** Who opens the store, and how much it can hold. */
export interface StoreOwner extends StoreIdentity, BlockBounds {
  /** The name of its state machine; null for one without a name. */
  readonly machine: string | null;
}

/** A store as storage goes on with it. */
export interface RecoveredContents {
  readonly record: SafetyRecord | null;
  readonly committed: Block;
  readonly uncommitted: readonly Block[];
  /** Proofs of equivocation, by replica and view. */
  readonly evidence: readonly Equivocation[];
  /** Keys of proofs that cannot be read. */
  readonly unreadable: readonly string[];
  /** Blocks on the disk that can never be committed, or for which there is no room. */
  readonly stale: readonly BlockPlace[];
  /** The number of the last batch. */
  readonly batch: number;
  /** The slot that may be overwritten: not the one with the newest copy. */
  readonly nextSlot: 0 | 1;
  /** Whether the three copies of the record are alike, and of the last batch. */
  readonly sealed: boolean;
  /** What a crash or damage has left in the copies of the record, and storage repairs; null for nothing. */
  readonly mark: string | null;
  /** Whether the store names its machine. */
  readonly machineKnown: boolean;
}

type Recovery =
  | { readonly ok: true; readonly contents: RecoveredContents }
  | { readonly ok: false; readonly problem: StoreProblem };

/** Decides whether the replica `owner` may go on with what the disk holds, and with what exactly. */
export function recover(owner: StoreOwner, contents: StoreContents): Recovery {
  const entries = new Map(contents.entries.map((entry) => [entry.key, entry.value]));
  const machine = decodeMachine(entries.get(MACHINE_KEY));
  const foreign = ownerProblem(owner, entries.get(META_KEY)) ?? machineProblem(owner.machine, machine);
  if (foreign !== null) return { ok: false, problem: foreign };

  const written = decodeCount(entries.get(WRITTEN_KEY) ?? new Uint8Array(0));
  if (written === null) return refuse('STORE_DAMAGED', 'The database does not say how many batches were written');

  const [first, second] = contents.slots;
  const copies: RecordCopies = {
    written,
    database: readCopy(entries.get(RECORD_KEY)),
    slots: [readCopy(first), readCopy(second)],
  };
  const problem = strangersProblem(owner, copies) ?? copiesProblem(copies);
  if (problem !== null) return { ok: false, problem };

  const blocks = recoverBlocks(genesisBlock(owner.clusterId), owner.clusterId, entries);
  if (!blocks.ok) return blocks;
  const record = recoverRecord(copies, blocks.blocks);
  if (!record.ok) return record;
  return {
    ok: true,
    contents: {
      ...withinBounds(blocks.blocks, record.record?.highQc.block ?? null, owner),
      ...recoverEvidence(owner.clusterId, contents.entries),
      record: record.record,
      batch: written,
      nextSlot: slotToWrite(copies),
      sealed: sealed(copies),
      mark: mark(copies),
      machineKnown: machine !== null,
    },
  };
}

function readCopy(bytes: Uint8Array | null | undefined): SafetyCopy | null {
  return bytes == null ? null : decodeSafetyCopy(bytes);
}

function ownerProblem(identity: StoreIdentity, bytes: Uint8Array | undefined): StoreProblem | null {
  const meta = bytes === undefined ? null : decodeMeta(bytes);
  if (meta === null) return refuse('STORE_DAMAGED', 'The database does not say whose it is').problem;
  if (meta.schema !== STORE_SCHEMA) {
    const detail = `The store has schema ${meta.schema}, this program reads ${STORE_SCHEMA}. Use the program that wrote it.`;
    return { code: 'STORE_SCHEMA_UNKNOWN', detail };
  }
  return identityProblem(identity, meta, 'database');
}

/** A machine replays the commands of another into some other state, or stops at the first: neither is what was asked. */
function machineProblem(own: string | null, found: string | null): StoreProblem | null {
  if (found === null || found === own) return null;
  const other = own === null ? 'one without a name' : JSON.stringify(own);
  const detail = `The store is of the machine ${JSON.stringify(found)}, and this is ${other}. Start the replica with its machine, or name another data directory.`;
  return { code: 'STORE_OF_ANOTHER_MACHINE', detail };
}

function identityProblem(own: StoreIdentity, found: StoreIdentity, where: string): StoreProblem | null {
  if (found.clusterId !== own.clusterId) {
    const detail = `The ${where} belongs to cluster ${found.clusterId}, not to ${own.clusterId}. Name another data directory.`;
    return { code: 'STORE_OF_ANOTHER_CLUSTER', detail };
  }
  if (found.replica !== own.replica) {
    const detail = `The ${where} belongs to replica ${found.replica}, not to ${own.replica}. Name another data directory.`;
    return { code: 'STORE_OF_ANOTHER_REPLICA', detail };
  }
  return null;
}

function strangersProblem(own: StoreIdentity, copies: RecordCopies): StoreProblem | null {
  for (const copy of readableCopies(copies)) {
    const problem = identityProblem(own, copy.identity, 'safety record');
    if (problem !== null) return problem;
  }
  return null;
}
