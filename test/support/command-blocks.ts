/** Commands and blocks for tests of the proposal generator and the command executor. */
import { sha256Hex } from '../../src/crypto/hash.js';
import {
  asBlockHash,
  asClientId,
  asHeight,
  asReplicaId,
  asSequence,
  asView,
  type BlockHash,
  type ClientId,
} from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import { decodeBody, encodeBody } from '../../src/wire/command-batch.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';

export const GENESIS = asBlockHash('0'.repeat(64));

/** A client's id from a small number. */
export function clientOf(index: number): ClientId {
  return asClientId(index.toString(16).padStart(32, '0'));
}

/** Commands of one client whose bytes are the text of their sequence unless given. */
export function batchOf(client: number, sequences: readonly number[], text?: string): CommandBatch {
  const commands = sequences.map((sequence) => ({
    sequence: asSequence(sequence),
    bytes: new TextEncoder().encode(text ?? String(sequence)),
  }));
  return { client: clientOf(client), commands };
}

export interface BlockOptions {
  readonly height: number;
  readonly view?: number;
  readonly parent?: BlockHash;
  readonly proposer?: number;
  readonly batches?: readonly CommandBatch[];
  readonly body?: Uint8Array;
}

/** A block with a hash of its own; nothing about it is signed. */
export function blockOf({
  height,
  view = height,
  parent = GENESIS,
  proposer = 0,
  batches = [],
  body,
}: BlockOptions): Block {
  const bytes = body ?? encodeBody(batches);
  const hash = asBlockHash(sha256Hex(new TextEncoder().encode(`${height} ${view} ${parent} ${sha256Hex(bytes)}`)));
  const justify = { view: asView(view - 1), block: parent, signatures: [] };
  const header = { height: asHeight(height), view: asView(view), parent, justify, proposer: asReplicaId(proposer) };
  return { hash, header: { ...header, bodyHash: sha256Hex(bytes) }, body: bytes };
}

/** `client:sequence` of each command in a body, in order. */
export function commandsIn(body: Uint8Array): readonly string[] {
  return namesOf(decodeBody(body) ?? []);
}

/** `client:sequence` of each command, in order. */
export function namesOf(batches: readonly CommandBatch[]): readonly string[] {
  return batches.flatMap(({ client, commands }) =>
    commands.map(({ sequence }) => `${Number.parseInt(client, 16)}:${sequence}`),
  );
}

/** The numbers `first` .. `last`. */
export function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
